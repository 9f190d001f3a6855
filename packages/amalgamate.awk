# Inlines our own includes: awk -v root=DIR -f amalgamate.awk -v public=NAME FILES > one.c
#
# A header with an include guard comes once, where it is first asked for, which must not be inside a
# condition; a list (.def), a body or a shim each time. `public` maps the public headers to the files
# beside the result: "include/fovea.h=fovea.h include/fovea_photo.h=fovea_photo.h". Exit code 1: it could not.
function say(text) {
    print "amalgamate: " text > "/dev/stderr"
    failed = 1
}
# True for an #ifndef NAME on the first line that is no comment, followed by #define NAME.
function is_guarded(path,    line, inside, name, found) {
    if (path in guarded) return guarded[path]
    found = 0
    while ((getline line < path) > 0) {
        if (name != "") {
            found = line == "#define " name
            break
        }
        if (inside || line ~ /^\/\*/) {
            inside = line !~ /\*\//
            continue
        }
        if (line ~ /^#ifndef [A-Z0-9_]+_H$/) name = substr(line, 9)
        else if (line !~ /^$/) break
    }
    close(path)
    return guarded[path] = found
}
function include(name, depth,    path, line, conditions, asked) {
    path = root "/" name
    if (is_guarded(path)) {
        if (name in seen) return
        if (depth > 0) say(name " is first included inside a condition")
        seen[name] = 1
        conditions = -1 # the guard itself
    } else conditions = 0
    asked = 0
    while ((getline line < path) > 0) {
        asked = 1
        if (line ~ /^# *if/) conditions++
        if (line ~ /^# *endif/) conditions--
        if (line ~ /^#include "/) {
            split(line, part, "\"")
            if (part[2] in beside) line = "#include \"" beside[part[2]] "\""
            else {
                include(part[2], depth + conditions)
                continue
            }
        }
        print line
    }
    if (!asked) say("cannot read " path)
    close(path)
}
BEGIN {
    n = split(public, pair, " ")
    for (i = 1; i <= n; i++) {
        split(pair[i], side, "=")
        beside[side[1]] = side[2]
    }
    for (i = 1; i < ARGC; i++) {
        print "\n/* ======== " ARGV[i] " ======== */"
        include(ARGV[i], 0)
    }
    exit failed
}
