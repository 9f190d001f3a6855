#!/bin/sh
# All that a version ships, in OUT, with SHA256SUMS; the recipes of other package managers in OUT/recipes, filled with
# these sums. What a tool for is missing is named, and left out.
#
#     sh packages/release.sh BUILD OUT [HOMEPAGE]     (a build with the command made)
#
# HOMEPAGE is where the project is to be found; without it, where this repository was cloned from. SOURCE names the
# address of the tarball, if it is not HOMEPAGE/releases/download/vVERSION/fovea-VERSION.tar.gz.
set -eu
cd "$(dirname "$0")/.."
build=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
homepage=${3:-$(git config --get remote.origin.url || true)}
homepage=${homepage%.git}
version=$(sh packages/version.sh)
name=fovea-$version
rm -rf "${out:?}"/*
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
have() { command -v "$1" >/dev/null 2>&1; }
left() { echo "release: no $1: $2"; }

# The sources: what is committed. The same bytes wherever they are made.
git archive --format=tar --prefix="$name/" HEAD | gzip -9n >"$out/$name.tar.gz"
stamp=$(git log -1 --format=%ct)
packed() { # FOLDER WHAT FILE: reproducible
    tar -C "$1" --sort=name --mtime="@$stamp" --owner=0 --group=0 --numeric-owner -cf - "$2" | gzip -9n >"$3"
}

sh packages/amalgamate.sh "$work/$name-amalgamation"
cp LICENSE "$work/$name-amalgamation"
packed "$work" "$name-amalgamation" "$out/$name-amalgamation.tar.gz"

# Libraries and command of this machine.
machine=$(uname -sm | tr 'A-Z ' 'a-z-')
make -s install BUILD="$build" DESTDIR="$work/made" PREFIX=/usr
packed "$work/made/usr" . "$out/$name-$machine.tar.gz"

# deb PACKAGE SECTION DEPENDS DESCRIPTION FILES...: files of the installation
deb() {
    package=$1
    root=$work/deb-$package
    mkdir -p "$root/DEBIAN" "$root/usr/share/doc/$package"
    cp LICENSE "$root/usr/share/doc/$package/copyright"
    gzip -9nc CHANGELOG.md >"$root/usr/share/doc/$package/changelog.gz"
    sed -e "s/@package@/$package/; s/@section@/$2/; s/@depends@/$3/; s/@description@/$4/" \
        -e "s/@version@/$version/; s/@architecture@/$(dpkg --print-architecture)/" \
        -e "s|@homepage@|$homepage|" packages/debian/control.in | grep -v ': $' >"$root/DEBIAN/control"
    shift 4
    for file in "$@"; do
        mkdir -p "$root/$(dirname "$file")"
        cp -P "$work/made/$file" "$root/$file"
    done
    case $package in libfovea[0-9]*) echo 'activate-noawait ldconfig' >"$root/DEBIAN/triggers" ;; esac
    SOURCE_DATE_EPOCH=$stamp dpkg-deb -Zxz --root-owner-group --build "$root" "$out" >/dev/null
}
inside() { (cd "$work/made" && find $* ! -type d); } # patterns
if have dpkg-deb; then
    # The newest version of glibc that anything asks for.
    libc=$(cd "$work/made" && readelf --dyn-syms -W usr/bin/fovea usr/lib/libfovea.so.* | grep -o 'GLIBC_[0-9.]*' |
        sort -uV | tail -n 1 | sed 's/GLIBC_//')
    abi=${version%.*}
    deb fovea utils "libc6 (>= $libc)" 'command' $(inside usr/bin)
    deb "libfovea$abi" libs "libc6 (>= $libc)" 'shared library' $(inside 'usr/lib/libfovea.so.*')
    deb libfovea-dev libdevel "libfovea$abi (= $version)" 'headers and static library' \
        $(inside usr/include usr/lib/pkgconfig usr/lib/libfovea.a usr/lib/libfovea.so)
else
    left 'Debian packages' 'dpkg-deb is not here'
fi

if have python3 && python3 -m pip --version >/dev/null 2>&1; then
    make -s wheel DIST="$out"
    (cd packages/python && python3 -c "import build_wheel; build_wheel.build_sdist('$work')")
    cp "$work/$name.tar.gz" "$out/fovea-python-$version.tar.gz"
else
    left 'Python packages' 'python3 with pip is not here'
fi

if have npm && have wasm-ld && have clang-19; then
    sh packages/web/build.sh "$work/web" >/dev/null
    (cd "$out" && npm pack --silent "$work/web" >/dev/null && mv "$name.tgz" "fovea-npm-$version.tgz")
else
    left 'npm package' 'npm, clang-19 and lld are not here'
fi

if [ -n "${ANDROID_NDK_HOME:-}" ]; then
    sh packages/android/aar.sh "$work/android" >/dev/null
    cp "$work/android/fovea-$version.aar" "$out"
else
    left AAR 'ANDROID_NDK_HOME names no NDK'
fi

make -s arduino BUILD="$build" DIST="$work/dist" HOMEPAGE="$homepage" >/dev/null
(cd "$work/dist" && mv arduino fovea && python3 -m zipfile -c "$out/$name-arduino.zip" fovea)

# Recipes: with the sums of the sources.
if [ -n "$homepage" ]; then
    source=${SOURCE:-$homepage/releases/download/v$version/$name.tar.gz}
    sum() { "$1sum" "$out/$name.tar.gz" | cut -d ' ' -f 1; }
    mkdir -p "$out/recipes"
    for recipe in packages/recipes/*; do
        sed -e "s|@homepage@|$homepage|; s|@source@|$source|; s|@version@|$version|g" \
            -e "s|@sha256@|$(sum sha256)|; s|@sha512@|$(sum sha512)|" "$recipe" >"$out/recipes/$(basename "$recipe")"
    done
else
    left recipes 'HOMEPAGE= says where the sources will be'
fi
(cd "$out" && find . -type f | sed 's|^\./||' | sort | xargs sha256sum >"$work/sums" && mv "$work/sums" SHA256SUMS)
(cd "$out" && ls -l $(sed 's/^[^ ]*  //' SHA256SUMS) | awk '{printf "%10d  %s\n", $5, $9}')
