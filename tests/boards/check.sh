#!/bin/sh
# The kernels of Helium bit for bit against the reference, on qemu's Cortex-M55: tests/kernels with picolibc.
#
#     sh tests/boards/check.sh BUILD [SHAPES]
set -u
cd "$(dirname "$0")/../.."
build=$1
shapes=${2:-60}
here=tests/boards
out=$build/boards/check
cc="arm-none-eabi-gcc --specs=picolibc.specs -mthumb -mcpu=cortex-m55 -mfloat-abi=hard"
flags='-std=gnu11 -O2 -ffunction-sections -fdata-sections -ffp-contract=off -Wall -Wextra -Werror -I. -Itests/boards'
seed=$(date +%s)
rm -rf "$out"
mkdir -p "$out"

image() {
    objects=
    for file in kernels/*.c $here/cortex_m.c $here/check.c tests/kernels/check*.c tests/kernels/ref_fused.c; do
        case $file in
        */check_pages.c) continue ;;
        */tests/kernels/check.c | tests/kernels/check.c) more=-Dmain=check_main ;;
        *) more="-DCHECK_SHAPES=\"$shapes\" -DCHECK_SEED=\"$seed\"" ;;
        esac
        object=$out/$(echo "$file" | tr / _).o
        $cc $flags $more -c "$file" -o "$object" || return 1
        objects="$objects $object"
    done
    $cc -E -P -x c -DROM_AT=0 -DROM_SIZE=512K -DRAM_AT=0x21000000 -DRAM_SIZE=4M -DROOM=65536 $here/image.ld \
        >"$out/image.ld" &&
        $cc $flags -nostartfiles -T "$out/image.ld" -Wl,--gc-sections $objects -lm \
            -o "$out/image.elf"
}

if ! image >"$out/log" 2>&1; then
    tail "$out/log"
    exit 1
fi
timeout 300 qemu-system-arm -M mps3-an547 -nographic -monitor none -serial none \
    -semihosting-config enable=on,target=native -kernel "$out/image.elf" </dev/null
