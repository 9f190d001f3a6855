#!/bin/sh
# Builds the test image for every board of boards.txt, runs it in qemu and prints the table.
#
#     sh tests/boards/run.sh BUILD [PART OF A LINE...]
#
# Flash and RAM are the image's, RAM with the stack that was used. The difference is from the model's stored
# answer, which this machine gave (tests/conformance.c compares it with Keras'); instructions are those executed
# in one inference, /MAC the same for each multiply-add the model states. A model that budget.txt names has to
# stay below so many.
set -u
cd "$(dirname "$0")/../.."
build=$1
shift
here=tests/boards
out=$build/boards
passed=0
failed=0
mkdir -p "$out"

# Models, each with an input and the answer this machine gives.
prepare() {
    sh packages/amalgamate.sh "$out/dist" || return 1
    cc -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -I. $here/conv.c "$build/libtools.a" "$build/libfovea.a" -lm -pthread \
        -o "$out/conv" || return 1
    cc -O2 -shared -fPIC -Wall -Wextra $here/count.c -o "$out/count.so"
}
model() { # name, directory
    model_as "$1" "$2" && "$build/fovea" convert "$2/model.fovea" --emit ops -o "$2/ops.def" &&
        "$build/fovea" inspect --json "$2/model.fovea" >"$2/facts"
}
model_as() { # NAME, or NAME.f16 with kernels in half precision
    weights=f32
    case $1 in *.f16) weights=f16 ;; esac
    case $1 in
    demo*)
        "$build/fovea" convert weights/demo/patterns.h5 --weights $weights --preprocess keras-01 --golden weights/demo/parallel.jpg \
            --labels weights/demo/labels.txt --preprocess keras-01 --resize pil-bicubic --emit asm -o "$2/model.S"
        return
        ;;
    conv) "$out/conv" "$2/model.fovea" || return 1 ;;
    *)
        from=tests/golden/conformance/a/${1%.f16}
        "$build/fovea" convert "$from/model.h5" --weights $weights --golden "$from/input.npy" \
            -o "$2/model.fovea" || return 1
        ;;
    esac
    "$build/fovea" convert "$2/model.fovea" --emit c -o "$2/model.h"
}

# image DIRECTORY KIND ROM-AT ROM-SIZE RAM-AT RAM-SIZE FLAGS: builds DIRECTORY/image.elf
image() {
    at=$1
    case $2 in
    m) cc='arm-none-eabi-gcc -mthumb' start=$here/cortex_m.c ;;
    a) cc='aarch64-linux-gnu-gcc -fno-pic -no-pie -static -mno-outline-atomics' start="$here/cortex_a.c $here/cortex_a.S" ;;
    r*) cc=riscv64-unknown-elf-gcc start="$here/riscv.c $here/riscv.S" ;;
    esac
    flags=$7
    ops=
    case $flags in "OPS "*) flags=${flags#OPS } ops="-DFOVEA_OPS_FILE=\"$(cd "$at" && pwd)/ops.def\"" ;; esac
    strict='-std=c11 -O2 -g -ffreestanding -ffunction-sections -fdata-sections -Wall -Wextra -Werror'
    flags="$strict $flags -I$out/dist -I$at -I$here"
    $cc $flags -ffp-contract=off -DFOVEA_OWN_MEMORY $ops -c "$out/dist/fovea.c" -o "$at/fovea.o" || return 1
    $cc $flags -c $here/main.c -o "$at/main.o" || return 1
    objects="$at/fovea.o $at/main.o"
    if [ -e "$at/model.S" ]; then
        $cc $flags -Wa,-I"$at" -c "$at/model.S" -o "$at/model.o" || return 1
        objects="$objects $at/model.o"
    fi
    $cc -E -P -x c -DROM_AT="$3" -DROM_SIZE="$4" -DRAM_AT="$5" -DRAM_SIZE="$6" -DROOM=1536 $here/image.ld \
        >"$at/image.ld" || return 1
    $cc $flags -nostdlib -T "$at/image.ld" -Wl,--gc-sections -Wl,--build-id=none $start $objects -lgcc \
        -o "$at/image.elf"
}

emulate() { # KIND MACHINE IMAGE
    case $2:$1 in
    *:r32) qemu=qemu-system-riscv32 ;;
    *:r64) qemu=qemu-system-riscv64 ;;
    *:a) qemu=qemu-system-aarch64 ;;
    *) qemu=qemu-system-arm ;;
    esac
    case $1 in
    r*) how='-bios none -serial stdio' ;;
    *) how='-serial none -semihosting-config enable=on,target=native' ;;
    esac
    timeout 120 $qemu -M $2 -nographic -monitor none $how -plugin "$out/count.so" -d plugin -kernel "$3" \
        </dev/null
}

section() { # IMAGE NAME...: bytes of these sections
    file=$1
    shift
    for name in "$@"; do size -A "$file" | awk -v name="$name" '$1 == name {print $2}'; done |
        awk '{sum += $1} END {print sum + 0}'
}

# The instructions for each multiply-add, and whether they keep to the budget of model $1.
per_mac() { # MODEL, INSTRUCTIONS, MACS
    most=$(sed -n "s/^$1  *\([0-9.]*\) .*/\1/p" $here/budget.txt)
    awk -v n="${2:-0}" -v macs="${3:-0}" -v most="${most:-1e9}" \
        'BEGIN {each = macs > 0 ? n / macs : 0; printf "%.2f", each; exit !(each > 0 && each <= most)}'
}

if ! prepare >"$out/log" 2>&1; then
    cat "$out/log"
    exit 1
fi
printf '%-17s %-19s %-15s %8s %8s %8s %6s %11s %12s %6s  %s\n' board core model engine flash RAM stack difference \
    instructions /MAC verdict
index=0
while IFS='|' read -r name core machine kind rom ram net flags; do
    case $name in '#'*) continue ;; esac
    index=$((index + 1))
    wanted=1
    for part in "$@"; do case "$name|$core|$machine|$net" in *"$part"*) wanted=1; break ;; *) wanted=0 ;; esac; done
    [ $wanted = 1 ] || continue
    at=$out/$index
    rm -rf "$at"
    mkdir -p "$at"
    verdict=FAIL
    if model $net "$at" >"$at/log" 2>&1 && image "$at" $kind $rom $ram "${flags# }" >>"$at/log" 2>&1; then
        if emulate $kind "$machine" "$at/image.elf" >"$at/run" 2>&1 && grep -q '^PASS' "$at/run"; then verdict=pass; fi
    else
        : >"$at/run"
    fi
    value() { sed -n "s/^$1 \([0-9]*\).*/\1/p" "$at/run" | head -n 1; }
    engine=$(section "$at/image.elf" .engine 2>/dev/null)
    flash=$(section "$at/image.elf" .start .engine .text .model .ARM.exidx .data 2>/dev/null)
    bss=$(section "$at/image.elf" .bss .data 2>/dev/null)
    stack=$(value stack)
    macs=$(sed -n 's/.*"macs":\([0-9]*\),"notes.*/\1/p' "$at/facts" 2>/dev/null)
    each=$(per_mac $net "$(value instructions)" "$macs") || verdict=FAIL
    printf '%-17s %-19s %-15s %8s %8s %8s %6s %11s %12s %6s  %s\n' $name "$(echo $core)" $net "$engine" "$flash" \
        "$((bss + ${stack:-0}))" "${stack:--}" "$(value 'difference e-9')e-9" "$(value instructions)" "$each" $verdict
    if [ $verdict = pass ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        tail -n 5 "$at/log" "$at/run"
    fi
done <$here/boards.txt
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
