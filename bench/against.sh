#!/bin/sh
# Speed of this tree against that of another commit: builds both, runs the built-in networks in turn, on one and on two
# threads, and prints for each the least time of both and the ratio (above 1: this tree is the faster one).
#
#     bench/against.sh COMMIT [rounds [build directory [options of bench]]]     such as: 8 build --isa avx2
#
# The machine may be shared: the two alternate, and of many rounds the fastest counts.
set -eu
cd "$(dirname "$0")/.."
commit=$1
rounds=${2:-8}
build=${3:-build}
if [ $# -gt 3 ]; then shift 3; else set --; fi
work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-against.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
git archive "$commit" | tar -x -C "$work/tree"
make -s -C "$work/tree" build/fovea >/dev/null
make -s BUILD="$build" "$build/fovea"

first=
if chrt -f 1 true 2>/dev/null; then first='chrt -f 1'; fi
time_of() { # PROGRAM NET THREADS OPTIONS: milliseconds, the least of the runs
    program=$1 net=$2 threads=$3
    shift 3
    $first "$program" bench --arch "$net" --threads "$threads" --json "$@" | sed -n 's/.*"min_ms":\([-0-9.e+]*\).*/\1/p'
}

round=0
while [ "$round" -lt "$rounds" ]; do # the rounds of a network lie apart, so that a busy minute hits only one
    for net in seed mobilenet mobilenetv2 squeezenet resnet50 efficientnetb0 unet; do
        for threads in 1 2; do
            if [ $((round % 2)) = 0 ]; then
                then=$(time_of "$work/tree/build/fovea" $net $threads "$@")
                now=$(time_of "$build/fovea" $net $threads "$@")
            else
                now=$(time_of "$build/fovea" $net $threads "$@")
                then=$(time_of "$work/tree/build/fovea" $net $threads "$@")
            fi
            echo "$net $threads $then $now" >>"$work/times"
        done
    done
    round=$((round + 1))
done
awk '{ key = $1 " " $2
       if (!(key in then)) { order[n++] = key; then[key] = $3; now[key] = $4 }
       if ($3 < then[key]) then[key] = $3
       if ($4 < now[key]) now[key] = $4 }
     END { printf "%-16s %s %10s %10s %6s\n", "network", "threads", "'"$commit"'", "this tree", "ratio"
           for (i = 0; i < n; i++) {
               split(order[i], k, " ")
               printf "%-16s %7d %7.3f ms %7.3f ms %6.3f\n", k[1], k[2], then[order[i]], now[order[i]], then[order[i]] / now[order[i]] } }' "$work/times"
