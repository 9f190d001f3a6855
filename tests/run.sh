#!/bin/sh
# The whole test: builds, runs every suite, ends with "N passed, N failed, N skipped". Suites that need a tool that
# cannot be had count as failed, aloud.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}
shared=${FOVEA_SHARED:-../shared}
passed=0
failed=0
skipped=0 # what says NOT run
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
mkdir -p "$build"
log=$build/test.log

count() { # passed failed
    passed=$((passed + $1))
    failed=$((failed + $2))
}

# step NAME COMMAND...: one test that is the command's success
step() {
    name=$1
    shift
    if "$@" >"$log" 2>&1; then
        echo "ok    $name"
        count 1 0
    else
        echo "FAIL  $name"
        sed 's/^/      /' "$log" | tail -n 40
        count 0 1
    fi
}

# suite NAME COMMAND...: a program that counts its own tests (cmocka, or "N passed, N failed")
suite() {
    name=$1
    shift
    "$@" >"$log" 2>&1
    code=$?
    if line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1) && [ -n "$line" ]; then
        good=${line%% *}
        bad=$(echo "$line" | sed 's/.*, \([0-9]*\) failed/\1/')
    else
        good=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
        bad=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$log" | tail -n 1)
    fi
    good=${good:-0}
    bad=${bad:-0}
    if [ $code -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$good" -eq 0 ] && [ "$bad" -eq 0 ] && ! grep -q 'NOT ' "$log"; then bad=1; fi
    count "$good" "$bad"
    skipped=$((skipped + $(grep -c 'NOT ' "$log")))
    if [ "$bad" -eq 0 ]; then
        echo "ok    $name: $good"
        grep -E 'NOT |right|off$|largest|peak' "$log" | sed 's/^/      /'
    else
        echo "FAIL  $name: $bad failed, $good passed"
        sed 's/^/      /' "$log" | tail -n 40
    fi
}

units() { # build directory, suffix of the name
    for source in tests/unit/test_*.c; do
        program=$1/${source%.c}
        suite "$(basename "$program")$2" "$program"
    done
}

compile() { make -s -j"$jobs" BUILD="$1" CC="$2" CFLAGS="$3" EXTRA="${4:-}" $5; }

step 'tools' sh tests/setup.sh
step 'rules' sh tests/rules.sh
step 'build with gcc, no warnings' compile "$build" "${CC:-gcc}" '-O2 -g -Werror' '' 'all unit suites'
units "$build" ''
suite 'kernels against the reference' "$build/tests/kernels/check" 1000
suite 'accuracy of exp and its kin' "$build/tests/kernels/accuracy"
suite 'a case for each check' "$build/tests/checks/checks"
suite 'golden models' "$build/tests/conformance" tests/golden tests/refusals.txt
suite 'Keras answers' "$build/tests/conformance" "$shared" tests/refusals.txt
for how in '--no-fold' '--isa ref' '--isa sse2' '--isa avx2' '--threads 3' '--exact' '--memory small' \
    '--weights f16' '--weights f16 --memory small'; do
    suite "Keras answers, $how" "$build/tests/conformance" $how "$shared" tests/refusals.txt
done
for how in '' '--memory small' '--isa ref'; do
    suite "golden models of bytes $how" "$build/tests/conformance" --weights w8 $how tests/golden tests/refusals.txt
done
suite 'golden pixels' "$build/tests/golden_pixels" "$shared"
step 'build beside libjpeg-turbo' compile "$build" "${CC:-gcc}" '-O2 -g -Werror' '' "$build/tests/differential/jpeg"
suite 'arithmetic of JPEG' "$build/tests/jpeg_kernels"
suite 'pixels of JPEG' sh tests/jpeg.sh "$build"
step 'build for pictures by recipes' compile "$build" "${CC:-gcc}" '-O2 -g -Werror' '' "$build/tests/photos/fit"
suite 'resizes and enhancements beside their libraries' sh tests/photos.sh "$build"
suite 'skin photos' "$build/tests/skin" "$shared"
suite 'the command' sh tests/cli.sh "$build"
suite 'its manners: signals, links, pipes, texts' sh tests/manners.sh "$build"
suite 'many processes' sh tests/scale.sh "$build"
suite 'photos through the command' sh tests/photo_command.sh "$build"
suite 'JSON by its schema' sh tests/schema.sh "$build"
step 'build beside libsodium' compile "$build" "${CC:-gcc}" '-O2 -g -Werror' '' "$build/tests/differential/signing"
suite 'pages' sh tests/docs.sh "$build"
suite 'signed models' sh tests/signing.sh "$build"
suite 'evaluate' sh tests/clinic.sh "$build" "$shared"
oracle() { python=$(sh tests/clinic/setup.sh "$build") && "$python" tests/clinic/oracle.py "$build/fovea" "$build/clinic" 200; }
suite 'the Python package' sh tests/python/run.sh "$build"
suite 'evaluate against scikit-learn and pROC' oracle

