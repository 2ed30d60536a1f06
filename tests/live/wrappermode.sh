#!/bin/sh
# wrappermode.sh - the story of the question that began it all: port 465 without wrapper mode, as
# msmtp meets it; the probe names what is missing, lint --fix writes it, and msmtp's mail arrives
set -u
. tests/live/lib.sh
begin_live wrappermode msmtp

cat >"$conf/main.cf" <<'END'
myhostname = mail.example.com
mydestination = example.com
local_recipient_maps =
mynetworks = 192.0.2.0/24
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = /etc/postfix/mail.pem
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
END
cat >"$conf/master.cf" <<'END'
smtp        inet  n       -       y       -       -       smtpd
submissions inet  n       -       y       -       -       smtpd
  -o syslog_name=postfix/submissions
END
echo 'user@example.com:secret' >"$work/logins"

# send WORD - a message by msmtp, as a mail program with "SSL/TLS" on port 465 sends it
send() {
    printf 'From: user@example.com\nTo: friend@elsewhere.example\nSubject: %s\n\nhello\n' "$1" |
        timeout 30 msmtp --file=/dev/null --host=127.0.0.1 --port=$((base + 465)) --tls=on \
            --tls-starttls=off --tls-trust-file="$work/ca.pem" --auth=plain \
            --user=user@example.com --passwordeval='echo secret' --timeout=20 \
            --from=user@example.com friend@elsewhere.example >"$work/msmtp.out" 2>&1
}

# probe - what postmend says of the service on port 465
probe() {
    $POSTMEND probe --port $((base + 465)) --tls implicit --ca-file "$work/ca.pem" \
        --name mail.example.com 127.0.0.1 >"$work/probe.out" 2>&1
}

# refused COMMAND... - it must fail
refused() {
    ! "$@"
}

start_server
check "msmtp fails on port 465 without wrapper mode" refused send before
check "msmtp says that the handshake failed" has "$work/msmtp.out" "TLS handshake failed"
check "the probe finds it" refused probe
check "the probe says what came instead of TLS" has "$work/probe.out" \
    "plain-not-tls: plaintext in answer to TLS: 220 mail.example.com ESMTP"
check "the probe names the missing setting" has "$work/probe.out" \
    "smtpd_tls_wrappermode = yes is missing for this service"
stop_server

$POSTMEND lint --platform debian12 "$conf" >"$work/lint.out" 2>&1
check "lint says it of the files" has "$work/lint.out" "[wrappermode]"
$POSTMEND lint --platform debian12 --fix "$conf" >"$work/fix.out" 2>&1
check "lint --fix writes it" has "$conf/master.cf" "-o smtpd_tls_wrappermode=yes"

start_server
check "the probe is content" probe
check "the probe sees AUTH in TLS" has "$work/probe.out" "AUTH in TLS  AUTH PLAIN"
check "msmtp sends by port 465" send after || cat "$work/msmtp.out"
message=$(arrived 'Subject: after')
check "its message arrived" test -n "$message"
check "with the sender logged in over TLS" has "${message:-/dev/null}" "with ESMTPSA"
check "and the first one did not" test -z "$(arrived 'Subject: before')"
$POSTMEND probe --port $((base + 465)) --tls starttls 127.0.0.1 >"$work/probe.out" 2>&1
check "who waits for a greeting there is told that TLS comes first" has "$work/probe.out" \
    "tls-not-plain: no greeting, and the server answers a TLS ClientHello"
stop_server
finish wrappermode
