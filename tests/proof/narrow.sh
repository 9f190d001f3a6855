#!/bin/sh
# The checked arithmetic and the cursor of weights/bytes.h, the same source with narrower types: all numbers of
# 16 bits for sums and products, all of 8 bits for ranges and the cursor. usage: narrow.sh BUILD
# Ends with "N passed, N failed".
set -eu
cd "$(dirname "$0")/../.."
out=${1:-build}/proof
mkdir -p "$out"

# All from `text` on, with numbers of `bits` for 64, and `half` for 32.
narrow() { # bits, half
    sed -n '/^FOVEA_STATIC bool fovea_in_range/,/^\/\* The same, most significant/p' weights/bytes.h |
        sed -e "s/uint64_t/wide_t/g; s/uint32_t/half_t/g; s/UINT64_MAX/WIDE_MAX/g; s/size_t/wide_t/g" \
            -e "s/\b32\b/$2/g" -e '/^FOVEA_STATIC [a-z0-9_]* fovea_read\(8\|16\|32\|64\)\?(/,/^}/d' \
            -e '/^\/\*/d; /^ \* /d'
}
narrow 16 8 >"$out/narrow16.inc"
narrow 8 4 >"$out/narrow8.inc"
for bits in 16 8; do # nothing may be left as wide as it was
    grep -q 'fovea_product' "$out/narrow$bits.inc" && grep -q 'fovea_take_part' "$out/narrow$bits.inc"
    ! grep -nE 'uint64_t|uint32_t|size_t|UINT64' "$out/narrow$bits.inc"
done
${CC:-cc} -std=c11 -O2 -I. -I"$out" -Wall -Wextra -Werror tests/proof/narrow.c -o "$out/narrow"
"$out/narrow"
