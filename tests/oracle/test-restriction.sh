#!/bin/sh
# restriction lists: what smtpd of each release answers to many sessions under many configurations
# (restriction_cases.py) is what restriction.h answers, with code, enhanced code and text
set -u
. tests/oracle/lib.sh
sessions=$PWD/${B:-build}/oracle/restriction_sessions
case ${B:-build} in
/*) sessions=$B/oracle/restriction_sessions ;;
esac
[ -x "$sessions" ] || skip "restriction: $sessions is missing; make oracle makes it"
heavy
begin_oracle restriction

port=22000
for release in $releases; do
    python3 tests/oracle/restriction.py "$roots/$release" "$release" "$(platform_of "$release")" \
        "$sessions" "$port" >"$work/compared" || failed=$((failed + 1))
    sed '$d' "$work/compared"
    passed=$((passed + $(tail -n 1 "$work/compared" | cut -d' ' -f1)))
    failed=$((failed + $(tail -n 1 "$work/compared" | cut -d' ' -f2)))
    port=$((port + 100))
done
finish restriction
