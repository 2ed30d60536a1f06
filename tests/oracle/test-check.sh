#!/bin/sh
# restriction lists: what smtpd of each release answers to many sessions under many configurations
# (check_cases.py) is what check.h answers, with code, enhanced code and text
set -u
. tests/oracle/lib.sh
sessions=$PWD/${B:-build}/oracle/check_sessions
case ${B:-build} in
/*) sessions=$B/oracle/check_sessions ;;
esac
[ -x "$sessions" ] || skip "check: $sessions is missing; make oracle makes it"
heavy
begin_oracle check

port=22000
for release in $releases; do
    python3 tests/oracle/check.py "$roots/$release" "$release" "$(platform_of "$release")" \
        "$sessions" "$port" >"$work/compared" || failed=$((failed + 1))
    sed '$d' "$work/compared"
    passed=$((passed + $(tail -n 1 "$work/compared" | cut -d' ' -f1)))
    failed=$((failed + $(tail -n 1 "$work/compared" | cut -d' ' -f2)))
    port=$((port + 100))
done
finish check
