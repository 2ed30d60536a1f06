#!/bin/sh
# run.sh NAME ROOM|FILE... - runs the tests of these rooms, or these, several at a time, and prints the
# count of all
#
# The tests of a room are tests/ROOM/*.sh and tests/ROOM/cli/*.sh; those of unit are the programs that
# make builds of tests/unit/test_*.c, that of fuzz is found.sh, and those of oracle are ca-file.sh and
# test-*.sh, each in a world of its own (tests/oracle/private.sh).
#
# A script ends with 0, with 77 (skipped: it says why) or with another status (failed); its closing
# line "NAME: N passed, N failed" counts, without one it counts as one test.  What a test prints is
# shown when it ends, without the lines "ok - ...".
#
#   T=WORD             only tests with WORD in their names
#   TEST_JOBS          how many at a time: twice the number of processors; of the oracle tests, which
#                      mostly wait, twice as many again
#   TEST_TIMEOUT       after how many seconds a test is stopped, and has failed: 1200
#   POSTMEND_SHARED    a directory with corpus/, real configurations and what postconf prints of them,
#                      and facts/, what postconf -d of many releases printed; without it the tests
#                      with "corpus" in their names are left out
#   ORACLE_PART        light: without the tests that say "heavy"; heavy: only those
#   ORACLE_STRICT=1    what is skipped has failed
#   B, POSTMEND        the build directory and the program
set -u

# --- one test --------------------------------------------------------------------------------------

# count_cmocka WORD - N of cmocka's closing "[  WORD  ] N test(s)"
count_cmocka() {
    sed -n "s/^\\[ *$1 *\\] \\([0-9][0-9]*\\) test(s).*/\\1/p" "$output" |
        awk '{ sum += $1 } END { print sum + 0 }'
}

# count_closing FIELD - a number of a script's closing line
count_closing() {
    grep -E '^[^ ]*: [0-9]+ passed, [0-9]+ failed' "$output" | tail -n 1 | cut -d' ' -f"$1"
}

# run_program NAME - a unit test
run_program() {
    timeout -k 10 "${TEST_TIMEOUT:-1200}" "${B:-build}/tests/$1" >"$output" 2>&1 </dev/null
    status=$?
    passed=$(count_cmocka PASSED)
    failed=$(count_cmocka FAILED)
    skipped=$(count_cmocka SKIPPED)
    if [ "$passed" -eq 0 ] && [ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ]; then
        echo "[  FAILED  ] it ran no test" >>"$output"
        failed=1
    fi
}

# show_program - of a program that passes only what it skipped
show_program() {
    if [ "$failed" -eq 0 ]; then
        grep -E 'SKIP' "$output"
    else
        grep -vE '^\[ (RUN      |      OK )\]' "$output"
    fi
}

run_script() {
    case $room in
    oracle) set -- sh tests/oracle/private.sh sh "$1" ;;
    *) set -- sh "$1" ;;
    esac
    timeout -k 10 "${TEST_TIMEOUT:-1200}" "$@" >"$output" 2>&1 </dev/null
    status=$?
    passed=$(count_closing 2)
    failed=$(count_closing 4)
    skipped=$(grep -c '^SKIP' "$output")
    [ "$status" -ne 0 ] || [ -n "$passed" ] || passed=1
}

show_script() {
    grep -vE '^ok - |^[^ ]*: [0-9]+ passed, [0-9]+ failed$' "$output"
}

# run_one FILE - prints what it has to say at once, and adds its counts to the file $results
run_one() {
    output=$(mktemp) || exit 2
    trap 'rm -f "$output" "$output.shown"' EXIT
    name=${1#tests/}
    name=${name%.*}
    room=${name%%/*}
    begin=$(date +%s)
    kind=script
    [ "$room" != unit ] || kind=program
    case $kind in
    program) run_program "${name##*/}" ;;
    script) run_script "$1" ;;
    esac
    seconds=$(($(date +%s) - begin))
    passed=${passed:-0}
    failed=${failed:-0}
    if [ "$status" -ne 0 ] && [ "$status" -ne 77 ] && [ "$failed" -eq 0 ]; then
        echo "FAILED: it ended with status $status" >>"$output"
        failed=1
    fi
    if [ "$skipped" -gt 0 ] && [ "${ORACLE_STRICT:-0}" = 1 ]; then
        echo "FAILED: nothing may be skipped here" >>"$output"
        failed=$((failed + skipped))
        skipped=0
    fi
    {
        printf '%s: %d passed, ' "$name" "$passed"
        [ "$failed" -eq 0 ] || printf '%d FAILED, ' "$failed"
        [ "$skipped" -eq 0 ] || printf '%d skipped, ' "$skipped"
        echo "$seconds s"
        "show_$kind" | sed 's/^/    /'
    } >"$output.shown"
    flock "$results" cat "$output.shown"
    echo "$room $passed $failed $skipped" >>"$results"
}

if [ "$1" = --one ]; then
    run_one "$2"
    exit 0
fi

# --- all of them -----------------------------------------------------------------------------------

# is_wanted FILE
is_wanted() {
    case ${1##*/} in
    lib.sh) return 1 ;;
    *corpus*) [ -n "${POSTMEND_SHARED:-}" ] || return ;;
    esac
    case ${1##*/} in
    *"${T:-}"*) ;;
    *) return 1 ;;
    esac
    case ${ORACLE_PART:-all} in
    light) ! grep -q '^heavy$' "$1" ;;
    heavy) grep -q '^heavy$' "$1" ;;
    esac
}

# tests_of ROOM|FILE
tests_of() {
    case $1 in
    unit) set -- tests/unit/test_*.c ;;
    fuzz) set -- tests/fuzz/found.sh ;;
    oracle) set -- tests/oracle/ca-file.sh tests/oracle/test-*.sh ;;
    */*) set -- "$1" ;;
    *) set -- tests/"$1"/*.sh tests/"$1"/cli/*.sh ;;
    esac
    for file; do
        [ ! -f "$file" ] || ! is_wanted "$file" || echo "$file"
    done
}

suite=$1
shift
results=$(mktemp) || exit 2
export results
trap 'rm -f "$results"' EXIT
trap 'exit 2' INT TERM HUP
# run_rooms JOBS ROOM...
run_rooms() {
    jobs=$1
    shift
    for room; do
        tests_of "$room"
    done | xargs -P "$jobs" -I FILE sh tests/run.sh --one FILE
}

jobs=${TEST_JOBS:-$((2 * $(nproc)))}
others=
for room; do
    case $room in
    oracle) run_rooms $((2 * jobs)) oracle & ;;
    *) others="$others $room" ;;
    esac
done
# shellcheck disable=SC2086 # a list
run_rooms "$jobs" $others
wait

# the counts of each room, then those of all
awk -v suite="$suite" -v rooms="$*" '
    function show(name, key) {
        printf "%s: %d passed, %d failed", name, passed[key], failed[key]
        if (skipped[key] > 0)
            printf ", %d skipped", skipped[key]
        print ""
    }
    {
        split($1 " all", keys)
        for (i in keys) {
            passed[keys[i]] += $2
            failed[keys[i]] += $3
            skipped[keys[i]] += $4
        }
    }
    END {
        count = split(rooms, names)
        for (i = 1; i <= count; i++)
            if (names[i] in passed && names[i] != suite)
                show(names[i], names[i])
        show(suite, "all")
        exit failed["all"] > 0 || passed["all"] == 0
    }' "$results"
