#!/bin/sh
# Frama-C's value analysis of the cursor (eva_cursor.c) and of the operators' rules (eva_rules.c): no alarm.
# usage: eva.sh BUILD; ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.."
out=${1:-build}/proof
mkdir -p "$out"

# analyse NAME OPTIONS AND FILES...: its log goes to $out/NAME.log
analyse() {
    name=$1
    shift
    frama-c -c11 -machdep gcc_x86_64 -eva -eva-auto-loop-unroll 64 -warn-special-float none "$@" \
        >"$out/$name.log" 2>&1
}

# The builtin's specification does not say that it initialises what it copies to; -inline-calls keeps apart
# what a function returns in a structure.
analyse eva-cursor -cpp-extra-args='-I. -std=c11 -D__builtin_memcpy=Frama_C_memcpy' \
    -inline-calls fovea_part,fovea_left,fovea_take_part -eva-precision 4 -eva-split-return auto \
    -eva-slevel 50000 -warn-invalid-pointer tests/proof/eva_cursor.c &
# What a rule found is kept apart from what it refused. States meet behind each loop, or there were too many;
# but not in the loop that looks at a window's words, whose start differs.
analyse eva-rules -cpp-extra-args='-I. -std=c11 -include string.h -D__builtin_memcpy=memcpy' \
    -eva-precision 3 -eva-split-return full -eva-slevel 1000 \
    -eva-slevel-merge-after-loop @all,-fovea_rule_window \
    -eva-slevel-function main:0,apply_all:0,fovea_product:0,fovea_sum:0,fovea_rule_concat:5 \
    tests/proof/eva_rules.c weights/rules.c weights/rule_*.c weights/stripe.c
wait

# Statements reached, of how many, in what was analysed; nothing where there were alarms.
reached() { # NAME
    grep -q ' 0 alarms generated' "$out/$1.log" &&
        sed -n 's/.*, \([0-9]*\) statements reached (out of \([0-9]*\)).*/\1 of \2/p' "$out/$1.log"
}
if cursor=$(reached eva-cursor) && rules=$(reached eva-rules) && [ "${cursor% of*}" = "${cursor#*of }" ]; then
    echo "Frama-C Eva: 0 alarms in ${cursor% of*} statements of the cursor, in $rules of the operators' rules"
    echo '2 passed, 0 failed'
else
    for name in eva-cursor eva-rules; do
        grep -A 2 'eva:alarm' "$out/$name.log" || tail -n 5 "$out/$name.log"
    done
    echo '0 passed, 1 failed'
    exit 1
fi
