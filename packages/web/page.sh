#!/bin/sh
# The page as one folder of files, for any web server: OUT/index.html and what it needs.
#
#     sh packages/web/page.sh PACKAGE OUT     (PACKAGE: what packages/web/build.sh made)
set -eu
package=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
cp "$package"/fovea.js "$package"/*.wasm "$out"
cd "$(dirname "$0")/page"
cp index.html page.css page.js page.webmanifest icon.svg "$out"
files="'./'$(cd "$out" && ls | grep -v '^offline.js$' | sed "s|.*|, './&'|" | tr -d '\n')"
# The cache's name is that of its contents: a new build is a new cache.
version=$(cd "$out" && cat $(ls | grep -v '^offline.js$') | cksum | cut -d ' ' -f 1)
sed "s|@files@|$files|; s|@version@|$version|" offline.js >"$out/offline.js"
echo "page: $(cat "$out"/* | wc -c) bytes in $(ls "$out" | wc -l) files"
