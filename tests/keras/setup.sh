#!/bin/sh
# Keras 3, TensorFlow and the Keras 2 line, of the versions in requirements.txt, into a folder of their own.
#
#     sh tests/keras/setup.sh FOLDER
set -u
venv=${1:?the folder to install into}
list=$(dirname "$0")/requirements.txt
cmp -s "$list" "$venv/requirements.txt" && exit 0
rm -rf "$venv"
if ! python3 -m venv "$venv" >/dev/null 2>&1; then
    echo "setup: python3 with venv is needed for Keras (on Debian: apt-get install python3-venv)"
    exit 1
fi
echo "setup: installing Keras into $venv"
if "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$list" >"$venv/install.log" 2>&1; then
    cp "$list" "$venv/requirements.txt"
    exit 0
fi
echo "setup: could not install Keras (log: $venv/install.log)"
exit 1
