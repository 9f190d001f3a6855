#!/bin/sh
# The npm package: OUT/ with the WebAssembly modules, fovea.js, fovea.d.ts, package.json.
#
#     sh packages/web/build.sh OUT     (clang, lld, wasi-libc and clang-19; CLANG and RELAXED_CLANG name others)
#
# Modules of the same sources: fovea-engine.wasm runs models, fovea.wasm also converts Keras files and decodes photos.
# Both once more as -relaxed, with multiplications and additions in one step, for browsers with relaxed SIMD (clang 16 and
# later write it), and fovea-portable.wasm for browsers without SIMD. They ask nothing of their surroundings: no imports.
set -eu
cd "$(dirname "$0")/../.."
out=$1
clang=${CLANG:-clang}
relaxed_clang=${RELAXED_CLANG:-clang-19}
mkdir -p "$out/objects"
version=$(sh packages/version.sh)

engine="$(ls kernels/*.c weights/*.c engine/*.c) packages/binding/handle.c packages/binding/describe.c"
rest="$(ls engine/hosted/*.c convert/*.c convert/*/*.c | grep -v threads) cli/choices.c packages/binding/photo.c
    packages/binding/convert.c packages/web/libc.c"

# Speed where pixels and numbers pass, size everywhere else.
optimise() { # SOURCE
    case $1 in
    kernels/wasm.c | engine/resize_*.c) echo -O3 ;;
    kernels/ref.c) if [ "$name" = fovea-portable ]; then echo -O3; else echo -Oz; fi ;;
    engine/op_*.c | engine/hosted/jpeg_[erp]*.c) echo -Os ;;
    *) echo -Oz ;;
    esac
}

# module NAME COMPILER FLAGS SOURCES...
module() {
    name=$1
    compiler=$2
    flags=$3
    shift 3
    objects=
    for source in "$@"; do
        object=$out/objects/$name-$(echo "$source" | tr / _).o
        objects="$objects $object"
        echo "-c $source -o $object $(optimise "$source")"
    done >"$out/objects/$name.list"
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -L 1 $compiler --target=wasm32-wasi -std=c11 -ffp-contract=off \
        -fvisibility=hidden -mbulk-memory $flags -D_POSIX_C_SOURCE=200809L -DFOVEA_BINDING_THREADS=0 -I. \
        <"$out/objects/$name.list"
    $clang --target=wasm32-wasi -mexec-model=reactor $objects -Wl,--export-dynamic -Wl,--export=malloc \
        -Wl,--export=free -Wl,--gc-sections -Wl,-s -Wl,-z,stack-size=262144 -Wl,--stack-first -lm -o "$out/$name.wasm"
}
module fovea-engine "$clang" -msimd128 $engine packages/web/libc.c
module fovea "$clang" -msimd128 $engine $rest
module fovea-engine-relaxed "$relaxed_clang" '-msimd128 -mrelaxed-simd' $engine packages/web/libc.c
module fovea-relaxed "$relaxed_clang" '-msimd128 -mrelaxed-simd' $engine $rest
module fovea-portable "$clang" '' $engine $rest
cp packages/web/fovea.d.ts packages/web/README.md LICENSE "$out"
sed "s/@version@/$version/" packages/web/fovea.js >"$out/fovea.js"
sed "s/@version@/$version/" packages/web/package.json >"$out/package.json"
for name in fovea-engine fovea-engine-relaxed fovea fovea-relaxed fovea-portable; do
    echo "$name.wasm: $(wc -c <"$out/$name.wasm") bytes, gzip $(gzip -9c "$out/$name.wasm" | wc -c) bytes"
done
rm -rf "$out/objects"
