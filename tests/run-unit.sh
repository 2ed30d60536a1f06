#!/bin/sh
# run-unit.sh PROGRAM... - runs the unit tests; of their own output it shows what failed and the
# closing lines, and at the end the counts of all
set -u

output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT
passed=0
failed=0
skipped=0

# count WORD - N of cmocka's closing "[  WORD  ] N test(s)"
count() {
    sed -n "s/^\\[ *$1 *\\] \\([0-9][0-9]*\\) test(s).*/\\1/p" "$output" |
        awk '{ sum += $1 } END { print sum + 0 }'
}

# show STATUS - everything but the tests that went well; a passing program's talk stays unsaid,
# unless it is about what it skipped
show() {
    if [ "$1" -eq 0 ]; then
        grep -E '^\[  (PASSED|SKIPPED) |^\[==========\] .* run|SKIP' "$output"
    else
        grep -vE '^\[ (RUN      |      OK )\]' "$output"
    fi
}

for program in "$@"; do
    echo "${program##*/}"
    "$program" >"$output" 2>&1
    status=$?
    show "$status"
    now_passed=$(count PASSED)
    now_failed=$(count FAILED)
    passed=$((passed + now_passed))
    skipped=$((skipped + $(count SKIPPED)))
    if [ "$status" -ne 0 ] && [ "$now_failed" -eq 0 ]; then
        echo "[  FAILED  ] ${program##*/} ended with status $status"
        now_failed=1
    elif [ "$status" -eq 0 ] && [ "$now_passed" -eq 0 ]; then
        if grep -q '^SKIP' "$output" && [ "${ORACLE_STRICT:-0}" != 1 ]; then
            skipped=$((skipped + 1))
        else
            echo "[  FAILED  ] ${program##*/} ran no test"
            now_failed=1
        fi
    fi
    failed=$((failed + now_failed))
done

if [ "$skipped" -gt 0 ]; then
    echo "unit: $passed passed, $failed failed, $skipped skipped"
else
    echo "unit: $passed passed, $failed failed"
fi
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
