#!/bin/sh
# Times the built-in networks in WebAssembly under Node, without and with relaxed SIMD:
#
#     bench/wasm.sh [build directory]     (clang, lld, wasi-libc, clang-19, node; WEIGHTS, ROUNDS, MS: wasm.mjs)
#
# Least time in ms of each network; the modules take turns.
set -eu
cd "$(dirname "$0")/.."
out=${1:-build}/wasm
sources="$(ls kernels/*.c weights/*.c engine/*.c convert/graph/*.c convert/job/*.c convert/quantize/*.c convert/files/*.c)
    cli/arch.c packages/web/libc.c bench/wasm.c"
mkdir -p "$out"

module() { # NAME COMPILER FLAGS
    mkdir -p "$out/$1"
    for source in $sources; do
        echo "$source -o $out/$1/$(echo "$source" | tr / _).o"
    done | xargs -P "$(getconf _NPROCESSORS_ONLN)" -L 1 "$2" -c --target=wasm32-wasi -std=c11 -O3 -ffp-contract=off \
        -mbulk-memory -D_POSIX_C_SOURCE=200809L -I. $3
    clang --target=wasm32-wasi -mexec-model=reactor "$out/$1"/*.o -Wl,--gc-sections -Wl,-s \
        -Wl,-z,stack-size=262144 -Wl,--stack-first -lm -o "$out/$1.wasm"
}
module wasm clang -msimd128
module wasm-relaxed clang-19 '-msimd128 -mrelaxed-simd'
first=
if chrt -f 1 true 2>/dev/null; then first='chrt -f 1'; fi
$first node bench/wasm.mjs "$out/wasm.wasm" "$out/wasm-relaxed.wasm"
