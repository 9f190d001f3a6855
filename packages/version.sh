#!/bin/sh
# The version, which stands in include/fovea.h alone.
#
#     sh packages/version.sh           prints it
#     sh packages/version.sh write     writes it into the descriptions that other build systems read
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^#define FOVEA_VERSION_[MP].* \([0-9]*\)$/\1/p' include/fovea.h | paste -sd. -)
[ "${1:-}" = write ] || { echo "$version"; exit 0; }
put() { # FILE, what sed does
    sed "$2" "$1" >"$1.new"
    mv "$1.new" "$1"
}
put library.json "s/^\( *\"version\": \)\".*\"/\1\"$version\"/"
put idf_component.yml "s/^version: .*/version: \"$version\"/"
put packages/arduino/library.properties "s/^version=.*/version=$version/"
put CITATION.cff "s/^version: .*/version: $version/"
