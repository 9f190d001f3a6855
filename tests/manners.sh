#!/bin/sh
# What the command owes the system and the terminal it runs on: closed descriptors, signals, links, rights, pipes; and
# texts of other people, which may hold anything. For POSIX systems. usage: manners.sh BUILD
set -u
fovea=$1/fovea
. tests/expect.sh

# expect CODE 'PATTERN' NAME COMMAND...: within ten seconds
expect() {
    want=$1
    pattern=$2
    name=$3
    shift 3
    answered "$want" "$pattern" "$name" timeout 10 "$@"
    ! grep -q '\.part' "$work/out" "$work/err" || right=1
    verdict $right "$name (exit $code)"
}
nothing_left() { # name
    right=0
    for left in "$work/$1" "$work/$1".part*; do [ ! -e "$left" ] || right=1; done
    verdict $right "nothing left of $1"
}

h5=weights/demo/patterns.h5
golden=tests/golden/conformance/a/net_mini_seed
model=$work/model.fovea
"$fovea" convert $h5 -o "$model" --preprocess keras-01 --resize pil-bicubic >/dev/null
"$fovea" convert $golden/model.h5 -o "$work/g.fovea" >/dev/null
same() { cmp -s "$model" "$1"; }
make_model() { "$fovea" convert $h5 -o "$1" --preprocess keras-01 --resize pil-bicubic; }

# Descriptors that came closed: what is printed does not end in what is written.
for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '0<&- 1>&- 2>&-'; do
    rm -f "$work/x"
    eval "make_model '$work/x' $closed" 2>/dev/null >"$work/out"
    code=$?
    case $closed in *1*) want=1 ;; *) want=0 ;; esac
    [ $code -eq $want ] && same "$work/x"
    verdict $? "closed: $closed (exit $code)"
    eval "'$fovea' run '$work/g.fovea' $golden/input.npy -o '$work/c' $closed" 2>/dev/null >"$work/out"
    [ "$(wc -c <"$work/c.npy")" -eq $((256 + 4 * 14)) ]
    verdict $? "closed while arrays are written: $closed"
done

# Signals: the process ends by them, without its temporary file. --check of a pipe holds it in the middle.
mkfifo "$work/pipe"
for signal in INT TERM HUP QUIT; do
    rm -f "$work/s"
    env --default-signal=$signal "$fovea" convert $h5 -o "$work/s" --check "$work/pipe" "$work/pipe" >"$work/out" 2>"$work/err" &
    process=$!
    for wait in 1 2 3 4 5 6 7 8 9 10; do
        ls "$work"/s.part* >/dev/null 2>&1 && break
        sleep 0.2
    done
    ls "$work"/s.part* >/dev/null 2>&1
    verdict $? "a temporary file, before SIG$signal"
    kill -$signal $process
    wait $process
    [ $? -gt 128 ]
    verdict $? "ended by SIG$signal"
    nothing_left s
done
expect 1 'cannot write .*/l: File too large' 'a file that grows too large' sh -c "ulimit -f 8; exec '$fovea' convert $h5 -o '$work/l'"
nothing_left l

# Pipes and devices.
expect 1 'is not a file|cannot write' 'a model to a pipe that nobody reads' "$fovea" convert $h5 -o "$work/pipe"
mkfifo "$work/p.npy"
expect 1 'cannot write .*p.npy' 'arrays to a pipe that nobody reads' "$fovea" run "$work/g.fovea" $golden/input.npy -o "$work/p"
timeout 20 cat "$work/p.npy" >"$work/read" &
sleep 1
expect 0 'p.npy: 2 x 7' 'arrays to a pipe that is read' "$fovea" run "$work/g.fovea" $golden/input.npy -o "$work/p"
wait
[ "$(wc -c <"$work/read")" -eq $((256 + 4 * 14)) ]
verdict $? 'all of them'

# What is replaced keeps its rights, and links stay links.
echo old >"$work/r"
chmod 640 "$work/r"
expect 0 'memory to run' 'a file is replaced' "$fovea" convert $h5 -o "$work/r" --preprocess keras-01 --resize pil-bicubic
same "$work/r" && [ "$(ls -l "$work/r" | cut -c 1-10)" = '-rw-r-----' ]
verdict $? 'with its rights'
mkdir "$work/far"
echo old >"$work/far/real"
ln -s far/real "$work/link"
ln -s link "$work/link2"
ln -s far/new "$work/dangling"
ln -s loop "$work/loop"
for link in link2:real dangling:new; do
    expect 0 'memory to run' "through a link, $link" "$fovea" convert $h5 -o "$work/${link%:*}" --preprocess keras-01 --resize pil-bicubic
    [ -L "$work/${link%:*}" ] && [ ! -L "$work/far/${link#*:}" ] && same "$work/far/${link#*:}"
    verdict $? 'which stays one'
