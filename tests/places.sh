#!/bin/sh
# Keras' answers on other machines: the golden models, converted and run there (or, where there are no
# files, run on what was converted here).
#
#     sh tests/places.sh BUILD     (a build with the command made)
set -u
cd "$(dirname "$0")/.."
build=$1
out=$build/places
passed=0
failed=0
mkdir -p "$out"

# count NAME COMMAND...: the last line of the command's output is "N passed, M failed"
count() {
    name=$1
    shift
    "$@" >"$out/log" 2>&1
    code=$?
    line=$(tr -d '\r' <"$out/log" | grep -E '^[0-9]+ passed, [0-9]+ failed$' | tail -n 1)
    good=${line%% *}
    bad=$(echo "$line" | sed 's/.*, \([0-9]*\) failed/\1/')
    if [ -z "$line" ] || { [ $code -ne 0 ] && [ "$bad" -eq 0 ]; }; then
        good=0
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    printf '%-5s%-34s %s\n' "$([ "$bad" -eq 0 ] && echo ok || echo FAIL)" "$name" "${line:-does not run}"
    if [ "$bad" -ne 0 ]; then head -n 8 "$out/log"; fi
}
# place NAME COMPILER FLAGS PROGRAMS: builds them in a directory of their own
place() {
    at=$out/$1
    programs=$(for p in $4; do echo "$at/tests/$p"; done)
    rm -f $programs
    make -s -j2 BUILD="$at" CC="$2" CFLAGS="-O2 -static $3" EXTRA= $programs >"$out/make.log" 2>&1 || tail -n 5 "$out/make.log"
}
golden='tests/golden tests/refusals.txt'

place arm64 aarch64-linux-gnu-gcc '' conformance
for cpu in cortex-a53 cortex-a76 max; do
    count "AArch64, $cpu" qemu-aarch64-static -cpu $cpu "$out/arm64/tests/conformance" $golden
done
place arm32 arm-linux-gnueabihf-gcc '-march=armv7-a -mfpu=neon' conformance
for cpu in cortex-a9 cortex-a15; do
    count "ARMv7 with NEON, $cpu" qemu-arm-static -cpu $cpu "$out/arm32/tests/conformance" $golden
done
place vfpv4 arm-linux-gnueabihf-gcc '-march=armv7-a+vfpv4-d16' 'conformance kernels/check'
count 'ARMv7 without NEON, cortex-a7' qemu-arm-static -cpu cortex-a7 "$out/vfpv4/tests/conformance" $golden
count '  its kernels, bit for bit' qemu-arm-static -cpu cortex-a7 "$out/vfpv4/tests/kernels/check" 40
place arm6 arm-linux-gnueabi-gcc '-march=armv6 -marm' conformance
count 'ARMv6 in software, arm1176' qemu-arm-static -cpu arm1176 "$out/arm6/tests/conformance" $golden
place riscv64 riscv64-linux-gnu-gcc '' 'conformance kernels/check'
count 'RISC-V, rv64gc' qemu-riscv64-static "$out/riscv64/tests/conformance" $golden
count '  its kernels, bit for bit' qemu-riscv64-static "$out/riscv64/tests/kernels/check" 40
place s390x s390x-linux-gnu-gcc '' conformance
count 's390x, big-endian' qemu-s390x-static "$out/s390x/tests/conformance" $golden
place x86 gcc '' conformance
for cpu in core2duo Nehalem Haswell; do
    count "x86-64, $cpu" qemu-x86_64-static -cpu $cpu "$out/x86/tests/conformance" $golden
done
count '  AVX2 alone does not convert halves' qemu-x86_64-static -cpu Haswell,-f16c \
    "$out/x86/tests/conformance" --weights f16 $golden

# Windows: the command and its tests, in Wine where there is one.
windows() {
    make -s -j2 BUILD="$out/windows" CC=x86_64-w64-mingw32-gcc CFLAGS='-O2 -Werror' EXTRA= "$out/windows/fovea" \
        "$out/windows/tests/conformance"
}
wine=/usr/lib/wine/wine64
if ! windows >"$out/make.log" 2>&1; then
    echo 'FAIL Windows does not build'
    tail -n 5 "$out/make.log"
    failed=$((failed + 1))
elif [ -x $wine ]; then
    export WINEPREFIX="$(cd "$out" && pwd)/wine" WINEDEBUG=-all
    # One server for all commands: one that ends between two of them may reset the next one's connection.
    mkdir -p "$WINEPREFIX"
    /usr/lib/wine/wineserver -p
    trap '/usr/lib/wine/wineserver -k' EXIT
    trap 'exit 1' HUP INT TERM
    count 'Windows, the golden models' timeout 600 $wine "$out/windows/tests/conformance.exe" $golden
    mkdir -p "$out/windows/bin"
    printf '#!/bin/sh\nexec %s "%s" "$@"\n' $wine "$(cd "$out" && pwd)/windows/fovea.exe" >"$out/windows/bin/fovea"
    chmod +x "$out/windows/bin/fovea"
    count 'Windows, the command' timeout 900 sh tests/cli.sh "$out/windows/bin"
else
    echo 'NOT run: Windows, for want of Wine; the command builds'
fi

# WebAssembly: the kernels against the reference; the two files, SIMD and portable kernels, on models with an input and an
# answer of their own.
kernels() {
    mkdir -p "$out/kernels"
    for source in $(ls tests/kernels/check*.c | grep -v pages) tests/kernels/ref_fused.c tests/wasm/pages.c kernels/*.c; do
        echo "$source -o $out/kernels/$(basename "$source").o"
    done | xargs -P 2 -L 1 clang --target=wasm32-wasi -msimd128 -mbulk-memory -std=c11 -O2 -ffp-contract=off -I. \
        -D_POSIX_C_SOURCE=200809L -c && clang --target=wasm32-wasi "$out"/kernels/*.o -lm -o "$out/kernels.wasm"
}
if kernels >"$out/make.log" 2>&1; then
    count 'WebAssembly, its kernels' node --no-warnings tests/wasm/command.mjs "$out/kernels.wasm" 1000 1
else
    tail -n 5 "$out/make.log"
    failed=$((failed + 1))
fi
wasm() {
    sh packages/amalgamate.sh "$out/dist" &&
        clang --target=wasm32 -msimd128 -O3 -nostdlib -ffreestanding -nostdlibinc -DFOVEA_OWN_MEMORY -mbulk-memory \
            -Wl,--no-entry -Wl,-z,stack-size=65536 -I"$out/dist" "$out/dist/fovea.c" tests/wasm/engine.c -o "$out/engine.wasm"
}
rm -f "$out"/*.fovea
for model in tests/golden/conformance/a/*/model.h5; do
    inputs=$(ls "${model%model.h5}"input*.npy | paste -sd,)
    name=$(basename "$(dirname "$model")")
    "$build/fovea" convert "$model" --golden "$inputs" -o "$out/$name.fovea" >/dev/null 2>&1
    "$build/fovea" convert "$model" --golden "$inputs" -o "$out/$name.f16.fovea" --weights f16 >/dev/null 2>&1
done
demo() {
    "$build/fovea" convert weights/demo/patterns.h5 --preprocess keras-01 --resize pil-bicubic \
        --preprocess keras-01 --golden weights/demo/parallel.jpg -o "$out/demo.fovea"
}
if { wasm && demo; } >"$out/make.log" 2>&1; then
    count 'WebAssembly in node' node tests/wasm/run.mjs "$out/engine.wasm" "$out"/*.fovea
else
    tail -n 5 "$out/make.log"
    failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
