#!/bin/sh
# Resizes, ways to fit and enhancements beside Pillow, OpenCV and scikit-image, of pinned versions, which are installed
# into a folder of the build: sh tests/photos.sh BUILD. TensorFlow's are compared where it is installed anyway (make
# conformance).
set -u
cd "$(dirname "$0")/.."
build=${1:-build}
venv=$build/photos-venv
wanted='numpy==2.1.3 Pillow==11.3.0 opencv-python-headless==4.10.0.84 scikit-image==0.25.2'
if [ "$(cat "$venv/wanted" 2>/dev/null)" != "$wanted" ]; then
    rm -rf "$venv"
    # shellcheck disable=SC2086 # several words
    if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check $wanted; } \
        >"$build/photos-venv.log" 2>&1; then
        echo "photos: could not install what is compared with (log: $build/photos-venv.log)"
        exit 1
    fi
    echo "$wanted" >"$venv/wanted"
fi
exec "$venv/bin/python" tests/photos/oracle.py "$build" pillow opencv skimage
