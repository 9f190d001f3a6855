#!/bin/sh
# Mutation testing: small faults are put into the product's sources, one at a time, and a test has to notice. Ends
# with "N of M faults noticed, E explained"; exit code 1 where one is neither noticed nor explained.
#
#     mutants.sh [COUNT [SEED]]    so many faults (420) of each kind alike, drawn by the seed (1)
#     mutants.sh again ID...       those of the last draw once more, with what its test prints
#
# Faults are those of kill/mutate.c; sources are rewritten with all that were drawn, and built once; a variable of
# the environment puts one of them in (kill/hunt.sh). What was tried stays tried: a run that was broken off goes on
# where it was, as long as no source changed. Those that no test can notice are listed, with the reason, in
# kill/equivalent.txt: "FILE what it is -> fault" as below, a tab, why.
#
# Code of other processors is left out: kernel checks and whole models run on those in an emulator.
set -u
cd "$(dirname "$0")/.."
build=${BUILD:-build}/mutants
jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
mkdir -p "$build"
build=$(cd "$build" && pwd)
switch=MUTANT
. tests/kill/hunt.sh

if [ "${1:-}" = again ]; then
    shift
    for id in "$@"; do grep "^$id " "$build/drawn"; done
    rm -f "$build/result"
    printf '%s\n' "$@" | hunt
    cat "$build/result"
    exit
fi
count=${1:-420}
seed=${2:-1}
files=$(git ls-files 'kernels/*.[ch]' 'weights/*.[ch]' 'engine/*.[ch]' 'update/*.[ch]' 'convert/*.[ch]' 'cli/*.[ch]' |
    grep -vE '^(kernels/(vec_)?(neon|helium|wasm|scalar)\.[ch]|cli/files_windows\.h|engine/hosted/third_party/.*)$')

# ---- faults drawn ----

# drawn: "ID KIND INDEX FILE:LINE what", as many of each kind
${CC:-cc} -std=c11 -O1 -Wall -Wextra -Werror tests/kill/mutate.c -o "$build/mutate" || exit 1
state="$count $seed $(cat $files tests/kill/*.[ch] $(git ls-files 'tests/*.c' 'tests/*.h' tests/golden tests/random/answers.txt) tests/cli.sh | cksum)"
if [ "$(cat "$build/state" 2>/dev/null)" != "$state" ]; then
    rm -f "$build/state" "$build/result" "$build/dropped"
    for file in $files; do "$build/mutate" list "$seed" "$file" || exit 1; done | sort -n >"$build/all"
    fresh=1
else
    fresh=0
fi
draw() { # those that compile
    touch "$build/dropped"
    awk -v count="$count" -v dropped="$build/dropped" '
        BEGIN { while ((getline line < dropped) > 0) gone[line] = 1; most = int((count + 5) / 6) }
        { id++ }
        !gone[id] && taken[$2] < most && total < count { taken[$2]++; total++; $1 = id; print }' "$build/all" >"$build/drawn"
}
rewrite() {
    grep -F " $1:" "$build/drawn" | awk '{print $1, $3}' | "$build/mutate" apply "$1"
}
draw
round=0
while [ $fresh = 1 ]; do
    hunt_copy "^($(echo $files | tr ' ' '|'))\$" || exit 1
    cp tests/kill/spare_mutant.c "$src/weights/spare_mutant.c"
    if hunt_make -k CFLAGS='-O1 -g -w -ferror-limit=0' suites \
        "$build/out/tests/random/random" >"$build/make.log" 2>&1; then break; fi
    # What does not compile is no fault: the ones nearest to where the compiler stopped.
    sed -n 's/^\([a-z_/0-9]*\.[ch]\):\([0-9]*\):[0-9]*: error.*/\1 \2/p' "$build/make.log" | sort -u |
        awk -v drawn="$build/drawn" '
            BEGIN {
                while ((getline line < drawn) > 0) {
                    split(line, f, " "); split(f[4], p, ":")
                    n++; id[n] = f[1]; file[n] = p[1]; at[n] = p[2]
                }
            }
            {
                best = 0
                for (i = 1; i <= n; i++) {
                    if (file[i] != $1) continue
                    d = at[i] > $2 ? at[i] - $2 : $2 - at[i]
                    if (!best || d < distance) { best = i; distance = d }
                }
                for (i = 1; best && i <= n; i++) if (file[i] == $1 && at[i] == at[best]) print id[i]
            }' | sort -u >"$build/failing"
    round=$((round + 1))
    if [ ! -s "$build/failing" ] || [ $round -gt 20 ]; then
        grep -E 'error|Error' "$build/make.log" | head -n 20
        echo 'mutants: the rewritten sources do not build'
        exit 1
    fi
    cat "$build/failing" >>"$build/dropped"
    draw
done
if [ $fresh = 1 ]; then
    # What the test command runs, each once; the slowest of it with fewer cases.
    set -- "kernels $build/out/tests/kernels/check 60 1" "jpeg $build/out/tests/jpeg_kernels" \
        "random $build/out/tests/random/random --models 460 --answers tests/random/answers.txt" \
        "halves $build/out/tests/conformance --weights f16 tests/golden tests/refusals.txt" \
        "small $build/out/tests/conformance --memory small tests/golden tests/refusals.txt" \
        "manners sh tests/manners.sh $build/out"
    [ -z "$shared" ] || set -- "$@" "keras $build/out/tests/conformance $shared tests/refusals.txt" \
        "pixels $build/out/tests/golden_pixels $shared" "evaluate sh tests/clinic.sh $build/out $shared"
    hunt_meet "$@" || echo 'mutants: the others go on without them'
    echo "$state" >"$build/state"
fi

# ---- one after the other ----

touch "$build/result"
awk -v result="$build/result" '
    BEGIN { while ((getline line < result) > 0) { split(line, f, " "); done[f[2]] = 1 } }
    !done[$1] { print $1 }' "$build/drawn" | hunt
awk -v result="$build/result" -v known=tests/kill/equivalent.txt '
    BEGIN {
        FS = "\t"
        while ((getline < known) > 0) if ($0 !~ /^#/ && NF > 1) why[$1] = $2
        FS = " "
        while ((getline line < result) > 0) {
            split(line, f, " ")
            verdict[f[2]] = f[1]
            tests[f[2]] = substr(line, length(f[1] " " f[2] " ") + 1)
        }
    }
    {
        split($4, place, ":"); folder = place[1]; sub(/\/.*/, "", folder)
        what = $0; sub(/^[0-9]+ [a-z]+ [0-9]+ [^ ]+ /, "", what)
        name = place[1] " " what
        all++; kinds[$2]++; folders[folder]++
        if (verdict[$1] == "noticed") { noticed++; of_kind[$2]++; of_folder[folder]++; next }
        if (name in why) { explained++; printf "explained: %s (%s)\n", name, why[name]; next }
        printf "alive: %s %s %s   [%s]\n", $1, $4, what, tests[$1]
    }
    END {
        for (d in folders) printf "%s %d of %d, ", d, of_folder[d], folders[d]
        print ""
        for (k in kinds) printf "%s %d of %d, ", k, of_kind[k], kinds[k]
        printf "\n%d of %d faults noticed, %d explained\n", noticed, all, explained
        exit noticed + explained < all
    }' "$build/drawn" >"$build/said"
code=$?
cat "$build/said" # whose last line hostile.sh shows, too
exit $code
