#!/bin/sh
# Nothing a file says can hurt: runs corpora, sweeps, sanitizers, proofs and a counted fuzzing of each target, the
# same inputs on every machine, and ends with a scoreboard. usage: hostile.sh [PART...] (all; see below)
# Exit code 1: something hurt.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
sanitized=$build/fuzz # the same as in fuzz.sh
sanitize='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DFOVEA_DEBUG'
work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-hostile.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0
golden=tests/golden/conformance
seeds="$golden/a/act_elu/model.h5 $golden/a/gmp2d_keepdims/model.h5 $golden/a/conv1d_groups/model.h5
    $golden/a/block_residual/model.h5 $golden/a/nested_multi_io/model.h5 $golden/a/sepconv1d/model.h5
    $golden/a/convT_k2_s2_valid/model.h5 $golden/a/merge_bcast_row_col/model.h5 $golden/k2/act_silu.h5
    $golden/k2/bn_axis1.h5 $golden/k2/dwconv_k5_s2_m1_same.h5 $golden/k2/merge_add3.h5
    tests/hostile/convert/numbered.keras weights/demo/globular.jpg weights/demo/parallel.jpg"
suite=$(ls ../shared/images/formats/pngsuite_*.png 2>/dev/null)

wanted=" $* "

# part NAME COMMAND...: its output goes to $work/NAME
part() {
    name=$1
    shift
    case $wanted in '  ' | *" ${name%%-*} "*) ;; *) return ;; esac
    start=$(date +%s)
    "$@" >"$work/$name" 2>&1
    code=$?
    echo "hostile: $name took $(($(date +%s) - start)) s"
    if [ $code -eq 0 ]; then return; fi
    failed=1
    echo "hostile: $name:" | tee -a "$work/hurt"
    grep -E 'FAIL|ERROR|SUMMARY|FOUND|fuzz:|error|could not|gunzip' "$work/$name" |
        head -n 10 | sed 's/^/    /' | tee -a "$work/hurt"
}
said() { sed -n "$2" "$work/$1" 2>/dev/null | tail -n 1; } # NAME, SED COMMANDS
row() { printf '  %-34s %s\n' "$1" "${2:-NOT RUN}"; }

part setup sh tests/setup.sh hostile
make -s -j"$jobs" BUILD="$build" CFLAGS='-O2 -g' sweeps "$build/tests/unit/test_foreign" \
    "$build/tests/unit/test_keras_ranks" || exit 1
make -s -j"$jobs" BUILD="$sanitized" CC="${CLANG:-clang}" CFLAGS='-O1 -g' fuzzers sweeps \
    "$sanitized/tests/unit/test_foreign" "$sanitized/fovea" EXTRA="$sanitize" || exit 1

