#!/bin/sh
# fovea through other people's build systems: make install and pkg-config, CMake both ways, a shared
# library for Android; and, as far as it goes without them, ESP-IDF, Zephyr, PlatformIO, Swift.
#
#     sh tests/packages.sh BUILD     (a build with the command made)
set -u
cd "$(dirname "$0")/.."
build=$1
rm -rf "$build/packages"
mkdir -p "$build/packages"
out=$(cd "$build/packages" && pwd)
tree=$(pwd)
passed=0
failed=0

step() { # name, command...
    name=$1
    shift
    if "$@" >"$out/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        tail -n 12 "$out/log"
    fi
}
answers() { "$1" "$out/patterns.fovea" weights/demo/starburst.jpg | grep -q '^starburst '; }

step 'the demo model' "$build/fovea" convert weights/demo/patterns.h5 -o "$out/patterns.fovea" \
    --labels weights/demo/labels.txt --preprocess keras-01 --resize pil-bicubic

step 'make install' make -f dist.mk install BUILD="$build" DESTDIR="$out/made" PREFIX=/usr
export PKG_CONFIG_LIBDIR="$out/made/usr/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$out/made"
with_pkg_config() {
    cc tests/vendor/main.c $(pkg-config --cflags --libs fovea) -o "$out/by_pkg_config"
}
step 'pkg-config' with_pkg_config
step 'its answer' answers "$out/by_pkg_config"
step 'its version' [ "fovea $(pkg-config --modversion fovea)" = "$("$build/fovea" --version)" ]
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
step 'add_subdirectory' cmake -S tests/vendor -B "$out/inside" -DFOVEA_SOURCE="$tree"
step 'add_subdirectory, build' cmake --build "$out/inside" -j2
step 'its answer' answers "$out/inside/classify"
step 'freestanding' cmake -S . -B "$out/free" -DFOVEA_HOSTED=OFF
step 'freestanding, build' cmake --build "$out/free" -j2

# Android: the same compiler family, the same linker, no NDK.
step 'two files' sh tests/amalgamate.sh "$out/dist"
for target in aarch64-linux-android24 armv7a-linux-androideabi24 x86_64-linux-android24; do
    step "$target" clang --target=$target -nostdlibinc -ffreestanding -O2 -fPIC -nostdlib -shared -fuse-ld=lld \
        -DFOVEA_OWN_MEMORY -Wl,-z,max-page-size=16384 "$out/dist/fovea.c" -o "$out/libfovea-$target.so"
    pages() { readelf -lW "$1" | awk '$1 == "LOAD" {n++; if ($NF != "0x4000") bad = 1} END {exit bad || !n}'; }
    step "$target, pages" pages "$out/libfovea-$target.so"
done

# The others' descriptions: what they name exists, and their versions are the library's.
cat >"$out/esp.cmake" <<'END'
set(ESP_PLATFORM 1)
function(idf_component_register)
    cmake_parse_arguments(C "" "" "SRCS;INCLUDE_DIRS;PRIV_INCLUDE_DIRS" ${ARGN})
    foreach(file ${C_SRCS} ${C_INCLUDE_DIRS}/fovea.h)
        if(NOT EXISTS ${file})
            message(FATAL_ERROR "${file} is not there")
        endif()
        if(file MATCHES "photo|threads")
            message(FATAL_ERROR "${file} needs an operating system")
        endif()
    endforeach()
endfunction()
include(CMakeLists.txt)
END
step 'ESP-IDF' cmake -P "$out/esp.cmake"
cat >"$out/zephyr.cmake" <<'END'
set(CONFIG_FOVEA 1)
set(CONFIG_FOVEA_OPS_FILE "/ops.def")
function(zephyr_library_named name)
endfunction()
function(zephyr_library_sources)
    list(LENGTH ARGN count)
    if(count LESS 20)
        message(FATAL_ERROR "only ${count} sources")
    endif()
endfunction()
function(zephyr_library_include_directories)
endfunction()
function(zephyr_library_compile_options)
endfunction()
function(zephyr_library_compile_definitions)
endfunction()
function(zephyr_include_directories)
endfunction()
include(zephyr/CMakeLists.txt)
END
step 'Zephyr' cmake -P "$out/zephyr.cmake"
version=$("$build/fovea" --version | sed 's/fovea //')
step 'versions' sh -c "grep -q '\"version\": \"$version\"' library.json && grep -q 'version: \"$version\"' idf_component.yml"
if command -v node >/dev/null; then step 'library.json' node -e 'JSON.parse(require("fs").readFileSync("library.json"))'; fi
for file in $(sed -n 's/.*"\(engine\/[a-z_]*\(\.c\)*\)".*/\1/p' Package.swift | tr -d ','); do step "Package.swift, $file" [ -e "$file" ]; done
echo '@import CFovea; unsigned version(void) { return fovea_version(); }' >"$out/module.m"
step 'modulemap' clang -x objective-c -fmodules -fmodules-cache-path="$out/modules" -fsyntax-only \
    -fmodule-map-file=packages/swift/module.modulemap "$out/module.m"

# "Compile every .c": the folders, without any flag but the include path.
folders() {
    for file in kernels/*.c weights/*.c engine/*.c; do cc -I. -c "$file" -o "$out/one.o" || return 1; done
}
step 'the folders, without flags' folders

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
