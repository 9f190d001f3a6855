"""Times fovea and its rivals in turn: python compare.py FOVEA FOLDER [ROUNDS [SECONDS]]

FOLDER is what write.py made. Of ROUNDS turns of SECONDS each the least time of a run counts; every turn is a process of
its own. Prints tables in Markdown: networks by engines in ms, how often fovea's time goes into the best rival's, and how
far each rival's answer is from fovea's.
"""
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version

from engines import ENGINES
from networks import NETWORKS

fovea, folder = sys.argv[1:3]
rounds, seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 3, float(sys.argv[4]) if len(sys.argv) > 4 else 1.0
packages = {"onnxruntime": "onnxruntime", "xnnpack": "ai-edge-litert", "ncnn": "ncnn", "mnn": "MNN", "openvino": "openvino"}
first = ["chrt", "-f", "1"] if shutil.which("chrt") and not subprocess.run(["chrt", "-f", "1", "true"],
                                                                           capture_output=True).returncode else []


def output(*command):
    done = subprocess.run([*first, *command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout


def turn(engine, base, threads):
    """Least time in ms and the answer's distance, None where it is fovea's own."""
    if engine.startswith("fovea"):
        words = [base + (".i8.fovea" if "int8" in engine else ".fovea"), "--threads", str(threads), "--json"]
        if "avx2" in engine:
            words += ["--isa", "avx2"]
        return json.loads(output(fovea, "bench", *words))["min_ms"], None
    here = os.path.dirname(os.path.abspath(__file__))
    return map(float, output(sys.executable, f"{here}/engines.py", engine, base, str(threads), str(seconds)).splitlines()[-1].split())


def table(title, own, rivals, threads):
    least, far = {}, {}
    for _ in range(rounds):
        for network in NETWORKS:
            for engine in [own, *rivals]:
                key = network.__name__, engine
                try:
                    ms, distance = turn(engine, f"{folder}/{network.__name__}", threads)
                except RuntimeError as error:
                    print(error, file=sys.stderr)
                    continue
                least[key] = min(least.get(key, ms), ms)
                far[key] = distance or 0
    print(f"\n{title}, {threads} thread{'s' if threads > 1 else ''}, ms\n")
    print(f"| network | {own} | " + " | ".join(rivals) + f" | best rival's time / {own}'s |")
    print("|" + "---|" * (len(rivals) + 3))
    for network in NETWORKS:
        name = network.__name__
        times = {engine: least[name, engine] for engine in rivals if (name, engine) in least}
        best = min(times, key=times.get)
        cells = [(f"**{times[e]:.2f}**" if e == best else f"{times[e]:.2f}") + ("?" if far[name, e] > 0.05 else "")
                 if e in times else "" for e in rivals]
        print(f"| {name} | {least[name, own]:.2f} | " + " | ".join(cells) + f" | {times[best] / least[name, own]:.2f} |")
    largest = {e: max((far[k] for k in far if k[1] == e and far[k] <= 0.05), default=0) for e in rivals}
    print("\nLargest distance from fovea's float answers: " + ", ".join(f"{e} {d:.1e}" for e, d in largest.items()) +
          "; ?: a different answer (more than 0.05 away).", flush=True)


for network in NETWORKS:
    base = f"{folder}/{network.__name__}"
    output(fovea, "run", f"{base}.fovea", f"{base}.npy", "-o", f"{base}.answer.npy")
print(output(fovea, "--version").strip())
print("rivals: " + ", ".join(f"{name} {version(package)}" for name, package in packages.items()))
print("```")
rivals = [engine for engine in ENGINES if "int8" not in engine]
eights = [engine for engine in ENGINES if "int8" in engine]
for threads in (1, 2):
    table("float32", "fovea", rivals, threads)
    table("8 bits", "fovea-int8", eights, threads)
