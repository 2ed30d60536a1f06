#!/bin/sh
# postmend convert: the real Sendmail, and the real Postfix with the converted files, answer alike
#
#     test-sendmail.sh [NAME...]
#
# Over fixtures/sendmail-* (of the slice): each server runs in a network of its own and is asked the fixture's plan
# (tests/oracle/sendmail_plan.py says what a plan may ask).  At least 98 of 100 answers must be the
# same, and each other one is of those that the fixture's CONVERSION.md explains.
# SENDMAIL_JOBS: how many fixtures at a time; SENDMAIL_KEEP: a directory that gets all answers;
# SENDMAIL_FIXTURES: another directory than fixtures.
set -u
. tests/oracle/lib.sh
heavy
jobs=${SENDMAIL_JOBS:-4}
fixtures=${SENDMAIL_FIXTURES:-fixtures}

[ "$(id -u)" -eq 0 ] || skip "sendmail: chroot requires root"
for tool in python3 ip nsenter openssl; do
    command -v "$tool" >/dev/null || skip "sendmail: $tool is missing"
done
for program in bookworm/usr/sbin/postconf sendmail/usr/libexec/sendmail/sendmail \
    sendmail/usr/sbin/slapd; do
    [ -x "$roots/$program" ] || skip "sendmail: $roots/$program is missing; sh tests/oracle/roots.sh makes it"
done
unshare -n -m -u -p --fork true 2>/dev/null ||
    skip "sendmail: this machine lets nobody have a network of his own"

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP
export PYTHONDONTWRITEBYTECODE=1
answers=${SENDMAIL_KEEP:-$work/answers}
mkdir -p "$answers"
if [ $# -eq 0 ]; then
    for plan in "$fixtures"/sendmail-*/plan; do
        basename "$(dirname "$plan")"
    done | slice >"$work/names"
    # shellcheck disable=SC2046 # the names are words
    set -- $(cat "$work/names")
fi

# shellcheck disable=SC2016 # the inner shell's own
printf '%s\n' "$@" | POSTMEND=$POSTMEND ROOTS=$roots WORK=$work ANSWERS=$answers \
    FIXTURES=$fixtures \
    xargs -P "$jobs" -I NAME sh -c '
        rm -rf "$ANSWERS/$1" "$ANSWERS/$1".*
        for file in "$FIXTURES/$1/in/sendmail.mc" "$FIXTURES/$1/in/sendmail.cf"; do
            [ ! -f "$file" ] || $POSTMEND convert --to debian12 --output "$ANSWERS/$1" "$file"
        done >"$WORK/$1.convert" 2>&1
        for server in sendmail postfix; do
            tree=$ROOTS/bookworm
            [ $server = postfix ] || tree=$ROOTS/sendmail
            mkdir -p "$WORK/$1/$server"
            timeout 200 unshare -n -m python3 tests/oracle/sendmail.py $server "$tree" \
                "$FIXTURES/$1" "$WORK/$1/$server" "$ANSWERS/$1.$server" "$ANSWERS/$1" \
                </dev/null >"$WORK/$1.$server" 2>&1
        done' answers NAME

missing=0
for name; do
    for server in sendmail postfix; do
        [ -s "$answers/$name.$server" ] && continue
        echo "FAIL $name: nothing is known of $server: $(tail -n 3 "$work/$name.convert" "$work/$name.$server")"
        rm -f "$answers/$name".*
        missing=1
        break
    done
done
python3 tests/oracle/sendmail_compare.py "$answers" && [ $missing -eq 0 ]
