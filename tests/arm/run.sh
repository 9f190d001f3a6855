#!/bin/sh
# What the kernels for ARM cost, where there is no such machine: instructions executed in whole
# inferences, counted by qemu, and the inner loops in llvm-mca's models of processors; all held against
# budget.txt. The figures are the same on every machine with the same compilers.
#
#     sh tests/arm/run.sh BUILD [REPORT.md]
set -u
cd "$(dirname "$0")/../.."
build=$1
report=${2:-}
here=tests/arm
out=$build/arm
mca=${LLVM_MCA:-llvm-mca-19}
passed=0
failed=0
mkdir -p "$out"
: >"$out/results.txt"

compiler() { # MACHINE COMPILER: the command
    case $1 in
    aarch64) triple=aarch64-linux-gnu flags= ;;
    armv7) triple=arm-linux-gnueabihf flags=' -march=armv7-a -mfpu=neon' ;;
    esac
    if [ "$2" = clang ]; then echo "clang --target=$triple$flags"; else echo "$triple-gcc$flags"; fi
}
prepare() { # MACHINE COMPILER: $out/MACHINE-COMPILER with the program and the kernels' assembly
    at=$out/$1-$2
    [ ! -e "$at/done" ] || return 0
    mkdir -p "$at"
    : >"$at/done"
    cc=$(compiler "$1" "$2")
    make -s -j2 BUILD="$at" CC="$cc" CFLAGS='-O2 -static' EXTRA= "$at/tests/inference" >"$at/log" 2>&1 &&
        $cc -std=c11 -ffp-contract=off -O2 -I. -S kernels/neon.c -o "$at/neon.s" >>"$at/log" 2>&1 && return 0
    echo "FAIL $1 $2 does not build"
    tail -n 5 "$at/log"
    exit 1
}

# counts MACHINE COMPILER NETWORK WHAT: instructions and multiply-accumulates
counts() {
    mode=
    [ "$4" = all ] || mode=layers
    from=$out/$1-$2/$3-${mode:-all}
    case $1 in
    aarch64) emulator='qemu-aarch64 -cpu cortex-a72' ;;
    armv7) emulator='qemu-arm -cpu cortex-a9' ;;
    esac
    [ -e "$from" ] ||
        $emulator -plugin "$out/count.so" -d plugin "$out/$1-$2/tests/inference" "$3" $mode >"$from" 2>&1
    awk -v what="$4" '
        $1 == "instructions" { count[n++] = $2 }
        $1 == "macs" { at = i++ }
        $1 == "macs" && $3 == what && $2 > 0 && count[at] / $2 > worst {
            worst = count[at] / $2
            answer = count[at] " " $2
        }
        END { if (i == n) print answer }' "$from"
}

# rate MACHINE PROCESSOR FILE: multiply-adds a cycle of a loop
rate() {
    case $1 in
    aarch64) how=--mtriple=aarch64-linux-gnu ;;
    armv7) how='--mtriple=armv7a-linux-gnueabihf -mattr=+neon' ;;
    esac
    $mca $how -mcpu="$2" -iterations=1000 -all-stats=0 -all-views=0 -summary-view "$3" 2>>"$out/mca.log" |
        awk -v adds="$(grep -cE '^[[:space:]]*v?f?mla' "$3")" '/^Total Cycles:/ { print 1000 * adds / $3 }'
}
# As many multiply-adds as there are registers for, independent of each other.
bare() {
    if [ "$1" = aarch64 ]; then
        for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do echo "fmla v$i.4s, v30.4s, v31.s[0]"; done
    else
        for i in 2 3 4 5 6 7 8 9 10 11 12 13 14; do echo "vmla.f32 q$i, q15, d0[0]"; done
    fi
}

verdict() { # GOOD?
    if [ "$1" = 1 ]; then
        passed=$((passed + 1)) word=ok
    else
        failed=$((failed + 1)) word=FAIL
    fi
}

