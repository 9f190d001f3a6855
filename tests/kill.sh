#!/bin/sh
# Check-kill: each check that refuses something (weights/check.h) is taken away by itself, and a test has
# to notice. Ends with "N of M checks noticed"; exit code 1 if one is not. usage: kill.sh [ID...]
#
# The sources are rewritten (kill/mark.c) and built once, with sanitizers; a check is then taken away by a
# variable of the environment. Only tests in which the check refuses something can notice, so those
# are found out first, and run for it, the fastest first.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}/kill
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
src=$build/src
mkdir -p "$src"
build=$(cd "$build" && pwd)
src=$build/src
shared=$(cd "${FOVEA_SHARED:-../shared}" 2>/dev/null && pwd)
marked='^(weights/.*\.c|engine/[a-z_]*\.c|engine/hosted/[a-z_]*\.[ch]|convert/.*\.c|cli/npy\.c)$'

# ---- the sources, rewritten ----

${CC:-cc} -std=c11 -O1 -Wall -Wextra -Werror tests/kill/mark.c -o "$build/mark" || exit 1
for file in $(git ls-files -co --exclude-standard | grep -vE '^(tests/golden|bench/results)'); do
    mkdir -p "$src/$(dirname "$file")"
    if echo "$file" | grep -qE "$marked"; then
        "$build/mark" "$file" >"$build/new" || exit 1
    else
        cp "$file" "$build/new"
    fi
    cmp -s "$build/new" "$src/$file" || cp "$build/new" "$src/$file"
done
cp tests/kill/spare.c "$src/weights/spare.c"
ln -sfn "$(pwd)/tests/golden" "$src/tests/golden"
[ -z "$shared" ] || ln -sfn "$shared" "$build/shared"
cd "$src" || exit 1
make -s -j"$jobs" BUILD="$build/out" CC="${CLANG:-clang}" CFLAGS='-O1 -g' \
    EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=all' all unit "$build/out/tests/checks/checks" "$build/out/tests/conformance" || exit 1

# ---- which test meets which check ----

# A test is a line of arguments; its name is that of its log.
for source in tests/unit/test_*.c; do
    echo "$(basename "$source" .c) $build/out/${source%.c}"
done >"$build/tests"
echo "checks $build/out/tests/checks/checks" >>"$build/tests"
echo "conformance $build/out/tests/conformance tests/golden tests/refusals.txt" >>"$build/tests"
echo "command sh tests/cli.sh $build/out" >>"$build/tests"

export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
rm -f "$build"/*.met "$build/order"
meet() { # NAME COMMAND...
    name=$1
    shift
    start=$(date +%s%N)
    if ! KILL_LOG="$build/$name.met" "$@" >"$build/$name.log" 2>&1; then
        echo "kill: $name fails with all checks in place"
        exit 255
    fi
    echo "$((($(date +%s%N) - start) / 1000000)) $name $*" >>"$build/order"
}
while read -r line; do
    meet $line </dev/null
done <"$build/tests"
sort -n "$build/order" >"$build/tests" # the fastest first, with the time in front

# ---- one after the other ----

cat >"$build/one.sh" <<'END'
id=$1
build=$2
while read -r ms name command; do
    grep -qx "$id" "$build/$name.met" 2>/dev/null || continue
    if ! KILL=$id timeout 20 $command >"$build/$id.log" 2>&1 </dev/null; then
        rm -f "$build/$id.log"
        echo "noticed $id $name"
        exit
    fi
    rm -f "$build/$id.log"
    seen=" by $name"
done <"$build/tests"
echo "alive $id ${seen:-met by no test}"
END
if [ $# -gt 0 ]; then echo "$@" | tr ' ' '\n'; else
    cat weights/*.[ch] engine/*.[ch] engine/hosted/*.[ch] convert/*.[ch] convert/*/*.[ch] cli/npy.c |
        sed -n 's/.*kill_spared("\([A-Z]-[0-9]*\)").*/\1/p' | sort -u
fi >"$build/ids"
xargs -P "$jobs" -I ID sh "$build/one.sh" ID "$build" <"$build/ids" >"$build/result"
grep '^alive' "$build/result" | sort
echo "$(grep -c '^noticed' "$build/result") of $(grep -c . "$build/ids") checks noticed"
! grep -q '^alive' "$build/result"
