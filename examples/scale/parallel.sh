#!/bin/sh
# Photos through GNU parallel, one part of the folder for each job: parallel.sh MODEL FOLDER OUT.jsonl [JOBS]
set -eu
model=$1
folder=$2
out=$3
jobs=${4:-2}
fovea=${FOVEA:-fovea}
parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT
# Exit code 1 says that some photos could not be read: their records say so, too.
seq "$jobs" | parallel --jobs "$jobs" "$fovea" run "$model" -r "$folder" --shard {}/"$jobs" --json -q \
    '>' "$parts"/{} '2>' "$parts"/{}.err '||' '[ $? -eq 1 ]'
# The first line of each part, then the second of each: the order of one process.
i=1
set --
while [ "$i" -le "$jobs" ]; do
    set -- "$@" "$parts/$i"
    i=$((i + 1))
done
paste -d '\n' "$@" | grep . >"$out"
