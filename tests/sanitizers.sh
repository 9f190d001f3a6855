#!/bin/sh
# The host's tests under the sanitizers that run.sh leaves out: MSan (nothing reads what was not written; no
# cmocka, whose library is not built for it) and TSan (threads on one model, results equal to one thread's).
# A line each; exit code 1 if anything was found.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
log=$build/sanitizers.log
failed=0

check() { # name, command...
    name=$1
    shift
    if "$@" >"$log" 2>&1; then
        echo "ok    $name"
    else
        echo "FAIL  $name"
        grep -E 'WARNING|SUMMARY|FAIL|error' "$log" | head -n 5 | sed 's/^/      /'
        failed=1
    fi
}
compile() { # kind, flags, what
    make -s -j"$jobs" BUILD="$build/$1" CC="${CLANG:-clang}" CFLAGS='-O1 -g' EXTRA="-fno-omit-frame-pointer $2" $3
}

cuts='tests/golden/conformance/a/act_elu/model.h5 tests/hostile/convert/numbered.keras weights/demo/globular.jpg'
check 'build with MSan' compile msan '-fsanitize=memory -fsanitize-memory-track-origins' \
    "$build/msan/tests/conformance $build/msan/tests/hostile/sweep_cuts $build/msan/tests/kernels/check $build/msan/fovea"
check 'golden models (MSan)' "$build/msan/tests/conformance" tests/golden tests/refusals.txt
check 'cuts and flips (MSan)' "$build/msan/tests/hostile/sweep_cuts" $cuts
check 'the command (MSan)' sh tests/cli.sh "$build/msan"
check 'kernels (MSan)' "$build/msan/tests/kernels/check" 20

check 'build with TSan' compile tsan '-fsanitize=thread' "$build/tsan/tests/hostile/threads"
check '8 threads in a session, 8 sessions on a model (TSan)' "$build/tsan/tests/hostile/threads" 40
exit $failed
