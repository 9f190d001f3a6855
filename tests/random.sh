#!/bin/sh
# Random models (tests/random/random.c): as many as have every layer and operation four times, the same each time and
# with their known answers, sanitized and as it is shipped; or for some seconds others each time, sanitized. A last
# line of each counts; exit code 1 if anything is wrong. usage: random.sh [SECONDS [SEED]]
#
# Answers that are known are in random/answers.txt. A new layer changes some of the draws, whose answers then are not
# known: take the file away, and run this and tests/random/ask_keras.sh, which holds them against Keras itself.
set -u
cd "$(dirname "$0")/.."
shipped=${BUILD:-build}
build=$shipped/random
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
answers=tests/random/answers.txt
random=$build/tests/random/random
make -s -j"$jobs" BUILD="$build" CC="${CLANG:-clang}" CFLAGS='-O1 -g' "$random" "$build/fovea" \
    EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=all' || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
if [ $# -gt 0 ]; then
    "$random" --seconds "$1" --seed "${2:-$(date +%s)}" --jobs "$jobs" --command "$build/fovea" "$folder"
    exit
fi
if [ ! -s $answers ]; then
    "$random" --models 1000 --answers none --jobs "$jobs" >"$build/answers" || { cat "$build/answers"; exit 1; }
    grep -v '^random:' "$build/answers" | LC_ALL=C sort >$answers
fi
make -s -j"$jobs" BUILD="$shipped" CFLAGS='-O2 -g' "$shipped/tests/random/random" || exit 1
"$random" --models 1000 --jobs "$jobs" --command "$build/fovea" "$folder" --answers $answers &&
    "$shipped/tests/random/random" --models 1000 --jobs "$jobs" --answers $answers
