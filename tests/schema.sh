#!/bin/sh
# Every line of `run --json`, on models of every kind, is what docs/run.schema.json says; judged by jsonschema, pinned, in a
# folder of its own. usage: schema.sh BUILD
set -u
fovea=$1/fovea
venv=$1/schema-venv
work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-schema.XXXXXX")
trap 'rm -rf "$work"' EXIT
if ! "$venv/bin/python" -c 'import jsonschema' 2>/dev/null; then
    python3 -m venv "$venv" && "$venv/bin/pip" -q install jsonschema==4.23.0 || exit 1
fi
run() { "$fovea" run "$@" --json >>"$work/lines" 2>>"$work/err"; }
for model in tests/golden/conformance/*/*/model.h5; do
    "$fovea" convert "$model" -o "$work/m.fovea" >/dev/null 2>&1 || continue
    folder=$(dirname "$model")
    run "$work/m.fovea" $(ls "$folder"/input*.npy)
done
heads=tests/golden/heads
printf 'cat\ndog\n' >"$work/pets"
for labels in '' "--labels $work/pets"; do
    "$fovea" convert $heads/sigmoid.h5 -o "$work/s.fovea" $labels >/dev/null
    run "$work/s.fovea" $heads/dense.npy
done
"$fovea" convert weights/demo/patterns.h5 -o "$work/p.fovea" --preprocess keras-01 --labels weights/demo/labels.txt >/dev/null
run "$work/p.fovea" weights/demo/*.jpg README.md "$work/nothing.jpg" --top 9
run "$work/p.fovea" weights/demo/starburst.jpg -o "$work/saved"
run "$work/p.fovea" -r tests/golden/heads tests/hostile weights/demo --limit photo-area=9
cat >"$work/check.py" <<'END'
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
good, bad, kinds = 0, 0, set()
for line in open(sys.argv[2], encoding="utf-8", errors="strict"):
    record = json.loads(line, parse_constant=lambda word: sys.exit(f"{word} is not JSON"))
    errors = list(validator.iter_errors(record))
    for error in errors[:1]:
        print("FAIL", line[:300], error.message)
    good, bad = good + (not errors), bad + bool(errors)
    kinds |= {"error"} if "error" in record else {o["kind"] for o in record["outputs"]}
    kinds |= {key for o in record.get("outputs", []) for key in o}
for record in ({}, {"schema": 2, "input": "a", "error": {"check": None, "text": ""}}, {"schema": 1, "input": "a"},
               {"schema": 1, "input": "a", "outputs": [{"name": "n", "shape": [1], "kind": "other"}], "ms": {}}):
    if validator.is_valid(record):
        bad += 1
        print("FAIL the schema takes", record)
missing = {"error", "softmax", "sigmoid", "values", "top", "decision", "positive", "threshold", "file", "row"} - kinds
if missing:
    bad += 1
    print("FAIL not seen:", missing)
print(f"{good} passed, {bad} failed")
sys.exit(bad > 0)
END
"$venv/bin/python" "$work/check.py" docs/run.schema.json "$work/lines"
