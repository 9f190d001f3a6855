# placeholder while the house is being raised
