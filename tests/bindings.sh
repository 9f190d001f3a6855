#!/bin/sh
# The packages for other languages, in new places, beside what they are compared with.
#
#     sh tests/bindings.sh BUILD [SUITE...]     (a build with the command made; python, web, jvm, camera or all)
set -u
cd "$(dirname "$0")/.."
build=$1
shift
passed=0
failed=0
mkdir -p "$build"

# suite NAME COMMAND...: counts the command's lines "N passed, M failed"
suite() {
    name=$1
    shift
    "$@" >"$build/bindings.log" 2>&1
    code=$?
    good=$(awk '/^[0-9]+ passed, [0-9]+ failed$/ {n += $1} END {print n + 0}' "$build/bindings.log")
    bad=$(awk '/^[0-9]+ passed, [0-9]+ failed$/ {n += $3} END {print n + 0}' "$build/bindings.log")
    if [ $code -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    passed=$((passed + good))
    failed=$((failed + bad))
    if [ "$bad" -eq 0 ]; then
        echo "ok    $name: $good"
        grep -E 'bytes$|NOT ' "$build/bindings.log" | sed 's/^/      /'
    else
        echo "FAIL  $name: $bad failed, $good passed"
        tail -n 40 "$build/bindings.log" | sed 's/^/      /'
    fi
}

yuv() { make -s BUILD="$build" "$build/tests/differential/yuv" && "$build/tests/differential/yuv"; }

for one in python web jvm camera; do
    [ -z "$*" ] || case " $* " in *" $one "*) ;; *) continue ;; esac
    case $one in
    python) suite 'Python, with numpy, Pillow and Keras' sh tests/python/run.sh "$build" keras ;;
    web) suite 'WebAssembly: Node, npm, the page in Chromium' sh tests/web/run.sh "$build" ;;
    jvm) suite 'Kotlin on a JVM, the AAR' sh tests/jvm/run.sh "$build" ;;
    camera) suite 'YUV beside libyuv' yuv ;;
    esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
