#!/bin/sh
# A library of only what one model needs (convert --emit ops, FOVEA_OPS_FILE), for models that together have every
# operator: it is built, as on a computer and as on a small board, and the model's self-test runs in it. A kernel that
# the list forgets is refused by fovea_plan. usage: shortened.sh BUILD (with the command and tests/pairs made)
set -u
cd "$(dirname "$0")/.."
build=$1
out=$build/shortened
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
fovea=$build/fovea
sh packages/amalgamate.sh "$out" || exit 1
cat >"$out/main.c" <<'END'
#include "fovea.h"
#include <stdio.h>
#include <stdlib.h>
static _Alignas(64) unsigned char blob[1 << 20];
int main(int count, char **words) {
    FILE *file = fopen(words[count - 1], "rb");
    size_t size = file ? fread(blob, 1, sizeof blob, file) : 0, bytes;
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    struct fovea_error error;
    struct fovea_model model;
    fovea_session *session;
    float largest = -1;
    if (fovea_model_open(&model, blob, size, &error) || fovea_measure(&model, &options, &bytes, &error))
        return printf("%s\n", error.text), 1;
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (fovea_plan(&model, &options, memory, bytes, &session, &error)) return printf("%s\n", error.text), 1;
    enum fovea_status status = fovea_selftest(session, &largest);
    if (status) printf("selftest: %s, %g off\n", fovea_status_text(status), (double)largest);
    return status != FOVEA_OK;
}
END

# The lists of all models, and for each operator the first model that has it.
operators=$(sed -n 's/^OP(\([0-9]*\), .*/\1/p' weights/ops.def)
models=
for input in tests/golden/conformance/*/*/input.npy "${FOVEA_SHARED:-../shared}"/conformance/a/*/input.npy; do
    case=${input%/input.npy}
    name=$(echo "${case#*conformance/}" | tr / _)
    [ -f "$case/model.h5" ] && [ ! -f "$out/$name.def" ] || continue
    "$fovea" convert "$case/model.h5" --golden "$input" -o "$out/$name.fovea" >/dev/null 2>&1 &&
        "$fovea" convert "$out/$name.fovea" --emit ops -o "$out/$name.def" >/dev/null 2>&1 && models="$models $name"
done
# Operators of bytes: models that compute in 8 bits, each calibrated on its own input.
for input in tests/golden/conformance/a/*/input.npy "${FOVEA_SHARED:-../shared}"/conformance/a/block_*/input.npy; do
    case=${input%/input.npy}
    name=i8_${case##*/}
    [ -f "$case/model.h5" ] && [ ! -f "$out/$name.def" ] || continue
    "$fovea" convert "$case/model.h5" --weights i8 --calibrate "$input" --keep-agreement 0 --golden "$input" \
        -o "$out/$name.fovea" >/dev/null 2>&1 &&
        "$fovea" convert "$out/$name.fovea" --emit ops -o "$out/$name.def" >/dev/null 2>&1 && models="$models $name"
done
"$build/tests/pairs" "$out/pairs.fovea" && "$fovea" convert "$out/pairs.fovea" --emit ops -o "$out/pairs.def" >/dev/null &&
    models="$models pairs"
passed=0
failed=0
chosen=' '
missing=
for code in $operators; do
    found=
    for name in $models; do
        if grep -q "^OP($code, " "$out/$name.def"; then found=$name && break; fi
    done
    [ -n "$found" ] || missing="$missing $code"
    case $chosen in *" $found "*) ;; *) chosen="$chosen$found " ;; esac
done
for name in $chosen; do
    for small in 0 1; do
        if ${CC:-cc} -O1 -ffp-contract=off -DFOVEA_SMALL=$small -DFOVEA_OPS_FILE="\"$out/$name.def\"" -I"$out" \
            "$out/main.c" "$out/fovea.c" -o "$out/run" >"$out/log" 2>&1 && "$out/run" "$out/$name.fovea" >"$out/log" 2>&1; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAIL $name, FOVEA_SMALL=$small: $(tail -n 2 "$out/log")"
        fi
    done
done
if [ -n "$missing" ]; then
    failed=$((failed + 1))
    echo "FAIL no model has the operators$missing"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
