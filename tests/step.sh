# To be read by a suite whose tests are commands that succeed: `step` runs one and counts it, its output goes to $log;
# at the end `counted` prints the count.
passed=0
failed=0

step() { # name, command...
    name=$1
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        tail -n 15 "$log" | sed 's/^/    /'
    fi
}

counted() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
