#!/bin/sh
# hostile.sh - hostile clients, kills and a full disk; the server stands and loses nothing
#
# HOSTILE_SECONDS (10) of hostile traffic (hostile.py); three times SIGKILL in a storm of
# deliveries; a maildir that takes no more.  ASan's builds are told by POSTMEND.
set -u
. tests/lib.sh

command -v python3 >/dev/null || skip "hostile: python3 is missing"
work=$(mktemp -d) || exit 2
server=
trap 'if [ -n "$server" ]; then kill -9 "$server" 2>/dev/null; fi; rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP

good() {
    passed=$((passed + 1))
    echo "ok - $1"
}

bad() {
    failed=$((failed + 1))
    echo "not ok - $1"
}

cat >"$work/main.cf" <<'END'
compatibility_level = 3.6
myhostname = mail.example.com
mydestination = example.com
mynetworks = 192.0.2.0/24
local_recipient_maps =
smtpd_timeout = 2
smtpd_starttls_timeout = 2
smtpd_error_sleep_time = 0
smtpd_tls_security_level = may
smtpd_tls_cert_file = /etc/ssl/certs/none.pem
smtpd_tls_key_file = /etc/ssl/private/none.key
smtpd_sasl_auth_enable = yes
END
cat >"$work/master.cf" <<'END'
smtp inet n - n - - smtpd
submissions inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
END

# the address sanitizer keeps memory that was freed, up to 256 MB, which would look like a leak
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=16"

# start ARGUMENT... - listens at a free base port; $port, $tls_port, $server
start() {
    base=$((10000 + $$ % 20000))
    while :; do
        rm -f "$work/table"
        "$POSTMEND" serve --platform postfix-3.10 --base-port "$base" "$@" "$work" \
            >"$work/table" 2>"$work/log" &
        server=$!
        tries=0
        while [ ! -s "$work/table" ] && kill -0 "$server" 2>/dev/null && [ "$tries" -lt 100 ]; do
            sleep 0.1
            tries=$((tries + 1))
        done
        [ ! -s "$work/table" ] || break
        wait "$server"
        base=$((base + 531))
        [ "$base" -lt 60000 ] || { cat "$work/log"; exit 1; }
    done
    port=$((base + 25))
    tls_port=$((base + 465))
}

# stop - it ends well, and so does what watches its memory
stop() {
    kill "$server"
    wait "$server" || bad "hostile: the server ended with $?"
    if grep -E 'ERROR: (Address|Leak)Sanitizer|runtime error' "$work/log"; then
        bad "hostile: the sanitizer complains"
    fi
    server=
}

start --maildir "$work/mail"
if python3 tests/live/hostile.py "$server" "$port" "$tls_port" "${HOSTILE_SECONDS:-10}"; then
    good "hostile: the server stands, its memory and files are what they were"
else
    bad "hostile: the traffic left a mark"
fi
stop
if [ -n "$(ls "$work/mail/tmp")" ]; then
    bad "hostile: something is left in tmp"
fi

for round in 1 2 3; do
    start --maildir "$work/mail$round"
    if python3 tests/live/storm.py "$server" "$port" "$work/mail$round" "0.$round"; then
        good "hostile: killed in a storm, every message that was answered is whole"
    else
        bad "hostile: the kill lost a message"
    fi
    wait "$server" 2>/dev/null
    start --maildir "$work/mail$round"
    if [ -n "$(ls "$work/mail$round/tmp")" ]; then
        bad "hostile: the next start leaves the dead one's files"
    fi
    stop
done

# a limit on the size of files stands for a full disk: the same answer of write(2), by another name
full=no
(
    ulimit -f 40 2>/dev/null # 20 or 40 kB
    start --maildir "$work/small"
    python3 tests/live/storm.py full "$port" "$work/small"
    result=$?
    kill "$server"
    wait "$server"
    exit "$result"
) && full=yes
if [ "$full" = yes ]; then
    good "hostile: a disk that is full is answered with 451, and nothing is left"
else
    bad "hostile: a disk that is full"
fi
finish hostile
