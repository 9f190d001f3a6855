# To be read by a suite that runs the command: `verdict` counts, $work is a folder that goes with the suite; at the
# end `counted` prints the count. $work/out and $work/err are what the command under test printed.
work=$(mktemp -d "${TMPDIR:-/tmp}/fovea-suite.XXXXXX")
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

verdict() { # right?, name
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $2"
        cat -v "$work/out" "$work/err" 2>/dev/null | sed 's/^/     /' | head -n 6
    fi
}

# answered CODE 'PATTERN' NAME COMMAND...: runs the command with nothing on standard input. Sets $right, 0 where it ended
# with CODE and printed the pattern (Windows ends lines with two characters), and $code, $want, $name.
answered() {
    want=$1
    pattern=$2
    name=$3
    shift 3
    "$@" >"$work/out" 2>"$work/err" </dev/null
    code=$?
    right=0
    [ $code -eq "$want" ] || right=1
    cat "$work/out" "$work/err" | tr -d '\r' | grep -qE -- "$pattern" || right=1
}

counted() {
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
}
