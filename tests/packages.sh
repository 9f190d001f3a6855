#!/bin/sh
# fovea through other people's build systems: make install and pkg-config, CMake both ways, a shared
# library for Android; and, as far as it goes without them, ESP-IDF, Zephyr, PlatformIO, Arduino, Swift.
#
#     sh tests/packages.sh BUILD     (a build with the command made)
set -u
cd "$(dirname "$0")/.."
build=$1
rm -rf "$build/packages"
mkdir -p "$build/packages"
out=$(cd "$build/packages" && pwd)
tree=$(pwd)

log=$out/log
. tests/step.sh
answers() { "$1" "$out/patterns.fovea" weights/demo/starburst.jpg | grep -q '^starburst '; }

step 'the demo model' "$build/fovea" convert weights/demo/patterns.h5 -o "$out/patterns.fovea" \
    --labels weights/demo/labels.txt --preprocess keras-01 --resize pil-bicubic

step 'make install' make -f packages/dist.mk install BUILD="$build" DESTDIR="$out/made" PREFIX=/usr
export PKG_CONFIG_LIBDIR="$out/made/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$out/made"
with_pkg_config() {
    cc tests/vendor/main.c $(pkg-config --cflags --libs fovea) -o "$out/by_pkg_config"
}
step 'pkg-config' with_pkg_config
loaded() { (export LD_LIBRARY_PATH="$out/made/usr/lib" && answers "$out/by_pkg_config"); } # no folder of the loader's
step 'its answer' loaded
step 'its version' [ "fovea $(pkg-config --modversion fovea)" = "$("$build/fovea" --version | head -n 1)" ]
step 'the installed command' "$out/made/usr/bin/fovea" --version
unset PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR

for shared in OFF ON; do
    step "cmake, shared $shared" cmake -S . -B "$out/cmake$shared" -DBUILD_SHARED_LIBS=$shared \
        -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$out/prefix$shared"
    step 'cmake --build' cmake --build "$out/cmake$shared" -j2
    step 'cmake --install' cmake --install "$out/cmake$shared"
    step 'find_package' cmake -S tests/vendor -B "$out/found$shared" -DCMAKE_PREFIX_PATH="$out/prefix$shared"
    step 'find_package, build' cmake --build "$out/found$shared"
    step 'its answer' answers "$out/found$shared/classify"
done
# The engine is optimised, whatever is built around it.
optimised() { # folder, options of CMake...
    where=$out/$1
    shift
    cmake -S . -B "$where" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "$@" &&
        ! grep '"command"' "$where/compile_commands.json" | grep -qv -- '-O[23s]'
}
step 'cmake, optimised by itself' optimised plain
step 'cmake, optimised in Debug' optimised debug -DCMAKE_BUILD_TYPE=Debug
step 'add_subdirectory' cmake -S tests/vendor -B "$out/inside" -DFOVEA_SOURCE="$tree"
step 'add_subdirectory, build' cmake --build "$out/inside" -j2
step 'its answer' answers "$out/inside/classify"
step 'freestanding' cmake -S . -B "$out/free" -DFOVEA_HOSTED=OFF
step 'freestanding, build' cmake --build "$out/free" -j2

# Android: its package, with clang and lld for Android but no NDK, and so without what needs a libc; the same with
# a libc, GNU's.
pages() { # FILE: every segment may be loaded at a multiple of 16 KB
    readelf -lW "$1" | awk '$1 == "LOAD" {n++; if ($NF != "0x4000") bad = 1} END {exit bad || !n}'
}
android() { # NAME, COMPILER, WHAT CMAKE IS TOLD...
    target=$1
    cc=$2
    shift 2
    step "Android, $target" cmake -S packages/android -B "$out/android-$target" -DANDROID=1 -DCMAKE_SYSTEM_NAME=Linux \
        -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Release "$@"
    step "Android, $target, build" cmake --build "$out/android-$target" -j2
    step "Android, $target, pages" pages "$out/android-$target/fovea/libfovea.so"
}
for triple in aarch64-linux-android24 armv7a-linux-androideabi24 x86_64-linux-android24; do
    android $triple clang -DFOVEA_HOSTED=OFF -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
        -DCMAKE_C_FLAGS="--target=$triple -nostdlibinc -ffreestanding -DFOVEA_OWN_MEMORY" \
        -DCMAKE_SHARED_LINKER_FLAGS="--target=$triple -fuse-ld=lld -nostdlib"
