#!/bin/sh
# Fuzzes each target, or those named, from seeds made of the models and photos of this repository; a line each,
# and what was found. As many at a time as there are processors. usage:
#     fuzz.sh SECONDS [TARGET...]   each for so long, with other inputs each time; what they learn stays in
#                                   BUILD/fuzz/corpus
#     fuzz.sh long HOURS            all of them, in so many hours
#     fuzz.sh counted [TARGET...]   a fixed number of executions from a fixed seed and from nothing learned: the same
#                                   inputs on every machine, however fast
# Exit code 1: something was found; its input lies in BUILD/fuzz/found, and belongs into tests/hostile.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}/fuzz
shared=${FOVEA_SHARED:-../shared}
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
all='convert model hdf5 keras lambda json zip inflate npy photo blob'
seconds=${1:-60}
if [ "$seconds" = long ]; then
    seconds=$((${2:-8} * 3600 * jobs / 11))
    set --
fi
[ $# -gt 0 ] && shift
targets=${*:-$all}
# Executions of a target in `counted`: some twenty seconds of an ordinary processor.
executions_of() {
    case $1 in
    convert) echo 6000 ;;
    model) echo 2000 ;;
    hdf5) echo 100000 ;;
    keras) echo 20000 ;;
    lambda) echo 60000 ;;
    json) echo 300000 ;;
    zip) echo 20000 ;;
    inflate) echo 1000000 ;;
    npy) echo 3000000 ;;
    photo) echo 15000 ;;
    blob) echo 200000 ;;
    esac
}
sanitize='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DFOVEA_DEBUG'

mkdir -p "$build/found"
make -s -j"$jobs" BUILD="$build" CC="${CLANG:-clang}" CFLAGS='-O1 -g' EXTRA="$sanitize" fuzzers || exit 1
rm -rf "$build/seeds"
"$build/tests/fuzz/seeds" "$build/seeds" $(git ls-files weights/demo tests/golden tests/hostile) \
    $(ls "$shared"/conformance/a/*/model.keras 2>/dev/null) || exit 1
mkdir -p "$build/seeds/lambda"
while read -r version name code; do
    echo "$code" | base64 -d >"$build/seeds/lambda/$version-$name"
done <tests/golden/lambda_versions.txt
# A dictionary of the words that files are made of.
sed -n 's/^[A-Z]*("\([A-Za-z0-9_ |?!;=*]*\)".*/\1/p' convert/*/*.def | tr ' |?!;=*' '\n\n\n\n\n\n\n' | sort -u |
    sed -n 's/^\(..*\)$/"\1"/p' >"$build/words.dict"
for word in '\x89HDF\x0d\x0a\x1a\x0a' TREE SNOD HEAP GCOL OHDR OCHK FRHP FHDB FHIB BTHD BTIN BTLF FADB FAHD \
    EAHD EAIB EASB EADB 'PK\x01\x02' 'PK\x03\x04' 'PK\x05\x06' IHDR IDAT PLTE tRNS IEND '\xff\xd8' '\xff\xda' \
    '\xff\xc0' '\xff\xc2' '\xff\xc4' '\xff\xdb' '\xff\xdd' "'descr':" "'fortran_order':" "'shape':"; do
    echo "\"$word\""
done >>"$build/words.dict"

# What a target stopped at, how to come there again, and the input itself where it is short enough to print.
describe() {
    grep -E 'ERROR|SUMMARY|fuzz:|runtime error|Test unit written' "$build/$1.log" | head -n 5 | cut -c1-300
    sed -n 's/^INFO: Seed: /again with -seed=/p' "$build/$1.log" | head -n 1
    for input in "$build/found/$1"-*; do
        [ -f "$input" ] && gzip -9c "$input" | base64 -w 0 >"$build/$1.input" || continue
        [ "$(wc -c <"$build/$1.input")" -gt 20000 ] || echo "base64 -d | gunzip >found: $(cat "$build/$1.input")"
    done
}

# One target; its line goes to BUILD/fuzz/TARGET.line.
fuzz() {
    target=$1
    corpus=$build/corpus/$target
    amount="-seed=0 -max_total_time=$seconds"
    if [ "$seconds" = counted ]; then
        corpus=$build/counted/$target
        amount="-seed=1 -runs=$(executions_of "$target")"
        rm -rf "$corpus"
    fi
    mkdir -p "$corpus" "$build/seeds/$target"
    "$build/tests/fuzz/$target" $amount -timeout=10 \
        -rss_limit_mb=2500 -max_len=131072 -dict="$build/words.dict" -artifact_prefix="$build/found/$target-" -print_final_stats=1 \
        "$corpus" "$build/seeds/$target" $(ls -d "tests/hostile/$target" 2>/dev/null) >"$build/$target.log" 2>&1
    code=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$target.log" | tail -n 1)
    edges=$(grep -o 'cov: [0-9]*' "$build/$target.log" | tail -n 1)
    word='nothing found'
    [ $code -eq 0 ] || word="FOUND: exit code $code"
    {
        echo "fuzz $target: ${runs:-0} executions, ${edges:-cov: 0}, $word"
        [ $code -eq 0 ] || describe "$target" | sed 's/^/     /'
    } >"$build/$target.line"
}

for target in $targets; do rm -f "$build/$target.line"; done
lane=0
while [ $lane -lt "$jobs" ]; do
    (
        at=0
        for target in $targets; do
            if [ $((at % jobs)) -eq $lane ]; then fuzz "$target"; fi
            at=$((at + 1))
        done
    ) &
    lane=$((lane + 1))
done
wait
for target in $targets; do cat "$build/$target.line" || echo "fuzz $target: 0 executions, FOUND: it did not end"; done |
    tee "$build/lines"
total=$(awk '/^fuzz / {sum += $3} END {print sum}' "$build/lines")
found=$(grep -c 'FOUND:' "$build/lines")
echo "fuzz: $total executions, $found findings"
[ "$found" -eq 0 ]
