#!/bin/sh
# The examples of examples/scale on a folder of links to the demo's photos, one of them bad: GNU parallel, and Dask with a
# scheduler and two workers on this machine, one of which is killed. Both must answer what one process does.
# usage: scale.sh BUILD
set -u
build=$(cd "$1" && pwd)
fovea=$build/fovea
. tests/expect.sh
venv=$build/scale-venv
here=$(pwd)
if ! "$venv/bin/python" -c 'import distributed' 2>/dev/null; then
    python3 -m venv "$venv" && "$venv/bin/pip" -q install dask==2024.12.1 distributed==2024.12.1 || exit 1
fi
"$fovea" convert weights/demo/patterns.h5 -o "$work/m.fovea" --preprocess keras-01 --labels weights/demo/labels.txt >/dev/null
mkdir "$work/photos"
n=0
while [ $n -lt 40 ]; do
    for photo in weights/demo/*.jpg; do
        ln -s "$here/$photo" "$work/photos/$n-$(basename "$photo")"
    done
    n=$((n + 1))
done
head -c 300 weights/demo/starburst.jpg >"$work/photos/20-bad.jpg"
plain() { sed 's/,"ms":{[^}]*}//' "$1"; } # without the times
"$fovea" run "$work/m.fovea" -r "$work/photos" --json -q >"$work/one" 2>"$work/err"
[ "$(grep -c '"outputs"' "$work/one")" -eq 280 ] && [ "$(grep -c '"error"' "$work/one")" -eq 1 ]
verdict $? 'one process: 280 photos and a bad one'
plain "$work/one" >"$work/one.plain"
same() { plain "$1" | cmp -s - "$work/one.plain"; }

if command -v parallel >/dev/null; then
    FOVEA=$fovea sh examples/scale/parallel.sh "$work/m.fovea" "$work/photos" "$work/many" 3 >"$work/out" 2>"$work/err"
    same "$work/many"
    verdict $? 'GNU parallel: the same lines'
else
    echo 'scale: GNU parallel is not installed; its example was NOT run'
fi

port=$((20000 + $$ % 20000))
"$venv/bin/dask" scheduler --host 127.0.0.1 --port $port --no-dashboard >"$work/scheduler" 2>&1 &
scheduler=$!
workers=
for i in 1 2; do
    "$venv/bin/dask" worker tcp://127.0.0.1:$port --nworkers 1 --nthreads 1 --no-nanny --no-dashboard \
        --local-directory "$work/worker$i" >"$work/worker$i.log" 2>&1 &
    workers="$workers $!"
done
timeout 120 "$venv/bin/python" examples/scale/dask_run.py --scheduler tcp://127.0.0.1:$port --parts 40 --fovea "$fovea" "$work/m.fovea" \
    "$work/photos" "$work/dask" >"$work/out" 2>"$work/dask.err" &
driver=$!
waited=0
while ! grep -q '^part' "$work/dask.err" && kill -0 $driver 2>/dev/null && [ $waited -lt 600 ]; do
    sleep 0.1
    waited=$((waited + 1))
done
killed=${workers##* }
kill -9 "$killed"
parts=$(grep -c '^part' "$work/dask.err")
wait $driver
same "$work/dask"
verdict $? 'Dask: the same lines, although a worker was killed'
[ "$parts" -lt 40 ]
verdict $? "it was killed on the way, behind $parts of 40 parts"
kill -9 ${workers% *} $scheduler # a worker may not end by a mere request
wait
counted
