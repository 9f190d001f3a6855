#!/bin/sh
# Frama-C's value analysis of the cursor (eva_cursor.c): no alarm, and every statement reached.
# usage: eva.sh BUILD; ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.."
log=${1:-build}/proof/eva.log
mkdir -p "${log%/*}"
# The builtin's specification does not say that it initialises what it copies to; -inline-calls keeps apart
# what a function returns in a structure.
frama-c -cpp-extra-args='-I. -std=c11 -D__builtin_memcpy=Frama_C_memcpy' -machdep gcc_x86_64 \
    -inline-calls fovea_part,fovea_left,fovea_take_part -eva -eva-precision 4 -eva-split-return auto \
    -eva-slevel 50000 -eva-auto-loop-unroll 64 -warn-invalid-pointer -warn-special-float none \
    tests/proof/eva_cursor.c >"$log" 2>&1
statements=$(sed -n 's/.*, \([0-9]*\) statements reached (out of \([0-9]*\)): 100% coverage.*/\1/p' "$log")
if grep -q ' 0 alarms generated' "$log" && [ -n "$statements" ]; then
    echo "Frama-C Eva: 0 alarms in $statements statements of the cursor"
    echo '1 passed, 0 failed'
else
    grep -A 2 'eva:alarm' "$log" || tail -n 5 "$log"
    echo '0 passed, 1 failed'
    exit 1
fi
