#!/bin/sh
# Answers of this tree against those of another commit, bit for bit: builds both, converts every golden and shared
# model with both, and runs each on its own input in many ways. usage: same_bits.sh COMMIT [BUILD]
# Exit code 1: one differs. Models that one of them refuses are counted by themselves.
set -u
cd "$(dirname "$0")/.."
commit=$1
build=${2:-build}
shared=${FOVEA_SHARED:-../shared}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-same.XXXXXX")
trap 'rm -rf "$work"' EXIT
git archive "$commit" | (mkdir "$work/tree" && tar -x -C "$work/tree") || exit 1
make -s -j"$jobs" -C "$work/tree" build/fovea >/dev/null 2>"$work/log" || { tail "$work/log"; exit 1; }
make -s -j"$jobs" BUILD="$build" "$build/fovea" || exit 1
then=$work/tree/build/fovea
now=$build/fovea
same=0 differ=0 refused=0
numbers() { # FILE: those of a .npy file, behind its header
    [ -f "$1" ] && tail -c +$((11 + $(od -A n -t u2 -j 8 -N 2 "$1"))) "$1"
}
for input in tests/golden/conformance/*/*/input.npy "$shared"/conformance/*/*/input.npy; do
    model=${input%input.npy}model.h5
    [ -f "$model" ] || continue
    for weights in f32 f16; do
        option=
        [ $weights = f16 ] && option='--weights f16'
        "$then" convert "$model" -o "$work/then.fovea" $option >/dev/null 2>&1 &&
            "$now" convert "$model" -o "$work/now.fovea" $option >/dev/null 2>&1 || { refused=$((refused + 1)) && continue; }
        for how in '--isa ref' '--isa sse2' '--isa avx2' '--isa avx2 --threads 2' '--isa sse2 --threads 3' \
            '--isa avx2 --threads 4' '--isa avx2 --exact' '--isa avx2 --memory small' '--isa ref --memory small --exact --threads 2'; do
            rm -f "$work"/*.npy
            "$then" run "$work/then.fovea" "$input" -o "$work/then" $how >/dev/null 2>&1
            "$now" run "$work/now.fovea" "$input" -o "$work/now" $how >/dev/null 2>&1
            for file in "$work"/then*.npy; do
                numbers "$file" >"$work/a" 2>/dev/null
                numbers "$work/now${file#"$work/then"}" >"$work/b" 2>/dev/null
                if [ -s "$work/a" ] && cmp -s "$work/a" "$work/b"; then same=$((same + 1)); else
                    differ=$((differ + 1))
                    echo "differs: $model $weights $how"
                fi
            done
        done
    done
done
echo "$same outputs have the same bits, $differ differ; $refused conversions are not to be had from both"
[ $differ -eq 0 ]