sanitize='-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DFOVEA_DEBUG'
step 'build with clang and sanitizers, no warnings' \
    compile "$build/sanitized" clang '-O1 -g -Werror' "$sanitize" 'all unit suites'
units "$build/sanitized" ' (sanitized)'
suite 'kernels (sanitized)' "$build/sanitized/tests/kernels/check" 100
suite 'arithmetic of JPEG (sanitized)' "$build/sanitized/tests/jpeg_kernels"
suite 'golden models (sanitized)' "$build/sanitized/tests/conformance" tests/golden tests/refusals.txt
suite 'Keras answers (sanitized)' "$build/sanitized/tests/conformance" "$shared" tests/refusals.txt
suite 'the command (sanitized)' sh tests/cli.sh "$build/sanitized"
suite 'evaluate (sanitized)' sh tests/clinic.sh "$build/sanitized" "$shared"

step 'build with the thread sanitizer' compile "$build/threads" clang '-O1 -g -Werror' \
    '-fsanitize=thread' "$build/threads/tests/unit/test_plan $build/threads/tests/unit/test_op_conv $build/threads/fovea"
suite 'threads, plan' "$build/threads/tests/unit/test_plan"
suite 'threads, convolutions' "$build/threads/tests/unit/test_op_conv"
crew() {
    "$build/threads/fovea" convert weights/demo/patterns.h5 -o "$build/threads/crew.fovea" --preprocess keras-01 >/dev/null &&
        "$build/threads/fovea" run "$build/threads/crew.fovea" weights/demo/*.jpg weights/demo/*.jpg --jobs 4 --csv
}
step 'threads, photos in parallel' crew

step 'build for AArch64' compile "$build/arm64" aarch64-linux-gnu-gcc '-O2 -static -Werror' '' \
    "$build/arm64/tests/kernels/check $build/arm64/tests/conformance $build/arm64/tests/jpeg_kernels"
step 'build for ARMv7 with NEON' compile "$build/arm32" arm-linux-gnueabihf-gcc \
    '-O2 -static -march=armv7-a -mfpu=neon -Werror' '' \
    "$build/arm32/tests/kernels/check $build/arm32/tests/conformance $build/arm32/tests/jpeg_kernels"
suite 'NEON kernels, Cortex-A53' qemu-aarch64-static -cpu cortex-a53 "$build/arm64/tests/kernels/check" 40
suite 'NEON kernels, ARMv7 Cortex-A9' qemu-arm-static -cpu cortex-a9 "$build/arm32/tests/kernels/check" 40
suite 'JPEG on AArch64' qemu-aarch64-static -cpu cortex-a53 "$build/arm64/tests/jpeg_kernels"
suite 'JPEG on ARMv7' qemu-arm-static -cpu cortex-a9 "$build/arm32/tests/jpeg_kernels"
suite 'golden models on AArch64' qemu-aarch64-static -cpu cortex-a53 \
    "$build/arm64/tests/conformance" tests/golden tests/refusals.txt
suite 'golden models of halves on AArch64' qemu-aarch64-static -cpu cortex-a53 \
    "$build/arm64/tests/conformance" --weights f16 tests/golden tests/refusals.txt
suite 'golden models of bytes on AArch64' qemu-aarch64-static -cpu cortex-a53 \
    "$build/arm64/tests/conformance" --weights w8 tests/golden tests/refusals.txt
suite 'golden models on ARMv7' qemu-arm-static -cpu cortex-a9 \
    "$build/arm32/tests/conformance" tests/golden tests/refusals.txt
step 'build for s390x, big-endian' compile "$build/s390x" s390x-linux-gnu-gcc '-O2 -static -Werror' '' \
    "$build/s390x/tests/conformance $build/s390x/tests/jpeg_kernels $build/s390x/fovea"
suite 'JPEG on s390x' qemu-s390x-static "$build/s390x/tests/jpeg_kernels"
suite 'golden models on s390x' qemu-s390x-static "$build/s390x/tests/conformance" tests/golden tests/refusals.txt
suite 'golden models of halves on s390x' qemu-s390x-static "$build/s390x/tests/conformance" \
    --weights f16 tests/golden tests/refusals.txt
step 'selftest on s390x' sh tests/endian.sh "$build"

suite 'a library of what one model needs' sh tests/shortened.sh "$build"
suite 'two files' sh tests/dist.sh "$build"
suite 'no operating system, by compiler' sh tests/free.sh "$build/dist" "$build"

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