cc -O2 -shared -fPIC -Wall -Wextra tests/boards/count.c -o "$out/count.so" || exit 1
rm -f "$out"/*-*/done "$out"/*-*/*-all "$out"/*-*/*-layers
: >"$out/mca.log"
grep -E '^(count|loop) ' $here/budget.txt >"$out/budget"
while read -r kind machine compiler subject what limit <&3; do
    prepare "$machine" "$compiler"
    if [ "$kind" = count ]; then
        set -- $(counts "$machine" "$compiler" "$subject" "$what") 0 0
        verdict "$(awk -v a="$1" -v b="$2" -v most="$limit" 'BEGIN { print (b > 0 && a <= most * b) }')"
        value=$(awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", (b > 0 ? a / b : 0) }')
        line="$1 $2"
    else
        loop=$out/$machine-$compiler/$subject.s
        awk -v function_name="${subject}_neon" -f $here/loop.awk "$out/$machine-$compiler/neon.s" >"$loop"
        bare "$machine" >"$out/bare.s"
        set -- $(rate "$machine" "$what" "$loop") $(rate "$machine" "$what" "$out/bare.s") 0 0
        value=$(awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", (b > 0 ? a / b : 0) }')
        verdict "$(awk -v v="$value" -v least="$limit" 'BEGIN { print (v > 0 && v >= least) }')"
        line="$(grep -c . "$loop") $(grep -cE '^[[:space:]]*v?f?mla' "$loop")"
    fi
    printf '%-5s%-6s %-8s %-6s %-15s %-12s %s of %s\n' $word $kind $machine $compiler $subject $what $value $limit
    echo "$kind $machine $compiler $subject $what $value $limit $line" >>"$out/results.txt"
done 3<"$out/budget"

version() { "$@" --version | head -n 1; }
if [ -n "$report" ]; then
    {
        cat <<TEXT
# ARM, counted

No machine with an ARM processor was at hand for these figures, and none of them is a time: they say how
many instructions are executed, and what models of two processors make of the inner loops.
\`make arm\` computes them again and holds them against [tests/arm/budget.txt](../tests/arm/budget.txt);
\`sh tests/arm/run.sh build bench/ARM.md\` also writes this page. They depend on nothing but the compilers:

* $(version aarch64-linux-gnu-gcc)
* $(version clang)
* $(version qemu-aarch64)
* llvm-mca, $($mca --version | sed -n 's/^ *\(.*LLVM version.*\)/\1/p')

## Instructions of an inference

One picture, one thread, all that lies between the call of \`fovea_run\` and its return, over the
multiply-accumulates of the direct computation (Winograd and Strassen do with fewer). With vectors of four
floats a multiply-accumulate takes at least 0.25; the 8 x 2 tile with all its loads takes 79 / 256 = 0.31. Of a
layer's name the dearest layer counts: a 3 x 3 convolution of three channels, without Winograd, in short sums.

| processor's instructions | compiler | network | part | instructions | MACs | a MAC | at most |
|---|---|---|---|---|---|---|---|
TEXT
        awk '$1 == "count" { printf "| %s | %s | %s | %s | %.1f M | %.1f M | %.3f | %s |\n", $2, $3, $4,
            ($5 == "all" ? "whole" : $5), $8 * 1e-6, $9 * 1e-6, $6, $7 }' "$out/results.txt"
        cat <<TEXT

## Inner loops

The loop as the compiler emits it, in llvm-mca, over the model's rate for multiply-adds alone. \`conv_8\` is
the direct convolution of eight positions and eight outputs, \`run_two\` the same along a row, \`run_grey\` of
one channel, \`gemm_8\` Winograd's product, \`strassen_f32\` Strassen's; 7, 6 and 4 are what is left of smaller
pictures and what fits ARMv7's registers. The models of ARMv7's processors are there for information.

| machine | compiler | loop | instructions | of them multiply-adds | model | of the peak | at least |
|---|---|---|---|---|---|---|---|
TEXT
        awk '$1 == "loop" { printf "| %s | %s | %s | %d | %d | %s | %.3f | %s |\n", $2, $3, $4, $8, $9, $5, $6,
            ($7 > 0 ? $7 : "") }' "$out/results.txt"
    } >"$report"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