done
android gnu aarch64-linux-gnu-gcc

# Boards: as much of their build systems as a package needs, with their compilers' families.
board() { # NAME, COMPILER, FLAGS, WHAT CMAKE IS TOLD...
    system=$1
    cc=$2
    flags=$3
    shift 3
    step "$system" cmake -S "tests/vendor/$system" -B "$out/$system" -DFOVEA_SOURCE="$tree" -DCMAKE_SYSTEM_NAME=Generic \
        -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$flags -Os -ffreestanding -Wall -Wextra -Werror" \
        -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY "$@"
    step "$system, build" cmake --build "$out/$system" -j2
}
step 'operators' "$build/fovea" convert "$out/patterns.fovea" --emit ops -o "$out/ops.def"
board esp riscv64-unknown-elf-gcc '-march=rv32imc -mabi=ilp32'
board zephyr arm-none-eabi-gcc '-mthumb -mcpu=cortex-m33'
board zephyr arm-none-eabi-gcc '-mthumb -mcpu=cortex-m33' -DCONFIG_FOVEA_OPS_FILE="$out/ops.def"

platformio() {
    node tests/vendor/platformio.mjs . >"$out/platformio" || return 1
    [ "$(wc -l <"$out/platformio")" -gt 20 ] || return 1
    for file in $(sed 1d "$out/platformio"); do
        case $file in *photo* | *threads*) return 1 ;; esac
        arm-none-eabi-gcc -mthumb -mcpu=cortex-m4 -Os -ffreestanding -Wall $(sed 1q "$out/platformio") -c "$file" \
            -o "$out/one.o" || return 1
    done
}
step 'PlatformIO' platformio

# What the README says of boards, word for word but for the places.
readme() {
    sed -n '/^## On a board/,/^## What/s/^    //p' README.md |
        sed "s|model\.keras|weights/demo/patterns.h5|; s|photo\.jpg|weights/demo/parallel.jpg|; s|build/fovea|$build/fovea|
             s|make amalgamate|& DIST=$out/dist|; s|dist/|$out/dist/|g" >"$out/readme.sh" &&
        [ "$(wc -l <"$out/readme.sh")" -gt 5 ] && sh -e "$out/readme.sh" && [ -s "$out/dist/fovea.o" ] &&
        cc -I"$out/dist" tests/vendor/flash.c "$out/dist/fovea.c" -o "$out/flash" && "$out/flash"
}
step "the README's board" readme

step 'Arduino' make -s arduino BUILD="$build" DIST="$out/dist"
library=$out/dist/arduino
step 'Arduino, for a board' arm-none-eabi-gcc -mthumb -mcpu=cortex-m0plus -Os -std=gnu11 -ffreestanding -Wall -Werror \
    -c "$library/src/fovea.c" -o "$out/one.o"
sketch() {
    cc -c "$library/src/fovea.c" -o "$out/fovea.o" &&
        c++ -std=gnu++11 -Wall -Wextra -I"$library/src" -I"$library/examples/selftest" -include tests/vendor/Arduino.h \
            -x c++ "$library/examples/selftest/selftest.ino" -x none "$out/fovea.o" -o "$out/sketch" &&
        "$out/sketch" | grep '^pass, '
}
step 'Arduino, its sketch' sketch

version=$(sh packages/version.sh)
step 'versions' sh -c "grep -q '\"version\": \"$version\"' library.json && grep -q 'version: \"$version\"' idf_component.yml &&
    grep -q '^version=$version\$' packages/arduino/library.properties && grep -qx 'version: $version' CITATION.cff &&
    grep -q '^## $version ' CHANGELOG.md && grep -q 'find_package(fovea ${version%.*} ' tests/vendor/CMakeLists.txt"
step 'Package.swift, what it leaves out' [ -d "$(sed -n 's/.*exclude: \["\([a-z/]*\)"\].*/\1/p' Package.swift)" ]
echo '@import CFovea; unsigned version(void) { return fovea_version(); }' >"$out/module.m"
step 'modulemap' clang -x objective-c -fmodules -fmodules-cache-path="$out/modules" -fsyntax-only \
    -fmodule-map-file=packages/swift/module.modulemap "$out/module.m"

# "Compile every .c": the folders, without any flag but the include path.
folders() {
    for file in kernels/*.c weights/*.c engine/*.c; do cc -I. -c "$file" -o "$out/one.o" || return 1; done
}
step 'the folders, without flags' folders

counted
