#!/bin/sh
# Installs what the tests need beyond a C compiler and make, where that can be done; says what is
# missing where it cannot. Exit code 1: something needed is not there.
set -u
needed='libcmocka-dev:/usr/include/cmocka.h
clang:/usr/bin/clang
clang-format:/usr/bin/clang-format
g++:/usr/bin/g++
gcc-aarch64-linux-gnu:/usr/bin/aarch64-linux-gnu-gcc
libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/include/stdio.h
gcc-arm-linux-gnueabihf:/usr/bin/arm-linux-gnueabihf-gcc
libc6-dev-armhf-cross:/usr/arm-linux-gnueabihf/include/stdio.h
gcc-s390x-linux-gnu:/usr/bin/s390x-linux-gnu-gcc
libc6-dev-s390x-cross:/usr/s390x-linux-gnu/include/stdio.h
qemu-user-static:/usr/bin/qemu-aarch64-static'

missing=
for line in $needed; do
    if [ ! -e "${line#*:}" ]; then missing="$missing ${line%%:*}"; fi
done
if [ -z "$missing" ]; then exit 0; fi
echo "setup: installing$missing"
if [ "$(id -u)" = 0 ]; then sudo=; else sudo='sudo -n'; fi
log=${TMPDIR:-/tmp}/fovea-setup.$$.log
if command -v apt-get >/dev/null 2>&1 && {
    $sudo apt-get update -qq &&
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 install -y \
        --no-install-recommends $missing; } >"$log" 2>&1; then
    rm -f "$log"
    exit 0
fi
echo "setup: could not install:$missing"
echo "setup: on Debian or Ubuntu run: apt-get install$missing   (log: $log)"
exit 1
