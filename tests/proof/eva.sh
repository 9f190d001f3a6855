#!/bin/sh
# Frama-C's value analysis of the cursor (eva_cursor.c), of the operators' rules (eva_rules.c) and of the view of a
# blob (eva_view.c, eva_lengths.c), and of the converter's shapes (eva_shape.c): no alarm. usage: eva.sh BUILD; ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.."
out=${1:-build}/proof
mkdir -p "$out"

# analyse NAME OPTIONS AND FILES...: its log goes to $out/NAME.log. An attribute of what a function returns would
# make a type of its own of it, through which a structure is not copied member by member: FOVEA_LOCAL is empty.
analyse() {
    name=$1
    shift
    case " ${EVA:-$name} " in *" $name "*) ;; *) return ;; esac # EVA='eva-view': that one alone, for who works on it
    frama-c -c11 -machdep gcc_x86_64 -eva -warn-special-float none "$@" >"$out/$name.log" 2>&1
}
includes='-I. -std=c11 -DFOVEA_LOCAL= -include string.h -D__builtin_memcpy=memcpy -D__builtin_memset=memset'

# What a rule found is kept apart from what it refused. States meet behind each loop, or there were too many;
# but not in the loop that looks at a window's words, whose start differs.
analyse eva-rules -cpp-extra-args="$includes" -eva-auto-loop-unroll 64 \
    -eva-precision 3 -eva-split-return full -eva-slevel 1000 \
    -eva-slevel-merge-after-loop @all,-fovea_rule_window \
    -eva-slevel-function main:0,apply_all:0,fovea_product:0,fovea_sum:0,fovea_rule_concat:5 \
    tests/proof/eva_rules.c weights/rules.c weights/rule_*.c weights/stripe.c &
# Where numbers of attributes and arrays are found, one state for each; where loops are as long as a file says,
# two (yes and no of a function) at most.
analyse eva-view -cpp-extra-args="$includes" -eva-auto-loop-unroll 24 -warn-invalid-pointer \
    -eva-precision 0 -eva-split-return 0 -eva-split-return-function fovea_blob_word:auto -eva-slevel 2 \
    -eva-slevel-function fovea_node_read:2000,view_array:20,fovea_type_built:20,fovea_node_begin:50,fovea_node_finish:2000,node_inputs:20,node_arrays:200,view_header:200,fovea_checksum_add:300,fovea_rule_apply:50 \
    -eva-slevel-function fovea_shape_count:20,fovea_shape_equal:20,fovea_check_split:20,fovea_check_length:10 \
    -eva-slevel-function fovea_model_open:20,view_node:20,passed_well:200,text_ok:10,view_golden:0 \
    -eva-slevel-function fovea_blob_golden:20,fovea_blob_array:50,fovea_in_range:5 \
    -eva-use-spec view_text,bytes_good tests/proof/eva_view.c
# All states stay apart: offsets and lengths are numbers, not ranges.
analyse eva-lengths -cpp-extra-args="$includes" -eva-auto-loop-unroll 200 -warn-invalid-pointer \
    -eva-precision 0 -eva-split-return 0 -eva-split-return-function text_character:full \
    -eva-interprocedural-splits -eva-slevel 10000 tests/proof/eva_lengths.c
# The converter's shapes: all of any rank, whatever is asked of them.
analyse eva-shape -cpp-extra-args="$includes" -eva-auto-loop-unroll 64 -warn-invalid-pointer \
    -eva-precision 3 -eva-split-return full -eva-slevel 500 tests/proof/eva_shape.c convert/graph/shape.c
# The builtin's specification does not say that it initialises what it copies to; -inline-calls keeps apart
# what a function returns in a structure.
analyse eva-cursor -cpp-extra-args='-I. -std=c11 -D__builtin_memcpy=Frama_C_memcpy' -eva-auto-loop-unroll 64 \
    -inline-calls fovea_part,fovea_left,fovea_take_part -eva-precision 4 -eva-split-return auto \
    -eva-slevel 50000 -warn-invalid-pointer tests/proof/eva_cursor.c
wait

# "M of N": statements reached, of how many, in what was analysed; nothing where there were alarms. The count of
# them leaves out what was asserted, or asked of a function, and is not known to hold.
reached() { # NAME
    ! grep -q 'eva:alarm' "$out/$1.log" && grep -q ' 0 alarms generated' "$out/$1.log" &&
        sed -n 's/.*, \([0-9]*\) statements reached (out of \([0-9]*\)).*/\1 of \2/p' "$out/$1.log"
}
if cursor=$(reached eva-cursor) && [ "${cursor% of*}" = "${cursor#*of }" ] && rules=$(reached eva-rules) &&
    view=$(reached eva-view) && lengths=$(reached eva-lengths) && shape=$(reached eva-shape); then
    echo "Frama-C Eva: 0 alarms in ${cursor% of*} statements of the cursor, in $rules of the operators' rules," \
        "in $view of the blob's view, in $lengths of its texts and arrays, in $shape of the converter's shapes"
    echo '5 passed, 0 failed'
else
    for name in eva-cursor eva-rules eva-view eva-lengths eva-shape; do
        grep -A 2 'eva:alarm' "$out/$name.log" || tail -n 5 "$out/$name.log"
    done
    echo '0 passed, 1 failed'
    exit 1
fi
