#!/bin/sh
# The npm package: OUT/ with the WebAssembly modules, fovea.js, fovea.d.ts, package.json.
#
#     sh packages/web/build.sh OUT     (clang, lld and wasi-libc; CLANG names another clang)
#
# Three modules of the same sources: fovea-engine.wasm runs models, fovea.wasm also converts Keras files and decodes
# photos, fovea-portable.wasm is that for browsers without SIMD. They ask nothing of their surroundings: no imports.
set -eu
cd "$(dirname "$0")/../.."
out=$1
clang=${CLANG:-clang}
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

# module NAME FLAGS SOURCES...
module() {
    name=$1
    flags=$2
    shift 2
    objects=
    for source in "$@"; do
        object=$out/objects/$name-$(echo "$source" | tr / _).o
        objects="$objects $object"
        echo "-c $source -o $object $(optimise "$source")"
    done >"$out/objects/$name.list"
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -L 1 $clang --target=wasm32-wasi -std=c11 -ffp-contract=off \
        -fvisibility=hidden -mbulk-memory $flags -D_POSIX_C_SOURCE=200809L -DFOVEA_BINDING_THREADS=0 -I. \
        <"$out/objects/$name.list"
    $clang --target=wasm32-wasi -mexec-model=reactor $objects -Wl,--export-dynamic -Wl,--export=malloc \
        -Wl,--export=free -Wl,--gc-sections -Wl,-s -Wl,-z,stack-size=262144 -Wl,--stack-first -lm -o "$out/$name.wasm"
}
module fovea-engine -msimd128 $engine packages/web/libc.c
module fovea -msimd128 $engine $rest
module fovea-portable '' $engine $rest
cp packages/web/fovea.d.ts packages/web/README.md LICENSE "$out"
sed "s/@version@/$version/" packages/web/fovea.js >"$out/fovea.js"
sed "s/@version@/$version/" packages/web/package.json >"$out/package.json"
for name in fovea-engine fovea fovea-portable; do
    echo "$name.wasm: $(wc -c <"$out/$name.wasm") bytes, gzip $(gzip -9c "$out/$name.wasm" | wc -c) bytes"
done
rm -rf "$out/objects"
