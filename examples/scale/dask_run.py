"""Photos through Dask: parts of a folder as tasks on workers that see it.

    dask_run.py --scheduler tcp://HOST:8786 [--parts N] [--fovea PATH] MODEL FOLDER OUT.jsonl

A worker that dies has its unfinished parts done by others. The lines are those of one process, in its order.
"""

import argparse
import itertools
import subprocess
import sys
import time

from dask.distributed import Client, as_completed


def answer_part(part, parts, fovea, model, folder):
    """The records of every parts-th photo; exit code 1 only says that some could not be read."""
    command = [fovea, "run", model, "-r", folder, "--shard", f"{part}/{parts}", "--json", "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1 or (done.returncode == 1 and not done.stdout):
        raise RuntimeError(done.stderr)
    return part, done.stdout.splitlines()


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--scheduler", required=True)
    words.add_argument("--parts", type=int, default=16)
    words.add_argument("--fovea", default="fovea")
    words.add_argument("model")
    words.add_argument("folder")
    words.add_argument("out")
    given = words.parse_args()
    start = time.perf_counter()
    with Client(given.scheduler) as client:
        tasks = client.map(answer_part, range(1, given.parts + 1), parts=given.parts, fovea=given.fovea,
                           model=given.model, folder=given.folder, pure=False)
        answers = {}
        for _, (part, lines) in as_completed(tasks, with_results=True):
            answers[part] = lines
            print(f"part {part}: {len(lines)} photos", file=sys.stderr, flush=True)
    columns = [answers[part] for part in sorted(answers)]
    lines = [line for row in itertools.zip_longest(*columns) for line in row if line is not None]
    with open(given.out, "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)
    print(f"{len(lines)} photos, {len(lines) / (time.perf_counter() - start):.0f} a second", file=sys.stderr)


if __name__ == "__main__":
    main()
