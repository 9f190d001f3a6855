#!/bin/sh
# Code, stack and memory on a Cortex-M7 against budget.txt: sh tests/boards/size.sh BUILD
set -u
cd "$(dirname "$0")/../.."
build=$1
here=tests/boards
out=$build/size
cc='arm-none-eabi-gcc -mthumb -mcpu=cortex-m7 -mfloat-abi=hard -mfpu=fpv5-d16'
flags='-std=c11 -Os -ffreestanding -ffunction-sections -fdata-sections -ffp-contract=off'
passed=0
failed=0

# check NAME BYTES WHAT: one line, against the budget
check() {
    most=$(sed -n "s/^$1  *\([0-9]*\) .*/\1/p" $here/budget.txt)
    if [ -n "$2" ] && [ "$2" -gt 0 ] && [ "$2" -le "$most" ]; then
        passed=$((passed + 1))
        word=ok
    else
        failed=$((failed + 1))
        word=FAIL
    fi
    printf '%-5s%-8s %6s of %6s bytes   %s\n' $word "$1" "${2:-?}" "$most" "$3"
}

engine() { # name, switches
    mkdir -p "$out/$1"
    $cc $flags -DFOVEA_OPS_FILE="\"$(cd "$out" && pwd)/ops.def\"" $2 -c "$out/dist/fovea.c" \
        -o "$out/$1/fovea.o"
}
link() { # name
    $cc $flags -I$here -nostdlib -T "$out/image.ld" -Wl,--gc-sections -Wl,--build-id=none $here/cortex_m.c \
        "$out/$1/fovea.o" "$out/main.o" "$out/memory.o" -lgcc -o "$out/$1.elf"
}

rm -rf "$out"
mkdir -p "$out"
case=tests/golden/conformance/a
if ! { sh packages/amalgamate.sh "$out/dist" &&
    (cd "$out" && $cc $flags -fcallgraph-info=su -c dist/fovea.c -o fovea.o) &&
    "$build/fovea" convert $case/net_mini_seed/model.h5 --golden $case/net_mini_seed/input.npy -o "$out/model.fovea" &&
    "$build/fovea" convert "$out/model.fovea" --emit c -o "$out/model.h" &&
    "$build/fovea" convert "$out/model.fovea" --emit ops -o "$out/ops.def" &&
    "$build/fovea" convert $case/block_residual/model.h5 -o "$out/small.fovea" &&
    engine least '-DFOVEA_TEXTS=0 -DFOVEA_IDS=0 -DFOVEA_STRIPES=0' &&
    engine seed '-DFOVEA_TEXTS=0 -DFOVEA_STRIPES=0' && engine stripes -DFOVEA_TEXTS=0 && engine texts '' &&
    $cc $flags -I"$out/dist" -I"$out" -I$here -c $here/main.c -o "$out/main.o" &&
    $cc -E -P -x c -DROM_AT=0 -DROM_SIZE=4M -DRAM_AT=0x20000000 -DRAM_SIZE=4M -DROOM=2048 $here/image.ld >"$out/image.ld" &&
    $cc $flags -DFOVEA_OWN_MEMORY -I. -c kernels/memory.c -o "$out/memory.o" &&
    (cd "$out" && arm-none-eabi-gcc -mthumb -mcpu=cortex-m4 $flags -DFOVEA_TEXTS=0 -fcallgraph-info=su -c dist/fovea_sign.c -o sign.o) &&
    link least && link seed && link stripes && link texts; } >"$out/log" 2>&1; then
    tail "$out/log"
    exit 1
fi
sum() { awk '{sum += $2} END {print sum}'; }
check engine "$(arm-none-eabi-size -A "$out/fovea.o" | grep -E '^\.(text|rodata|data|ARM\.exidx)' | sum)" 'all operators, all functions'
image() { arm-none-eabi-size -A "$out/$1.elf" | grep '^\.engine' | sum; }
check seed "$(image seed)" "the seed network's operators, errors are ids, no layers by rows"
check least "$(image least)" 'the same, errors say nothing'
check stripes "$(image stripes)" 'errors are ids, layers by rows'
check texts "$(image texts)" 'errors have texts, layers by rows'
awk -f $here/stack.awk $here/calls.txt "$out/fovea.ci" 2>"$out/log" | sort -nr >"$out/stack.txt"
if [ -s "$out/log" ]; then
    cat "$out/log"
    : >"$out/stack.txt"
fi
check stack "$(sed -n '1s/ .*//p' "$out/stack.txt")" "$(sed -n '1s/^[0-9]* //p' "$out/stack.txt")"
check sign "$(arm-none-eabi-size -A "$out/sign.o" | grep -E '^\.(text|rodata|data|ARM\.exidx)' | sum)" 'checking and replacing signed models, on a Cortex-M4'
awk -f $here/stack.awk $here/sign_calls.txt "$out/sign.ci" 2>"$out/log" | sort -nr >"$out/stack.txt"
if [ -s "$out/log" ]; then
    cat "$out/log"
    : >"$out/stack.txt"
fi
check signstk "$(sed -n '1s/ .*//p' "$out/stack.txt")" "its stack: $(sed -n '1s/^[0-9]* //p' "$out/stack.txt")"
check ram "$("$build/fovea" inspect --board "$out/small.fovea" | sed -n 's/^  RAM *\([0-9]*\) .*/\1/p')" \
    'memory of block_residual'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
