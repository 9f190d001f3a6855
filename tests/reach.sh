#!/bin/sh
# A second reader of what a file can reach: every function behind the calls that take foreign bytes, and which suite
# runs it. usage: reach.sh BUILD (after coverage.sh, whose counts it reads); BUILD/reach/reached.txt has a line for each:
# the function, the entries it is behind, the suites. Exit code 1: one is run by none, and not in tests/reach/known.txt.
#
# What is behind an entry is what the linker keeps for it of all product code, a section for each function and table:
# calls and every address that is taken, in tables and as arguments, so rather more than can be called than less.
set -u
cd "$(dirname "$0")/.."
out=$1/reach
suites=$1/coverage/suites
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
entries='convert_keras fovea_model_open fovea_measure fovea_plan fovea_run fovea_model_resize fovea_image_write
    fovea_photo_decode_as npy_read_bytes csv_open scores_read'
sh tests/setup.sh hostile || exit 1
mkdir -p "$out"
make -s -j"$jobs" BUILD="$out" CC="${CLANG:-clang}" CFLAGS='-O0 -ffunction-sections -fdata-sections -w' \
    "$out/libfovea.a" "$out/libtools.a" || exit 1

# "FUNCTION ENTRY"
for entry in $entries; do
    ${CC:-cc} -nostartfiles -no-pie -Wl,--gc-sections -Wl,-e,"$entry" -Wl,-u,"$entry" "$out/libtools.a" "$out/libfovea.a" \
        "$out/libtools.a" -lm -lpthread -o "$out/$entry" 2>"$out/link.log" || { cat "$out/link.log"; exit 1; }
    nm "$out/$entry" | awk -v entry="$entry" '$2 ~ /^[tT]$/ {print $3, entry}'
done | sort -u >"$out/behind"
nm "$out/libfovea.a" "$out/libtools.a" 2>/dev/null | awk '$2 ~ /^[tT]$/ {print $3}' | sort -u >"$out/ours"

# "FUNCTION SUITE", where it was run; functions of one file alone are named FILE:FUNCTION, or with a semicolon
for profile in "$suites"/*.profdata; do
    llvm-profdata-19 show --all-functions --counts "$profile" | awk -v suite="$(basename "$profile" .profdata)" '
        /^  [^ ].*:$/ { name = $1; sub(/:$/, "", name); sub(/^.*[:;]/, "", name) }
        /Function count: / || /Block counts: / { if (/[1-9]/) print name, suite }'
done | sort -u >"$out/run"

awk -v ours="$out/ours" -v run="$out/run" -v known=tests/reach/known.txt -v table="$out/reached.txt" '
    BEGIN {
        while ((getline line < ours) > 0) mine[line] = 1
        while ((getline line < run) > 0) { split(line, f, " "); suites[f[1]] = suites[f[1]] " " f[2]; many[f[1]]++ }
        while ((getline line < known) > 0) {
            if (line ~ /^#/ || !(at = index(line, " -- "))) continue
            pattern[++patterns] = substr(line, 1, at - 1)
        }
    }
    mine[$1] { if (!($1 in entries)) order[++all] = $1; entries[$1] = entries[$1] " " $2 }
    END {
        for (i = 1; i <= all; i++) {
            name = order[i]
            printf "%s: behind%s; run by%s\n", name, entries[name], name in suites ? suites[name] : " none" >table
            if (name in suites) { if (many[name] > 1) several++; continue }
            why = 0
            for (p = 1; p <= patterns; p++) if (name ~ "^(" pattern[p] ")$") { why = 1; break }
            if (why) { explained++; continue }
            print "FAIL " name ": behind" entries[name] ", run by no suite"
            missed++
        }
        printf "reach: %d functions behind %s entries, %d run by a suite (%d by several), %d explained, %d missed\n", all,
            "'"$(echo $entries | wc -w)"'", all - missed - explained, several, explained, missed
        exit missed > 0
    }' "$out/behind"
