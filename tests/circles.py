"""Which files of engine/ call each other in a circle: none but what is named below, with its reason.

    python3 tests/circles.py          complains; exit code 1 where there is another circle, or one named here is gone
    python3 tests/circles.py draw     prints all calls between files as a graph (Graphviz: dot -Tsvg)

A file calls another one where it names a function that the other defines for others (fovea_...).
"""
import glob
import os
import re
import sys

ALLOWED = {
    ("api", "run"): "fovea_run tells a watcher what fovea_step_describe says; the self-test runs",
    ("enhance", "enhance_window", "fit", "image", "resize_filtered"):
        "a photo's pipeline: image.c leads through its stages, which ask it for scratch memory and for rows of pixels",
    ("op_conv", "op_narrow", "strassen"): "a convolution binds the way it is done in, and each way its common state",
}


def calls():
    """{file: {other file: names}}, of the .c files of engine/."""
    texts = {os.path.basename(path)[:-2]: open(path, encoding="utf-8").read() for path in glob.glob("engine/*.c")}
    defined = {}
    for file, text in texts.items():
        for name in re.findall(r"^(?!static)[A-Za-z_][\w \*]*?\b(fovea_\w+)\([^;{]*\)\s*\{", text, re.M):
            defined[name] = file
    found = {file: {} for file in texts}
    for file, text in texts.items():
        for name in set(re.findall(r"\bfovea_\w+\b", text)):
            other = defined.get(name, file)
            if other != file:
                found[file].setdefault(other, set()).add(name)
    return found


def reached(graph, start):
    seen, ahead = set(), [start]
    while ahead:
        for other in graph[ahead.pop()]:
            if other not in seen:
                seen.add(other)
                ahead.append(other)
    return seen


def main():
    graph = calls()
    if sys.argv[1:] == ["draw"]:
        print("digraph engine {")
        for file in sorted(graph):
            for other in sorted(graph[file]):
                print(f'    "{file}" -> "{other}" [label="{len(graph[file][other])}"]')
        print("}")
        return 0
    behind = {file: reached(graph, file) for file in graph}
    circles = {tuple(sorted(other for other in behind[file] if file in behind[other]))
               for file in graph if file in behind[file]}
    for circle in sorted(circles - ALLOWED.keys()):
        print("files of engine/ that call each other in a circle:", ", ".join(circle))
        for file in circle:
            for other in sorted(graph[file].keys() & set(circle)):
                print(f"    {file} -> {other}: {', '.join(sorted(graph[file][other]))}")
    for circle in sorted(ALLOWED.keys() - circles):
        print("no circle any more; tests/circles.py names it:", ", ".join(circle))
    return circles != ALLOWED.keys()


sys.exit(main())
