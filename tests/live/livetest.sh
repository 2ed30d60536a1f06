#!/bin/sh
# postmend livetest with the reference server: as expected, nothing left behind, differences told
set -u
. tests/lib.sh

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP

# left - directories of live tests
left() {
    find "$TMPDIR" -mindepth 1 -maxdepth 1
}

mkdir "$work/old" "$work/new" "$work/tmp"
TMPDIR=$work/tmp
export TMPDIR
cat >"$work/old/main.cf" <<'END'
myhostname = mail.example.com
mydestination = example.com
mynetworks = 127.0.0.0/8, 192.0.2.0/24
local_recipient_maps = inline:{ postmaster=x, ann=x }
smtpd_tls_cert_file = /etc/postfix/cert.pem
smtpd_tls_key_file = /etc/postfix/key.pem
smtpd_tls_security_level = may
smtpd_sasl_auth_enable = yes
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
END
cat >"$work/old/master.cf" <<'END'
smtp inet n - n - - smtpd
submissions inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
virtual unix - n n - - virtual
tlsmgr unix - - n 1000? 1 tlsmgr
END
cp "$work/old/"* "$work/new"
echo 'message_size_limit = 6000000' >>"$work/new/main.cf"

livetest() {
    $POSTMEND livetest --platform debian12 "$@" >"$work/out" 2>"$work/err"
}

all_as_expected() {
    livetest -v "$work/old" && grep -q ' 0 different$' "$work/out" && return 0
    grep -A 2 DIFFERS "$work/out" | head -n 20
    cat "$work/err"
    return 1
}

client_is_told() {
    grep -q 'port 465, SSL/TLS' "$work/out" && grep -q '^    tls_starttls off$' "$work/out"
}

plan_goes_there_and_back() {
    livetest --output "$work/old/livetest.yaml" "$work/old" &&
        livetest -v "$work/old/livetest.yaml" && grep -q ' 0 different$' "$work/out"
}

change_is_told() {
    livetest -v --against "$work/old" "$work/new"
    [ $? -eq 1 ] && grep -q 'message sizes: ' "$work/out"
}

intended_is_no_finding() {
    livetest --output "$work/new/livetest.yaml" "$work/new" || return 1
    sed -i 's/^sessions:/intended:\n  - {rule: a-rule, why: the limit is lower}\n&/' \
        "$work/new/livetest.yaml"
    livetest -v --against "$work/old" "$work/new/livetest.yaml" &&
        grep -q 'intended (a-rule): the limit is lower' "$work/out"
}

# expectations_are_verdicts - of the site, in .postmend.yaml
expectations_are_verdicts() {
    mkdir "$work/site"
    cp "$work/old/"*.cf "$work/site"
    cat >"$work/site/.postmend.yaml" <<END
expect:
  - {port: 25, to: ann@example.com, expect: accepted, ask: ann gets mail}
  - {port: 25, client: 203.0.113.9, to: b@example.net, expect: accepted, ask: the office relays}
END
    livetest "$work/site"
    [ $? -eq 1 ] && grep -q 'ok  *as expected: ann gets mail' "$work/out" &&
        grep -q 'FAIL  *expected: the office relays; the server answers 554' "$work/out"
}

misspelt_expectation_is_an_error() {
    sed -i 's/client:/clinet:/' "$work/site/.postmend.yaml"
    livetest "$work/site"
    [ $? -eq 2 ] && grep -q 'line 3, column 16: unknown key "clinet"' "$work/err"
}

json_is_json() {
    livetest --format json "$work/old" && grep -q '"differ": 0' "$work/out"
}

# killed - even where postmend has no time to clean up
killed() {
    $POSTMEND livetest --platform debian12 "$work/old" >/dev/null 2>&1 &
    pid=$!
    sleep 0.3
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    nothing_left
}

nothing_left() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ -z "$(left)" ] && return 0
        sleep 0.5
    done
    left
    return 1
}

check "the reference server answers as expected" all_as_expected

# the 421 behind the last reply is what the next command finds
hangs_up_early() {
    mkdir "$work/strict"
    cp fixtures/seed-001/in/* "$work/strict"
    echo 'smtpd_hard_error_limit = 6' >>"$work/strict/main.cf"
    "$POSTMEND" livetest -v --platform rhel9 "$work/strict" >"$work/strict.out" 2>&1 &&
        grep -q ' 421 4\.7\.0 .*ok$' "$work/strict.out"
}
check "a server that hangs up after a few errors does so when it is expected" hangs_up_early
check "the settings of a mail program" client_is_told
check "a plan that was written is run" plan_goes_there_and_back
check "a difference to the old configuration is told" change_is_told
check "an intended difference is no finding" intended_is_no_finding
check "the expectations of the site are verdicts" expectations_are_verdicts
check "a misspelt expectation is an error with its place" misspelt_expectation_is_an_error
check "JSON" json_is_json
check "nothing is left behind" nothing_left
check "nothing is left behind by a livetest that was killed" killed
finish livetest
