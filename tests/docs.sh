#!/bin/sh
# The pages of docs/ and the README say what is there: programs in C compile, commands and their options exist, links lead
# somewhere (mkdocs, which also makes the site). usage: docs.sh BUILD     (site: BUILD/site)
set -u
cd "$(dirname "$0")/.."
build=$1
fovea=$build/fovea
. tests/expect.sh

pages="README.md CONTRIBUTING.md $(ls docs/*.md)"
for page in $(ls docs/*.md); do # each block of C by itself
    rm -f "$work"/block*.c
    awk -v to="$work/block" '/^```c$/ {n++; in_c = 1; next} /^```/ {in_c = 0} in_c {print > (to n ".c")}' "$page"
    for block in "$work"/block*.c; do
        [ -e "$block" ] || continue
        ${CC:-cc} -std=c11 -Wall -Wextra -Wconversion -Werror -Iinclude -fsyntax-only "$block" >"$work/out" 2>"$work/err"
        verdict $? "C in $page"
    done
done

# "fovea COMMAND ... --option": the lines of a command that goes on behind a backslash are one.
sed -e ':a' -e '/\\$/N; s/\\\n//; ta' $pages | grep -oE '(^|[ /`])fovea [a-z]+[^`#|]*' | sed 's/^[ /`]*fovea //' |
    awk '{ for (i = 2; i <= NF; i++) if ($i ~ /^--?[a-z0-9]/) { sub(/[=`,;:.)]+.*$/, "", $i); print $1, $i } }' | sort -u >"$work/used"
while read -r command option; do
    "$fovea" help "$command" 2>"$work/err" >"$work/out"; cat "$work/out" | grep -qE -- "^  $option( |\$)"
    verdict $? "fovea $command has $option"
done <"$work/used"
verdict $(($(wc -l <"$work/used") < 40)) "options are found in the pages: $(wc -l <"$work/used")"

venv=$build/docs-venv
[ -x "$venv/bin/mkdocs" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install mkdocs==1.6.1; } >"$work/out" 2>"$work/err"
"$venv/bin/mkdocs" build -q -d "$(cd "$build" && pwd)/site" >"$work/out" 2>"$work/err"
verdict $? 'the site'
verdict $(($(ls "$build"/site/*.html | wc -l) < 10)) 'its pages'
counted
