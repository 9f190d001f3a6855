#!/bin/sh
# Installs what the tests need beyond a C compiler and make, where that can be done; says what is
# missing where it cannot. Exit code 1: something needed is not there. A package with a dash is only wished for:
# what it is for says aloud that it was not run.
#
#     sh tests/setup.sh [arm] [boards] [hostile] [jvm] [places] [web]     (and what these long suites need)
set -u
needed='libcmocka-dev:/usr/include/cmocka.h
clang:/usr/bin/clang
libclang-rt-14-dev:/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.asan-x86_64.a
clang-format:/usr/bin/clang-format
g++:/usr/bin/g++
gcc-aarch64-linux-gnu:/usr/bin/aarch64-linux-gnu-gcc
libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/include/stdio.h
gcc-arm-linux-gnueabihf:/usr/bin/arm-linux-gnueabihf-gcc
libc6-dev-armhf-cross:/usr/arm-linux-gnueabihf/include/stdio.h
gcc-s390x-linux-gnu:/usr/bin/s390x-linux-gnu-gcc
libc6-dev-s390x-cross:/usr/s390x-linux-gnu/include/stdio.h
qemu-user-static:/usr/bin/qemu-aarch64-static
python3-venv:/usr/share/doc/python3-venv
-r-cran-proc:/usr/lib/R/site-library/pROC
libjpeg-dev:/usr/include/jpeglib.h
libsodium-dev:/usr/include/sodium.h
libjpeg-turbo-progs:/usr/bin/djpeg
parallel:/usr/bin/parallel'

for suite in "$@"; do
    case $suite in
    arm) needed="$needed
qemu-user:/usr/bin/qemu-aarch64
llvm-19:/usr/bin/llvm-mca-19" ;;
    boards) needed="$needed
gcc-arm-none-eabi:/usr/bin/arm-none-eabi-gcc
picolibc-arm-none-eabi:/usr/lib/picolibc/arm-none-eabi/include/stdio.h
gcc-riscv64-unknown-elf:/usr/bin/riscv64-unknown-elf-gcc
qemu-system-arm:/usr/bin/qemu-system-aarch64
qemu-system-misc:/usr/bin/qemu-system-riscv32" ;;
    hostile) needed="$needed
libhdf5-dev:/usr/include/hdf5/serial/hdf5.h
clang-19:/usr/bin/clang-19
llvm-19:/usr/bin/llvm-cov-19
libclang-rt-19-dev:/usr/lib/llvm-19/lib/clang/19/lib/linux
frama-c-base:/usr/bin/frama-c" ;;
    analyze) needed="$needed
cppcheck:/usr/bin/cppcheck" ;;
    places) needed="$needed
gcc-arm-linux-gnueabi:/usr/bin/arm-linux-gnueabi-gcc
libc6-dev-armel-cross:/usr/arm-linux-gnueabi/include/stdio.h
gcc-riscv64-linux-gnu:/usr/bin/riscv64-linux-gnu-gcc
libc6-dev-riscv64-cross:/usr/riscv64-linux-gnu/include/stdio.h
gcc-mingw-w64-x86-64:/usr/bin/x86_64-w64-mingw32-gcc
-wine64:/usr/lib/wine/wine64
lld:/usr/bin/wasm-ld
wasi-libc:/usr/include/wasm32-wasi/stdio.h
libclang-rt-14-dev-wasm32:/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a
nodejs:/usr/bin/node
cmake:/usr/bin/cmake
pkg-config:/usr/bin/pkg-config" ;;
    web) needed="$needed
lld:/usr/bin/wasm-ld
wasi-libc:/usr/include/wasm32-wasi/stdio.h
clang-19:/usr/bin/clang-19
libclang-rt-14-dev-wasm32:/usr/lib/llvm-14/lib/clang/14.0.6/lib/wasi/libclang_rt.builtins-wasm32.a
chromium:/usr/bin/chromium" ;;
    jvm) needed="$needed
libyuv-dev:/usr/include/libyuv.h
openjdk-17-jdk-headless:/usr/bin/javac
maven:/usr/bin/mvn" ;;
    esac
done

if [ "$(id -u)" = 0 ]; then sudo=; else sudo='sudo -n'; fi
log=${TMPDIR:-/tmp}/fovea-setup.$$.log
install() { # packages...
    command -v apt-get >/dev/null 2>&1 &&
        $sudo apt-get -o Acquire::Retries=3 update -qq &&
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 -o Acquire::Retries=3 install -y \
            --no-install-recommends "$@"
}

missing=
wished=
for line in $needed; do
    if [ -e "${line#*:}" ]; then continue; fi
    case $line in
    -*) line=${line#-} wished="$wished ${line%%:*}" ;;
    *) missing="$missing ${line%%:*}" ;;
    esac
done
if [ -n "$wished" ]; then
    echo "setup: installing$wished, which the tests can do without"
    install $wished >"$log" 2>&1 || echo "setup: could not install$wished"
    rm -f "$log"
fi
if [ -z "$missing" ]; then exit 0; fi
echo "setup: installing$missing"
if install $missing >"$log" 2>&1; then
    rm -f "$log"
    exit 0
fi
echo "setup: could not install:$missing"
echo "setup: on Debian or Ubuntu run: apt-get install$missing   (log: $log)"
exit 1
