#!/bin/sh
# check.sh UNIT-TEST-PROGRAM... - all tests, and one closing line with the counts of all
set -u

output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT
status=0

# run COMMAND... - shows its output and keeps it
run() {
    { "$@" || echo "$*" >"$output.failed"; } | tee -a "$output"
    if [ -e "$output.failed" ]; then
        echo "check: failed: $(cat "$output.failed")" | cut -c1-100
        rm -f "$output.failed"
        status=1
    fi
}

run sh tests/run-unit.sh "$@"
run sh tests/golden/run.sh
run sh tests/oracle/run.sh

# the three closing lines, added up
grep -E '^(unit|golden|oracle): [0-9]+ passed, [0-9]+ failed' "$output" | awk '
    { passed += $2; failed += $4; skipped += $6 }
    END {
        printf "check: %d passed, %d failed", passed, failed
        if (skipped > 0)
            printf ", %d skipped", skipped
        print ""
    }'
exit "$status"
