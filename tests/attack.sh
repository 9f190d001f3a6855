#!/bin/sh
# What broke fovea once (SECURITY.md), each by its name: refused by the check that is meant, in one clean line that
# names the layer, nothing left behind; or converted, and printed so that a terminal does nothing. Then blobs that
# another thread changes while they are planned and run. usage: attack.sh BUILD (sanitized); a table, then
# "N passed, N failed".
set -u
cd "$(dirname "$0")/.."
build=$1
shared=${FOVEA_SHARED:-../shared}
. tests/expect.sh

# What a terminal might act on: controls, C1, characters without width, directions of writing.
acts=$(printf '[\001-\010\013-\037\177]\|\302[\200-\237]\|\342\200[\213-\217\252-\256]\|\342\201[\246-\251]')

# attacked FILE CHECK WORD: CHECK "" is a file that converts; WORD is in what is printed
attacked() {
    rm -f "$work"/x*
    "$build/fovea" convert "tests/hostile/convert/$1" -o "$work/x.fovea" --verbose >"$work/out" 2>"$work/err"
    code=$?
    if [ -n "$2" ]; then
        became="refused, $2"
        [ $code -eq 1 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q "$3.*\[$2\]" "$work/err" &&
            [ -z "$(ls "$work"/x* 2>/dev/null)" ]
    else
        became=converted
        [ $code -eq 0 ] && "$build/fovea" inspect "$work/x.fovea" >>"$work/out" 2>>"$work/err" && grep -q "$3" "$work/out"
    fi
    right=$?
    if LC_ALL=C grep -q "$acts" "$work/out" "$work/err"; then right=1; fi
    verdict $right "$1: $2"
    printf '  %-24s %s\n' "$1" "$([ $right -eq 0 ] && echo "$became" || echo 'NOT AS IT SHOULD BE')"
}
attacked null_weight.h5 K-117 "layer 'ln'"
attacked damaged_weight.h5 H-027 layernormalization_4
attacked mha_rank0_write.keras K-073 "layer 'a'"
attacked list_config.keras K-021 "model 'Functional'"
attacked list_config.h5 K-021 "model 'Functional'"
attacked einsum_noreason.h5 K-098 "layer 'e'"
attacked n_c1.h5 C-011 'holds control characters'
attacked n_bidi.h5 '' 'output 7'

"$build/tests/hostile/changed" 1000 tests/golden/formats/*.fovea $(ls "$shared"/cases/changed/*.fovea 2>/dev/null) \
    >"$work/out" 2>"$work/err"
verdict $? 'blobs changed while they are planned'
grep ': changed' "$work/out" | while read -r name what; do printf '  %-24s %s\n' "${name%:}" "$what"; done
counted
