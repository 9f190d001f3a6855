#!/bin/sh
# Branches and conditions (MC/DC) of everything that reads foreign bytes, as far as unit tests, golden models,
# sweeps and the comparison with libhdf5 reach. A line a file, then the sum; what is not reached is in
# BUILD/coverage/missing.txt; what each suite ran, for reach.sh, in BUILD/coverage/suites. usage: coverage.sh [BUILD]
# Exit code 1: there is something.
set -u
cd "$(dirname "$0")/.."
build=${1:-build}
out=$build/coverage
shared=${FOVEA_SHARED:-../shared}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-coverage.XXXXXX")
trap 'rm -rf "$work"' EXIT
golden=tests/golden/conformance

sh tests/setup.sh hostile || exit 1
# Its compiler has more to say about enumerations and about conditions it cannot count.
make -s -j"$jobs" BUILD="$out" CC="${CCACHE:-} clang-19" CFLAGS='-O1 -g -Wno-enum-float-conversion' \
    EXTRA='-fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc' unit sweeps "$out/tests/conformance" \
    "$out/tests/differential/hdf5" "$out/tests/differential/jpeg" "$out/tests/checks/checks" \
    "$out/tests/kernels/check" "$out/tests/jpeg_kernels" "$out/tests/random/random" "$out/fovea" >"$out.log" 2>&1 || { cat "$out.log"; exit 1; }

rm -rf "$out"/*.profraw "$out/suites"
mkdir -p "$out/suites"
objects=
run() { # program, words...
    program=$1
    shift
    objects="$objects -object $program"
    name=$(basename "$program")
    LLVM_PROFILE_FILE="$out/$name-%p.profraw" "$program" "$@" >"$work/log" 2>&1 &&
        llvm-profdata-19 merge -sparse "$out"/*.profraw $(ls "$out/suites/$name.profdata" 2>/dev/null) \
            -o "$out/suites/new" && rm -f "$out"/*.profraw && mv "$out/suites/new" "$out/suites/$name.profdata" && return
    echo "coverage: $program fails:"
    tail -n 3 "$work/log"
    exit 1
}
for source in tests/unit/test_*.c; do run "$out/${source%.c}"; done
run "$out/tests/checks/checks"
run "$out/tests/kernels/check" 400
run "$out/tests/jpeg_kernels"
run "$out/tests/random/random" --models 250
run "$out/tests/conformance" tests/golden tests/refusals.txt
run "$out/tests/conformance" --weights f16 tests/golden tests/refusals.txt
run "$out/tests/differential/jpeg" 60
run "$out/tests/hostile/sweep_fields" $golden/k2/softmax_large_logits.h5 \
    $(ls "$shared"/images/formats/pngsuite_s01*.png 2>/dev/null)
run "$out/tests/hostile/sweep_cuts" $golden/a/nested_multi_io/model.h5 tests/hostile/convert/numbered.keras \
    weights/demo/globular.jpg $(ls "$shared"/images/formats/*.png 2>/dev/null)
run "$out/tests/hostile/sweep_faults" "$work"
run "$out/tests/hostile/growth"
run "$out/tests/differential/hdf5" "$work" 60

parsers="$(ls convert/files/hdf5_*.c convert/files/json*.c convert/job/pool.c convert/files/zip.c convert/files/inflate.c cli/npy.c clinic/csv.c clinic/scores_read.c weights/bytes.h \
    weights/blob_view.c weights/blob_read.c weights/blob_places.c weights/rule*.c weights/text.c engine/hosted/*_file.c engine/hosted/exif.c engine/hosted/jpeg_entropy.c)"
llvm-profdata-19 merge -sparse "$out"/suites/*.profdata -o "$out/all.profdata" || exit 1
llvm-cov-19 report -instr-profile="$out/all.profdata" ${objects#* -object } -show-mcdc-summary \
    -show-branch-summary -sources $parsers >"$out/report.txt" 2>"$work/log" || exit 1
llvm-cov-19 show -instr-profile="$out/all.profdata" ${objects#* -object } -show-branches=count -show-mcdc \
    -sources $parsers >"$out/show.txt" 2>>"$work/log"

# Branches that no copy of a line takes, with their source.
awk -F'|' '
    /^\/.*:$/ { file = $0; sub(/:$/, "", file); sub(/^.*\/(convert|weights|engine|clinic|cli)\//, "&", file) }
    /^ +[0-9]+\|/ { line = $0; sub(/^[^|]*\|[^|]*\|/, "", line); text[file, $1 + 0] = line }
    /Branch \(/ {
        match($0, /\([0-9]+:[0-9]+\)/)
        place = file ":" substr($0, RSTART + 1, RLENGTH - 2)
        if (/True: 0,/) never[place, "true"]; else taken[place, "true"]
        if (/False: 0\]/) never[place, "false"]; else taken[place, "false"]
    }
    END {
        for (key in never) {
            if (key in taken) continue
            split(key, part, SUBSEP)
            n = split(part[1], at, ":")
            source = substr(text[substr(part[1], 1, length(part[1]) - length(at[n - 1]) - length(at[n]) - 2), at[n - 1]], at[n])
            name = part[1]
            sub(/^.*\/(convert|weights|engine|clinic|cli)\//, "&", name)
            print name, "never", part[2] ":", source
        }
    }' "$out/show.txt" | sed "s|$(pwd)/||" | sort -V >"$out/missing.txt"

# File, regions 3, functions 3, lines 3, branches: all, missed, share; conditions: all, missed, share
awk '
    $1 ~ /\.[ch]$/ || $1 == "TOTAL" {
        name = $1; sub(/^.*\/(convert|weights|engine|clinic|cli)\//, "&", name)
        branches = $11; branches_missed = $12; conditions = $14; conditions_missed = $15
        if (name == "TOTAL") { total = sprintf("coverage: %d of %d branches (%.2f %%), %d of %d conditions (%.2f %% MC/DC)",
            branches - branches_missed, branches, 100 - 100 * branches_missed / branches, conditions - conditions_missed,
            conditions, conditions ? 100 - 100 * conditions_missed / conditions : 100); next }
        missed = branches_missed + conditions_missed > 0
        printf "%s%-28s branches %5d, missed %3d; conditions %4d, missed %3d\n", missed ? "FAIL " : "", name, branches,
            branches_missed, conditions, conditions_missed
        failed += missed
    }
    END { print total; exit failed > 0 }' "$out/report.txt"
