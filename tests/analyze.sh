#!/bin/sh
# Static analysis of all product code, which finds nothing but what tests/analyze/known.txt explains:
#     clang --analyze, with its checkers of what may be NULL (FOVEA_NULLABLE): no result of a look-up is followed
#     unchecked; gcc -fanalyzer; cppcheck
# usage: analyze.sh [BUILD]; ends with "N passed, N failed". Exit code 1: there is something.
set -u
cd "$(dirname "$0")/.."
out=${1:-build}/analyze
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
sh tests/setup.sh analyze || exit 1
rm -rf "$out"
mkdir -p "$out"
flags='-std=c11 -ffp-contract=off -D_POSIX_C_SOURCE=200809L -I.'
files="$(ls kernels/*.c weights/*.c engine/*.c engine/hosted/*.c update/*.c update/hosted/*.c convert/*.c convert/*/*.c clinic/*.c cli/*.c cli/*/*.c)"

# What functions of other files do is told beforehand, but not to the files that define them.
cat >"$out/clang.sh" <<'END'
facts='-include tests/analyze/facts.h'
case $2 in
convert/job/pool.c | kernels/* | weights/* | engine/* | update/*) facts= ;;
convert/keras/config.c) ;;
convert/keras/*) facts="-DFOVEA_ANALYZE_KERAS $facts" ;;
esac
${CLANG:-clang} --analyze $1 -Wno-nullability-completeness $facts -Xclang -analyzer-checker=nullability \
    -Xclang -analyzer-output=text "$2" 2>&1
exit 0
END
cat >"$out/gcc.sh" <<'END'
gcc -fanalyzer -O1 $1 -c "$2" -o /dev/null 2>&1
exit 0
END

# What one file's analyzer says first proves that it can: a look-up followed unchecked is put into a file.
mkdir -p "$out/convert/keras"
sed '/^bool keras_fail/i bool keras_tried(const struct json *json);\nbool keras_tried(const struct json *json) {\n    return json_member(json, "x")->integral;\n}\n' \
    convert/keras/config.c >"$out/convert/keras/tried.c"
tried=$(sh "$out/clang.sh" "$flags" "$out/convert/keras/tried.c" | grep -c 'nullability.NullableDereferenced')

for tool in clang gcc; do
    echo "$files" | xargs -P "$jobs" -I{} sh "$out/$tool.sh" "$flags" {} |
        sed -n "s@^\(\./\)*\([a-z_/0-9]*\.[ch]\):[0-9]*:[0-9]*: \(warning\|error\): \(.*\)@\2: $tool: \4@p" >>"$out/all"
done
cppcheck -q -j "$jobs" --std=c11 --enable=warning,portability --inline-suppr -I. -D_POSIX_C_SOURCE=200809L \
    --suppress='*:*third_party*' --suppress=normalCheckLevelMaxBranches --template='{file}: cppcheck: {message} [{id}]' \
    $files 2>>"$out/all" >/dev/null
sort -u "$out/all" >"$out/found"

# A line of known.txt is a pattern and, behind " -- ", why it is no fault.
sed -n 's/^\([^#].*\) -- .*/\1/p' tests/analyze/known.txt >"$out/patterns"
grep -vEf "$out/patterns" "$out/found" >"$out/new"
failed=$(wc -l <"$out/new")
cat "$out/new"
while read -r pattern; do
    grep -qE "$pattern" "$out/found" && continue
    echo "analyze: explained, but not found by these versions of the tools: $pattern"
done <"$out/patterns"
if [ "$tried" -lt 1 ]; then
    echo 'analyze: a look-up followed unchecked is not seen'
    failed=$((failed + 1))
fi
echo "$(echo "$files" | wc -l) files, $(wc -l <"$out/patterns") kinds of findings explained, $failed others"
echo "$(($(echo "$files" | wc -l) * 3)) passed, $failed failed"
[ "$failed" -eq 0 ]
