#!/bin/sh
# Check-kill: each check that refuses something (weights/check.h) is taken away by itself, and a test has
# to notice. Ends with "N of M checks noticed"; exit code 1 if one is not. usage: kill.sh [ID...]
#
# The sources are rewritten (kill/mark.c) and built once; a check is then taken away by a variable of the
# environment. Only tests in which the check refuses something can notice, so those are found out first, and run
# for it, the fastest first (kill/hunt.sh).
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}/kill
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
mkdir -p "$build"
build=$(cd "$build" && pwd)
switch=KILL
. tests/kill/hunt.sh

${CC:-cc} -std=c11 -O1 -Wall -Wextra -Werror tests/kill/mark.c -o "$build/mark" || exit 1
rewrite() { "$build/mark" "$1"; }
hunt_copy '^(weights/.*\.c|update/[a-z0-9_]*\.c|engine/[a-z_]*\.c|engine/hosted/[a-z_]*\.[ch]|convert/.*\.c|clinic/.*\.c|cli/(npy|pictures)\.c)$' ||
    exit 1
cp tests/kill/spare.c "$src/weights/spare.c"
hunt_make CFLAGS='-O1 -g' || exit 1
hunt_meet || exit 255

if [ $# -gt 0 ]; then echo "$@" | tr ' ' '\n'; else
    cd "$src" && cat weights/*.[ch] engine/*.[ch] update/*.[ch] engine/hosted/*.[ch] convert/*.[ch] convert/*/*.[ch] clinic/*.[ch] cli/*.[ch] |
        grep -o 'kill_spared("[A-Z]-[0-9]*")' | grep -o '[A-Z]-[0-9]*' | sort -u
fi >"$build/ids"
: >"$build/result"
hunt <"$build/ids"
grep '^alive' "$build/result" | sort
echo "$(grep -c '^noticed' "$build/result") of $(grep -c . "$build/ids") checks noticed"
! grep -q '^alive' "$build/result"
