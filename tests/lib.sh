# what the shell tests share: counts, skips, and the closing line

POSTMEND=${POSTMEND:-./postmend}
passed=0
failed=0

# skip WHY - ends a test that can't run here; says so
skip() {
    echo "SKIP $1"
    exit 77
}

# check NAME COMMAND... - one check
check() {
    name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok - $name"
    else
        failed=$((failed + 1))
        echo "not ok - $name"
    fi
}

# finish NAME - the closing line and the exit status
finish() {
    echo "$1: $passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit $?
}
