"""Builds the wheel: compiles the library with the C compiler that is there (CC, CFLAGS) and packs it.

A build backend of PEP 517 that needs nothing but Python's own library: `pip wheel packages/python`, or `make wheel`.
The wheel is for every Python 3 of one platform. On Linux its tag is manylinux_X_Y, where X.Y is the newest version of
glibc that the library asks for, as its symbols say (PEP 600); musl's is musllinux_1_1.
"""

import base64
import concurrent.futures
import glob
import hashlib
import io
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = ["kernels/*.c", "weights/*.c", "engine/*.c", "engine/hosted/*.c", "convert/*.c", "convert/*/*.c",
           "cli/choices.c", "packages/binding/*.c"]
HEADERS = ["kernels/*.[h]", "kernels/*.def", "weights/*.h", "weights/*.def", "engine/*.h", "engine/*.def",
           "engine/hosted/*.h", "engine/hosted/third_party/*", "include/*.h", "convert/*.h", "convert/*/*.h",
           "convert/*/*.def", "cli/choices.h", "cli/presets.def", "kernels/isa.def", "packages/binding/*.h", "LICENSE"]
LIBRARY = {"darwin": "libfovea.dylib", "win32": "fovea.dll"}.get(sys.platform, "libfovea.so")


def root():
    """The sources: the repository around this folder, or what a source distribution carries."""
    carried = os.path.join(HERE, "csrc")
    return carried if os.path.isdir(carried) else os.path.dirname(os.path.dirname(HERE))


def version():
    with open(os.path.join(root(), "include", "fovea.h"), encoding="utf-8") as header:
        return ".".join(re.findall(r"#define FOVEA_VERSION_(?:MAJOR|MINOR|PATCH) +(\d+)", header.read()))


def compile_library(target):
    """All sources into one shared library that shows only the functions of packages/binding/handle.h."""
    cc = shlex.split(os.environ.get("CC", "cc"))
    flags = ["-std=c11", "-ffp-contract=off", "-D_POSIX_C_SOURCE=200809L", "-I.", "-fPIC", "-fvisibility=hidden"]
    flags += shlex.split(os.environ.get("CFLAGS", "-O2"))
    link = ["-shared", "-lm", "-pthread"] + shlex.split(os.environ.get("LDFLAGS", ""))
    if sys.platform.startswith("linux"):
        link += ["-Wl,-s", "-Wl,-z,max-page-size=16384"]
    sources = sorted(path for pattern in SOURCES for path in glob.glob(os.path.join(root(), pattern)))
    with tempfile.TemporaryDirectory() as out:
        objects = [os.path.join(out, f"{i}.o") for i in range(len(sources))]

        def one(job):
            subprocess.run(cc + flags + ["-c", job[0], "-o", job[1]], cwd=root(), check=True)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            list(pool.map(one, zip(sources, objects)))
        subprocess.run(cc + objects + link + ["-o", target], check=True)


def glibc_of(path):
    """The newest GLIBC_X.Y that the library asks for; None where it asks for none (musl)."""
    with open(path, "rb") as file:
        found = re.findall(rb"GLIBC_(\d+)\.(\d+)", file.read())
    return max((int(a), int(b)) for a, b in found) if found else None


def platform_tag(path):
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if not platform.startswith("linux_"):
        return platform
    machine = platform[len("linux_"):]
    glibc = glibc_of(path)
    # 2.17 and 2.5 are the oldest that installers know for these machines.
    oldest = (2, 5) if machine in ("x86_64", "i686") else (2, 17)
    return "manylinux_%d_%d_%s" % (*max(glibc, oldest), machine) if glibc else "musllinux_1_1_" + machine


def metadata():
    with open(os.path.join(HERE, "README.md"), encoding="utf-8") as readme:
        text = readme.read()
    return (f"Metadata-Version: 2.1\nName: fovea\nVersion: {version()}\n"
            "Summary: Runs trained Keras CNNs without Keras: a converter and an engine in plain C\n"
            "License: MIT\nRequires-Python: >=3.8\nProvides-Extra: numpy\nRequires-Dist: numpy; extra == 'numpy'\n"
            f"Description-Content-Type: text/markdown\n\n{text}")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with tempfile.TemporaryDirectory() as out:
        library = os.path.join(out, LIBRARY)
        compile_library(library)
        tag = f"py3-none-{platform_tag(library)}"
        info = f"fovea-{version()}.dist-info"
        with open(library, "rb") as file:
            files = {f"fovea/{LIBRARY}": file.read()}
    for name in ("__init__.py", "_library.py", "_compare.py", "py.typed"):
        with open(os.path.join(HERE, "fovea", name), "rb") as file:
            files[f"fovea/{name}"] = file.read()
    with open(os.path.join(root(), "LICENSE"), "rb") as file:
        files[f"{info}/LICENSE"] = file.read()
    files[f"{info}/METADATA"] = metadata().encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: fovea\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    record = ""
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    files[f"{info}/RECORD"] = (record + f"{info}/RECORD,,\n").encode()
    wheel = f"fovea-{version()}-{tag}.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():  # the same bytes for the same sources and compiler
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    """This folder, and the C sources as csrc/."""
    top = f"fovea-{version()}"
    files = {"PKG-INFO": metadata().encode()}
    for path in ("pyproject.toml", "README.md", "build_wheel.py", "fovea/__init__.py", "fovea/_library.py",
                 "fovea/_compare.py", "fovea/py.typed"):
        with open(os.path.join(HERE, path), "rb") as file:
            files[path] = file.read()
    for pattern in SOURCES + HEADERS:
        for path in glob.glob(os.path.join(root(), pattern)):
            with open(path, "rb") as file:
                files["csrc/" + os.path.relpath(path, root()).replace(os.sep, "/")] = file.read()
    with tarfile.open(os.path.join(sdist_directory, top + ".tar.gz"), "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return top + ".tar.gz"