regressions=0
for target in keras convert blob hdf5 json zip inflate npy photo; do
    for file in tests/hostile/"$target"/*; do
        [ -e "$file" ] || continue
        regressions=$((regressions + 1))
        part "regression-$target-$(basename "$file")" "$sanitized/tests/fuzz/$target" -timeout=10 "$file"
    done
done
part attack sh tests/attack.sh "$sanitized"
part foreign "$build/tests/unit/test_foreign"
part foreign-sanitized "$sanitized/tests/unit/test_foreign"
part faults "$sanitized/tests/hostile/sweep_faults" "$work"
part cuts "$build/tests/hostile/sweep_cuts" $seeds
[ -z "$suite" ] || part suite "$build/tests/hostile/sweep_cuts" $suite
part fields "$build/tests/hostile/sweep_fields" $seeds $suite
part fields-sanitized "$sanitized/tests/hostile/sweep_fields" $golden/k2/gmp2d_keepdims.h5 $(echo $suite | cut -d' ' -f1)
# What bends the golden models, a lane for each processor, and the sum of their counts; sanitized every fourth of the
# files, all of them in `make nightly`.
models() { # BUILD, which of four files (a regular expression)
    lane=0
    pids=
    while [ $lane -lt "$jobs" ]; do
        "$1/tests/hostile/sweep_models" $(git ls-files tests/golden tests/hostile | grep -E '\.(h5|keras)$' |
            awk -v which="$2" -v lanes="$jobs" -v lane=$lane 'NR % 4 ~ which && n++ % lanes == lane') \
            >"$work/lane$lane" 2>&1 &
        pids="$pids $!"
        lane=$((lane + 1))
    done
    hurt=0
    for pid in $pids; do wait "$pid" || hurt=1; done
    cat "$work"/lane* | awk '
        /^[0-9]+ models: / { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) sum[i] += $i; line = $0; next }
        /^[0-9]+ passed, / { passed += $1; failed += $3; next }
        { print }
        END {
            n = split(line, word, " ")
            for (i = 1; i <= n; i++) printf "%s%s", i in sum ? sum[i] : word[i], i < n ? " " : "\n"
            printf "%d passed, %d failed\n", passed, failed
        }'
    rm -f "$work"/lane*
    return $hurt
}
part models models "$build" .
part models-sanitized models "$sanitized" "${MODELS:-1}"
part shapes "$build/tests/unit/test_keras_ranks"
part growth "$build/tests/hostile/growth"
part differential sh -c "make -s BUILD='$build' CFLAGS='-O2 -g' '$build/tests/differential/hdf5' &&
    '$build/tests/differential/hdf5' '$work' 300"
part narrow sh tests/proof/narrow.sh "$build"
part eva sh tests/proof/eva.sh "$build"
part coverage sh tests/coverage.sh "$build"
part reach sh tests/reach.sh "$build"
part cuts-sanitized "$sanitized/tests/hostile/sweep_cuts" $golden/a/gmp2d_keepdims/model.h5 \
    tests/hostile/convert/numbered.keras weights/demo/globular.jpg
part sanitizers sh tests/sanitizers.sh
part analyze sh tests/analyze.sh "$build"
part random sh tests/random.sh
part kill env BUILD="$build" sh tests/kill.sh
# A failure is due to what was changed: make fuzz tries other inputs.
part fuzz env BUILD="$build" sh tests/fuzz.sh counted

echo
echo 'nothing a file says can hurt:'
row 'HDF5 vulnerability corpus' "$(said foreign 's/^\([0-9]*\) HDF5 files, .*; \(slowest.*\)/0 of \1 crash or hang; \2/p')"
row 'JSONTestSuite' "$(said foreign 's/^\([0-9]*\) files of JSONTestSuite/\1 files answered/p')"
row 'found before' "$regressions files, 0 hurt"
row 'attacks, by name' "$(said attack 's/^\([0-9]* passed, [0-9]* failed\)$/\1/p')"
sed -n '/^  /p' "$work/attack" 2>/dev/null | sed 's/^/  /'
row 'cut at every byte' "$(said cuts 's/^\([0-9]* files\): \([0-9]* cuts, [0-9]* accepted\).*/\1, \2/p')"
row 'bits flipped' "$(said cuts 's/.*accepted; \(.*\); slowest.*/\1/p')"
row 'PngSuite' "$(said suite 's/^\([0-9]* files\): \([0-9]* cuts, [0-9]* accepted; [0-9]* bits flipped, [0-9]* seen\).*/\1, \2/p')"
row 'fields set to boundary values' "$(said fields 's/.* structures: \([0-9]* fields of 16 values, [0-9]* runs beside guard pages\).*/\1/p')"
row 'shapes of layers, any rank' "$(said shapes 's/^\([0-9]* converted, [0-9]* refused\)$/\1/p')"
row 'weights and settings bent' "$(said models 's/^\([0-9]* models: .*\) the same model.*/\1 the same model/p')"
row 'memory and fuel made scarce' "$(said fields 's/.*accepted; \([0-9]*\) with less memory or fuel.*/\1 times/p')"
row 'worst time' "$(said cuts 's/.*slowest \(.*\)/\1/p')"
row 'checks taken away' "$(said kill '/checks noticed/p')"
row 'made to be slow' "$(said growth 's/^\([0-9]* probes: .*\)/\1/p')"
row 'heap and stack' "$(said cuts 's/^\(at most .* of stack\)$/\1/p')"
row 'failures made' "$(said faults '/failures of memory/p')"
row '' "$(said faults 's/^\([0-9]* passed, [0-9]* failed\)$/\1/p')"
row 'HDF5 beside libhdf5' "$(said differential 's/^\([0-9]* files: .*mismatches\)$/\1/p')"
row 'checked arithmetic, cursor' "$(said narrow 's/^\([0-9]*\) cases of .*: \([0-9]* wrong\)$/\1 cases, \2/p')"
row '' "$(said eva 's/^\(Frama-C.*\)/\1/p')"
row 'reached by tests' "$(said coverage 's/^coverage: \([0-9].*\)/\1/p')"
row 'behind what takes foreign bytes' "$(said reach 's/^reach: //p')"
row 'static analysis' "$(said analyze 's/^\([0-9]* files, [0-9]* kinds of findings explained, [0-9]* others\)$/\1/p')"
row 'random models' "$(said random 's/^random: \(.* known answers\);.*/\1/p')"
row '' "$(said random 's/^random: .*; \([0-9]* of [0-9]* layers and operations; .*\), [0-9]* s$/\1/p')"
row 'faults put into the sources' "$(tail -n 1 "$build/mutants/said" 2>/dev/null)"
row 'MSan, TSan' "$(grep -c '^ok' "$work/sanitizers") suites clean, $(grep -c '^FAIL' "$work/sanitizers") not"
row 'fuzzing, from a fixed seed' "$(said fuzz 's/^fuzz: \([0-9]* executions, [0-9]* findings\)/\1/p')"
sed -n 's/^fuzz \([a-z0-9]*: .*\)/    \1/p' "$work/fuzz"
if [ $failed -eq 0 ]; then
    echo 'hostile: all is well'
else
    cut -c1-200 "$work/hurt" # once more, where it is looked for
    echo 'hostile: SOMETHING HURT'
fi
exit $failed