done
expect 1 'cannot write' 'a link to itself' "$fovea" convert $h5 -o "$work/loop"
[ "$(ls "$work/far" | wc -l)" -eq 2 ]
verdict $? 'nothing else is made beside them'

# Names that begin with a dash.
cp weights/demo/starburst.jpg "$work/-r"
expect 0 'starburst|[0-9]+ +1\.0000' 'a name behind --' sh -c "cd '$work' && '$(cd "$1" && pwd)/fovea' run model.fovea -- -r"
expect 2 'lists them' 'an option without --' sh -c "cd '$work' && '$(cd "$1" && pwd)/fovea' run model.fovea -z"
expect 1 'cannot open --help' 'an option is a name behind --' "$fovea" run "$model" -- --help

# Texts of other people: nothing that a terminal acts on gets out, on either stream.
dirty=$(printf 'a\033[31m\302\233b\342\200\256c\342\200\213d\377\rz')
plain() { # NAME COMMAND...
    name=$1
    shift
    timeout 20 "$@" >"$work/out" 2>"$work/err" </dev/null
    ! LC_ALL=C grep -q "$(printf '[\001-\011\013-\037\177]\|\302[\200-\237]\|\342\200[\213-\217\250-\256]\|\342\201[\240-\257]\|\330\234\|\357\273\277\|\377')" "$work/out" "$work/err"
    right=$?
    [ -s "$work/out" ] || [ -s "$work/err" ] || right=1
    grep -q 'u202e' "$work/out" "$work/err" || right=1
    verdict $right "$name"
}
hidden=$(printf 'b\342\200\256c\342\200\213d\330\234') # models hold such texts; controls they do not
for i in 1 2 3 4 5 6 7; do printf '%s %d\n' "$hidden" $i; done >"$work/labels"
for i in 1 2 3 4 5 6 7; do printf '%s %d\n' "$dirty" $i; done >"$work/dirty-labels"
cp weights/demo/starburst.jpg "$work/$dirty.jpg"
cp $h5 "$work/$dirty.h5"
plain 'convert, names of files' "$fovea" convert "$work/$dirty.h5" -o "$work/$dirty.fovea" --labels "$work/labels" \
    --preprocess keras-01 --explain
plain 'labels with controls' "$fovea" convert $h5 -o "$work/y" --labels "$work/dirty-labels"
plain 'a Keras file that does not exist' "$fovea" convert "$work/$dirty" -o "$work/y"
plain 'an output that cannot be' "$fovea" convert $h5 -o "$work/$dirty/y"
bad="$work/$dirty.fovea"
[ -s "$bad" ]
verdict $? 'the model is made'
plain 'run, labels and names' "$fovea" run "$bad" "$work/$dirty.jpg"
plain 'run --json' "$fovea" run "$bad" "$work/$dirty.jpg" --json
plain 'run -r' "$fovea" run "$bad" -r "$work" --json
plain 'run, a photo that does not exist' "$fovea" run "$bad" "$work/$dirty.png" --json
plain 'run -o' "$fovea" run "$bad" "$work/$dirty.jpg" -o "$work/$dirty"
plain 'run --files-from' "$fovea" run "$bad" --files-from "$dirty"
for word in "inspect" "inspect --json" "inspect --board" "bench --runs 1" "bench --runs 1 --json" "bench --runs 1 --profile" selftest; do
    plain "$word" "$fovea" $word "$bad"
done
plain 'an unknown command' "$fovea" "$dirty"
plain 'an unknown option' "$fovea" run "--$dirty"
plain 'a word that is not a choice' "$fovea" convert $h5 -o "$work/y" --resize "$dirty"
plain 'a value that is not a number' "$fovea" run "$bad" --top "$dirty"
plain 'a limit' "$fovea" run "$bad" x --limit "$dirty"
plain 'numbers' "$fovea" convert $h5 -o "$work/y" --mean "$dirty"

counted
