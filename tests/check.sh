#!/bin/sh
# make check: what takes a minute and needs no more than the compiler; all of it is part of make test. Ends with
# "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
build=$1
passed=0
failed=0
suite() { # name, program that ends with "N passed, N failed"
    name=$1
    shift
    line=$("$@" 2>&1 | tee "$build/check.log" | grep -E '^[0-9]+ passed, [0-9]+ failed$' | tail -n 1)
    good=${line%% passed*}
    bad=$(echo "$line" | sed 's/.*, \([0-9]*\) failed/\1/')
    if [ -z "$line" ] || [ "$bad" -ne 0 ]; then
        echo "FAIL  $name"
        tail -n 20 "$build/check.log" | sed 's/^/      /'
    else
        echo "ok    $name: $good"
    fi
    passed=$((passed + ${good:-0}))
    failed=$((failed + ${bad:-1}))
}
suite 'golden models, as Keras answers' "$build/tests/conformance" tests/golden tests/refusals.txt
suite 'golden models, little memory' "$build/tests/conformance" tests/golden tests/refusals.txt --memory small
suite 'kernels against their definition' "$build/tests/kernels/check" 50
suite 'each check refuses' "$build/tests/checks/checks"
suite 'the command' sh tests/cli.sh "$build"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
