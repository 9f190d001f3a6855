# Whether tests notice what is changed in the sources one by one; for kill.sh and mutants.sh, which are to be read
# first. To be sourced in the repository's root, with
#
#     build      a folder of its own, as a whole path
#     jobs       how many at a time
#     switch     the variable that puts one change in, by its id; $switch_LOG=FILE notes which were come by
#
# What is built: the sources in $build/src, with sanitizers, into $build/out.

src=$build/src
shared=$(cd "${FOVEA_SHARED:-../shared}" 2>/dev/null && pwd)

# hunt_copy PATTERN: the sources; what `rewrite FILE` makes of those that match. Only what changed is written.
hunt_copy() {
    mkdir -p "$src"
    for file in $(git ls-files -co --exclude-standard | grep -vE '^(tests/golden/|bench/results)'); do
        mkdir -p "$src/$(dirname "$file")"
        if echo "$file" | grep -qE "$1"; then
            rewrite "$file" >"$build/new" || return 1
        else
            cp "$file" "$build/new"
        fi
        cmp -s "$build/new" "$src/$file" || cp "$build/new" "$src/$file"
    done
    # What is no longer there
    (cd "$src" && find . -type f -name '*.[ch]') | while read -r file; do
        [ -e "$file" ] || rm -f "$src/$file"
    done
    ln -sfn "$(pwd)/tests/golden" "$src/tests/golden"
    [ -z "$shared" ] || ln -sfn "$shared" "$build/shared"
}

hunt_make() { # what make is told besides
    make -C "$src" -s -j"$jobs" BUILD="$build/out" CC="${CLANG:-clang}" "$@" \
        EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=all' all unit \
        "$build/out/tests/checks/checks" "$build/out/tests/conformance"
}

# hunt_meet [LINE]...: the tests, each a name and a command, those given after those of all; $build/tests gets
# them with their milliseconds in front, the fastest first, and NAME.met the ids that a test comes by. Tests that fail
# as it is are named and left out: 1 is returned then.
hunt_meet() {
    for source in tests/unit/test_*.c; do
        echo "$(basename "$source" .c) $build/out/${source%.c}"
    done >"$build/tests"
    {
        echo "checks $build/out/tests/checks/checks"
        echo "conformance $build/out/tests/conformance tests/golden tests/refusals.txt"
        echo "command sh tests/cli.sh $build/out"
        for line in "$@"; do echo "$line"; done
    } >>"$build/tests"
    export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
    rm -f "$build"/*.met "$build/order"
    while read -r name command; do
        start=$(date +%s%N)
        if ! (cd "$src" && env "${switch}_LOG=$build/$name.met" $command) >"$build/$name.log" 2>&1 </dev/null; then
            echo "$name fails with nothing changed: $build/$name.log"
            rm -f "$build/$name.met"
            continue
        fi
        echo "$((($(date +%s%N) - start) / 1000000)) $name $command" >>"$build/order"
    done <"$build/tests"
    all=$(grep -c . "$build/tests")
    sort -n "$build/order" >"$build/tests"
    [ "$all" -eq "$(grep -c . "$build/tests")" ]
}

# hunt <IDS: each by itself, against the tests that come by it, with three times the time they take by themselves;
# a line each, "noticed ID TEST" or "alive ID TESTS", at the end of $build/result.
hunt() {
    cat >"$build/one.sh" <<'END'
id=$1 build=$2 switch=$3 seen=
cd "$build/src" || exit 255
while read -r ms name command; do
    grep -qx "$id" "$build/$name.met" 2>/dev/null || continue
    if ! env "$switch=$id" timeout $((20 + ms * 3 / 1000)) $command >"$build/$id.log" 2>&1 </dev/null; then
        rm -f "$build/$id.log"
        echo "noticed $id $name"
        exit
    fi
    rm -f "$build/$id.log"
    seen="$seen $name"
done <"$build/tests"
echo "alive $id${seen:- met by no test}"
END
    xargs -P "$jobs" -I ID sh "$build/one.sh" ID "$build" "$switch" >>"$build/result"
}
