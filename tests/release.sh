#!/bin/sh
# All that a version ships is made, and each part is installed and used from an empty folder.
#
#     sh tests/release.sh BUILD     (a build with the command made)
set -u
cd "$(dirname "$0")/.."
build=$1
tree=$(pwd)
rm -rf "$build/release"
mkdir -p "$build/release/dist"
out=$(cd "$build/release" && pwd)
dist=$out/dist
version=$(sh packages/version.sh)

log=$out/log
. tests/step.sh
try() { # name, command...: in a new folder
    name=$1
    shift
    rm -rf "$out/empty"
    mkdir "$out/empty"
    step "$name" inside "$@"
}
inside() { (cd "$out/empty" && "$@"); }
model=$out/patterns.fovea
convert() {
    "$1" convert "$tree/weights/demo/patterns.h5" -o "$model" --labels "$tree/weights/demo/labels.txt" \
        --preprocess keras-01 --resize pil-bicubic
}
answers() { "$@" "$model" "$tree/weights/demo/starburst.jpg" | grep -q '^starburst '; }

# What is shipped is what is committed; its address is a file of this machine, for the recipes to be tried.
made() {
    make -C "$tree" -s release BUILD="$build" DIST="$out/made" HOMEPAGE=https://example.org/fovea \
        SOURCE="file://$dist/fovea-$version.tar.gz" && mv "$out"/made/release/* "$dist"
}
try 'make release' made
cat "$log"
try 'its sums' sh -c "cd '$dist' && sha256sum -c --quiet SHA256SUMS"
try 'the demo model' convert "$tree/$build/fovea"

again() { git -C "$tree" archive --prefix="fovea-$version/" HEAD | gzip -9n | cmp - "$dist/fovea-$version.tar.gz"; }
try 'the sources, the same bytes again' again

tarball() {
    tar xf "$dist/fovea-$version.tar.gz" && cd "fovea-$version" && make -s -j2 && make -s demo BUILD=build >demo &&
        grep -q '7 of 7' demo
}
try 'the sources: make demo' tarball
amalgamation() {
    tar xf "$dist/fovea-$version-amalgamation.tar.gz" && cd fovea-*-amalgamation &&
        cc -O2 -I. "$tree/tests/vendor/main.c" fovea.c fovea_photo.c -lm -o classify && answers ./classify
}
try 'the amalgamation' amalgamation

binaries() { # what was unpacked here has a command, a shared library of a stated name, a static one
    PKG_CONFIG_LIBDIR=$PWD/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$PWD
    export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
    [ "$(usr/bin/fovea --version | sed -n '1s/^fovea \([0-9.]*\).*/\1/p')" = "$version" ] && convert usr/bin/fovea &&
        cc "$tree/tests/vendor/main.c" $(pkg-config --cflags --libs fovea) -o by_shared &&
        readelf -d by_shared | grep -qF "[libfovea.so.${version%.*}]" &&
        LD_LIBRARY_PATH=usr/lib answers ./by_shared &&
        cc "$tree/tests/vendor/main.c" -Iusr/include usr/lib/libfovea.a -lm -pthread -o by_static && answers ./by_static &&
        ! nm -D --defined-only usr/lib/libfovea.so | awk '{print $3}' | grep -v '^fovea_'
}
unpacked() { mkdir usr && tar xf "$dist/fovea-$version-$(uname -sm | tr 'A-Z ' 'a-z-').tar.gz" -C usr && binaries; }
try 'libraries and command' unpacked
debian() { for deb in "$dist"/*.deb; do dpkg-deb -x "$deb" . || return 1; done; binaries; }
try 'Debian packages' debian
depends() { # dpkg's own view of them, in a root of their own
    mkdir -p root/var/lib/dpkg/updates root/var/lib/dpkg/info && : >root/var/lib/dpkg/status
    for deb in "$dist"/*.deb; do
        dpkg --root="$PWD/root" --force-not-root --force-depends --force-script-chrootless --unpack "$deb" || return 1
    done
    [ "$(grep -c '^Package: ' root/var/lib/dpkg/status)" = 3 ]
}
try 'Debian packages, by dpkg' depends

wheel() { # FILE
    python3 -m venv venv && venv/bin/pip install -q --no-index "$1" &&
        venv/bin/python -c "import fovea; print(fovea.load('$model').classify('$tree/weights/demo/starburst.jpg'))" |
        grep -q starburst
}
try 'the wheel' wheel "$dist/fovea-$version-"py3*.whl
sdist() { python3 -m venv venv && cp "$dist/fovea-python-$version.tar.gz" "fovea-$version.tar.gz" &&
    venv/bin/pip wheel -q --no-index --no-deps -w new "fovea-$version.tar.gz" && wheel new/*.whl; }
try 'the source distribution' sdist
if [ -e "$dist/fovea-npm-$version.tgz" ]; then
    npm_package() { npm install --silent --offline --no-audit --no-fund "$dist/fovea-npm-$version.tgz" &&
        cp "$tree/tests/web/node.test.mjs" . && node node.test.mjs fovea "$tree"; }
    try 'the npm package' npm_package
else
    echo 'NOT run: the npm package (npm, clang, lld)'
fi
arduino() {
    python3 -m zipfile -e "$dist/fovea-$version-arduino.zip" . && cd fovea && cc -c src/fovea.c -o fovea.o &&
        c++ -std=gnu++11 -Isrc -Iexamples/selftest -include "$tree/tests/vendor/Arduino.h" -x c++ \
            examples/selftest/selftest.ino -x none fovea.o -o sketch && ./sketch | grep '^pass, ' &&
        grep -q '^url=https://' library.properties && grep -q '^fovea_run.KEYWORD2$' keywords.txt && [ -s LICENSE ]
}
try 'the Arduino library' arduino

# Other package managers: those that the registries have build it by its recipe; of the others the recipe is read.
[ -x "$build/tools/bin/conan" ] || { python3 -m venv "$build/tools" &&
    PIP_DISABLE_PIP_VERSION_CHECK=1 "$build/tools/bin/pip" install -q -r tests/vendor/requirements.txt; } || failed=$((failed + 1))
PATH=$(cd "$build/tools/bin" && pwd):$PATH
conan_recipe() {
    CONAN_HOME=$PWD/home
    export CONAN_HOME
    conan profile detect && cp "$dist/recipes/conanfile.py" . && conan create . &&
        conan install --requires="fovea/$version" -g CMakeDeps -of deps &&
        cmake -S "$tree/tests/vendor" -B user -DCMAKE_PREFIX_PATH="$PWD/deps" -DCMAKE_BUILD_TYPE=Release &&
        cmake --build user && answers user/classify
}
try 'Conan' conan_recipe
meson_wrap() {
    mkdir -p subprojects && cp "$dist/recipes/fovea.wrap" subprojects && cp "$tree/tests/vendor/main.c" . &&
        printf '%s\n' "project('user', 'c', default_options: ['c_std=gnu11'])" \
            "executable('classify', 'main.c', dependencies: dependency('fovea'))" >meson.build &&
        meson setup out && meson compile -C out && answers out/classify
}
try 'Meson wrap' meson_wrap
vcpkg_port() { # the port's own steps, with vcpkg's functions as they are documented
    python3 -m json.tool "$dist/recipes/vcpkg.json" && mkdir p b && cmake -DPORT="$dist/recipes/portfile.cmake" \
        -DCURRENT_PACKAGES_DIR="$PWD/p" -DBUILD="$PWD/b" -P "$tree/tests/vendor/vcpkg.cmake" &&
        cmake -S "$tree/tests/vendor" -B user -DCMAKE_PREFIX_PATH="$PWD/p" && cmake --build user && answers user/classify &&
        [ -s p/share/fovea/copyright ]
}
try 'vcpkg, its steps' vcpkg_port
command_by_cmake() {
    cmake -S "$tree" -B out -DFOVEA_COMMAND=ON -DBUILD_SHARED_LIBS=ON -DCMAKE_INSTALL_PREFIX="$PWD/usr" &&
        cmake --build out -j2 && cmake --install out && convert usr/bin/fovea && cmake --build out --target uninstall &&
        [ -z "$(find usr -type f)" ]
}
try 'Homebrew and Nix: the command by CMake' command_by_cmake
uninstalled() {
    make -C "$tree" -s install uninstall BUILD="$build" DESTDIR="$PWD" PREFIX=/usr && [ -z "$(find . ! -type d)" ]
}
try 'make uninstall' uninstalled
echo 'NOT run: brew and nix themselves'

counted
