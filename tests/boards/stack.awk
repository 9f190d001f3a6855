# The deepest stack below each function of the library that a program may call, from gcc's call graph
# (-fcallgraph-info=su): awk -f stack.awk calls.txt fovea.ci
#
# Prints "bytes function: way down"; exit code 1 on recursion, on a stack frame of no fixed size and on a
# call through a pointer that calls.txt says nothing of.
function say(text) {
    print "stack: " text > "/dev/stderr"
    failed = 1
}
function plain(title) {
    sub(/^.*:/, "", title)
    sub(/\..*$/, "", title) # .part.0, .constprop.0
    return title
}
# Patterns of calls.txt may say what they leave out: A(?!B|C).* is A.* but not AB.* nor AC.*
function matches(name, pattern,    at, end, out, rest) {
    at = index(pattern, "(?!")
    if (!at) return name ~ "^(" pattern ")$"
    end = index(substr(pattern, at), ")") + at - 1
    out = substr(pattern, 1, at - 1) "(" substr(pattern, at + 3, end - at - 3) ").*"
    rest = substr(pattern, 1, at - 1) substr(pattern, end + 1)
    return name ~ "^(" rest ")$" && name !~ "^(" out ")$"
}
function add_call(from, to) {
    if (!((from, to) in known)) {
        known[from, to] = 1
        calls[from] = calls[from] " " to
    }
}
function depth(name, path,    n, i, callee, most, d) {
    if (name in deepest) return deepest[name]
    if (name in busy) {
        say("recursion through " name ":" path)
        return 0
    }
    busy[name] = 1
    n = split(calls[name], callee, " ")
    most = 0
    for (i = 1; i <= n; i++) {
        d = depth(callee[i], path " " name)
        if (d > most) {
            most = d
            next_of[name] = callee[i]
        }
    }
    delete busy[name]
    # What is no part of this file: memory functions and the compiler's arithmetic.
    return deepest[name] = most + (name in frame ? frame[name] : 64)
}
FILENAME ~ /calls\.txt$/ {
    if ($0 !~ /^#/ && $0 != "") {
        split($0, side, "\t")
        caller[++rows] = side[1]
        target[rows] = side[2]
    }
    next
}
/^node:/ {
    split($0, part, "\"")
    name = plain(part[2])
    if (part[4] ~ / bytes /) {
        bytes = part[4]
        sub(/ bytes .*/, "", bytes)
        sub(/^.*[^0-9]/, "", bytes)
        if (part[4] !~ /\(static\)/) say(name " has a stack frame of no fixed size")
        if (!(name in frame) || bytes + 0 > frame[name]) frame[name] = bytes + 0
        if (part[2] !~ /:/) public[name] = 1
    }
}
/^edge:/ {
    split($0, part, "\"")
    if (part[4] == "__indirect_call") pointer[plain(part[2])] = 1
    else if (plain(part[2]) != plain(part[4])) add_call(plain(part[2]), plain(part[4]))
    else if (part[2] == part[4]) say(plain(part[2]) " calls itself")
}
END {
    for (r = 1; r <= rows; r++) {
        found = target[r] == "-"
        for (name in frame) found += matches(name, target[r])
        if (!found) say("calls.txt names nobody with " target[r])
    }
    for (name in pointer) {
        found = 0
        for (r = 1; r <= rows; r++) {
            if (!matches(name, caller[r])) continue
            found = 1 # "-": functions of the program's, whose stack is its own
            for (to in frame) if (to != name && matches(to, target[r])) add_call(name, to)
        }
        if (!found) say(name " calls through a pointer, which calls.txt does not know")
    }
    for (name in public) {
        d = depth(name, "")
        line = d " " name "(" frame[name] "):"
        for (at = name; at in next_of; at = next_of[at]) line = line " " next_of[at] (next_of[at] in frame ? "(" frame[next_of[at]] ")" : "")
        print line
    }
    exit failed
}
