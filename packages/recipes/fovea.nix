{ lib, stdenv, fetchurl, cmake }:

stdenv.mkDerivation {
  pname = "fovea";
  version = "@version@";
  src = fetchurl {
    url = "@source@";
    sha256 = "@sha256@";
  };
  nativeBuildInputs = [ cmake ];
  cmakeFlags = [ "-DFOVEA_COMMAND=ON" ];
  meta = {
    description = "Runs trained Keras CNNs in plain C, with nothing underneath";
    homepage = "@homepage@";
    license = lib.licenses.mit;
    platforms = lib.platforms.unix;
  };
}
