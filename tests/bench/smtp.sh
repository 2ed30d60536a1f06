#!/bin/sh
# smtp.sh - the reference server beside Postfix's smtp-sink and "openssl s_server"
#
# smtp-source of Debian's postfix package is the load, from the tree that the oracle tests use; both
# servers throw the mail away.  SMTP_SESSIONS and BENCH_ROUNDS change the numbers.  Each number is the
# median of rounds in which both servers take their turns, so that what else the machine does meets
# both alike; the processor time is what the server itself took for a session.
set -u

sessions=${SMTP_SESSIONS:-4000}
rounds=${BENCH_ROUNDS:-5}
postmend=$(realpath "${POSTMEND:-./postmend}")
roots=${ORACLE_ROOTS:-/var/tmp/postmend-oracle-roots}
tree=$roots/bookworm
work=$(mktemp -d) || exit 2
servers=
trap 'for id in $servers; do kill "$id" 2>/dev/null; done; rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP
base=$((10000 + $$ % 20000)) # below the ports that the kernel gives to clients
sink_port=$((base + 1))
plain_port=$((base + 25))
start_port=$((base + 587))
tls_port=$((base + 465))
openssl_port=$((base + 2))

cat >"$work/main.cf" <<'END'
compatibility_level = 3.6
myhostname = mail.example.com
mydestination = example.com
mynetworks = 127.0.0.0/8
local_recipient_maps =
smtpd_tls_security_level = may
smtpd_tls_chain_files = $config_directory/chain.pem
END
cat >"$work/master.cf" <<'END'
smtp inet n - n - - smtpd
submission inet n - n - - smtpd
submissions inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
END

"${CC:-cc}" -O2 -std=c17 -D_GNU_SOURCE -o "$work/tls_load" tests/bench/tls_load.c -lssl -lcrypto -lpthread || exit 2
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail.example.com -keyout "$work/key.pem" \
    -out "$work/certificate.pem" 2>/dev/null || exit 2
cat "$work/key.pem" "$work/certificate.pem" >"$work/chain.pem"
# shellcheck disable=SC3045 # dash and bash know it
ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -H -n)"

"$postmend" serve --platform postfix-3.7 --base-port "$base" "$work" >"$work/table" 2>"$work/log" &
ours=$!
openssl s_server -accept "127.0.0.1:$openssl_port" -cert "$work/certificate.pem" -key "$work/key.pem" \
    -rev -quiet >/dev/null 2>&1 &
theirs_tls=$!
servers="$ours $theirs_tls"
sink=
if [ "$(id -u)" -eq 0 ] && [ -x "$tree/usr/sbin/smtp-source" ]; then
    chroot "$tree" /usr/sbin/smtp-sink -u nobody "127.0.0.1:$sink_port" 1024 &
    sink=$!
    servers="$servers $sink"
else
    echo "SKIP bench: no smtp-source in $tree, or not root; sh tests/oracle/roots.sh makes it"
fi
tries=0
while [ ! -s "$work/table" ] && [ "$tries" -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
done
sleep 0.5
for id in $servers; do
    kill -0 "$id" 2>/dev/null && continue
    cat "$work/log"
    echo "bench: FAILED: a server did not start"
    exit 1
done

# ticks PROCESS - the processor time that it took so far, in hundredths of a second
ticks() {
    awk '{ print $14 + $15 }' "/proc/$1/stat"
}

median() {
    sort -n "$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

# source PORT PARALLEL COUNT - sessions a second
source_load() {
    begin=$(date +%s%N)
    chroot "$tree" /usr/sbin/smtp-source -s "$2" -m "$3" -l 1000 -f a@b.example -t x@example.com \
        "127.0.0.1:$1" || echo "bench: smtp-source failed" >&2
    end=$(date +%s%N)
    echo "$3 $begin $end" | awk '{ printf "%.0f\n", $1 * 1e9 / ($3 - $2) }'
}

# turn NAME PROCESS COUNT COMMAND... - one measurement: sessions a second and microseconds for each
turn() {
    name=$1 process=$2 count=$3
    shift 3
    before=$(ticks "$process")
    "$@" >>"$work/$name.rate"
    after=$(ticks "$process")
    echo "$before $after $count" | awk '{ printf "%.1f\n", ($2 - $1) * 1e4 / $3 }' >>"$work/$name.cost"
}

# report WHAT PARALLEL OURS THEIRS NAME
report() {
    echo "$(median "$work/$3.rate") $(median "$work/$4.rate") $(median "$work/$3.cost") $(median "$work/$4.cost")" |
        awk -v what="$1" -v parallel="$2" -v name="$5" '{
            printf "bench: %s, %d at a time: postmend serve %d sessions a second, %s %d (%.2f times as many);", \
                what, parallel, $1, name, $2, ($2 > 0 ? $1 / $2 : 0)
            printf " processor %.0f and %.0f microseconds a session (%.2f)\n", $3, $4, ($4 > 0 ? $3 / $4 : 0)
        }'
}

memory() {
    awk '/^VmRSS/ { print $2 }' "/proc/$ours/status"
}

for parallel in 1 100 1000; do
    [ -n "$sink" ] || break
    source_load "$plain_port" "$parallel" "$parallel" >/dev/null
    source_load "$sink_port" "$parallel" "$parallel" >/dev/null
    round=0
    while [ "$round" -lt "$rounds" ]; do
        turn "ours$parallel" "$ours" "$sessions" source_load "$plain_port" "$parallel" "$sessions"
        turn "sink$parallel" "$sink" "$sessions" source_load "$sink_port" "$parallel" "$sessions"
        round=$((round + 1))
    done
    report "SMTP" "$parallel" "ours$parallel" "sink$parallel" smtp-sink
done
few=$(memory)
if [ -n "$sink" ]; then
    source_load "$plain_port" 100 $((sessions * 5)) >/dev/null
    echo "bench: memory of postmend serve $few kB, and $(memory) kB after $((sessions * 5)) sessions more (wanted: as much)"
fi

count=$((sessions / 8))
for parallel in 1 100 1000; do
    round=0
    while [ "$round" -lt "$rounds" ]; do
        turn "tls$parallel" "$ours" "$count" "$work/tls_load" implicit "$tls_port" "$parallel" "$count"
        turn "openssl$parallel" "$theirs_tls" "$count" "$work/tls_load" line "$openssl_port" "$parallel" "$count"
        turn "start$parallel" "$ours" "$count" "$work/tls_load" starttls "$start_port" "$parallel" "$count"
        round=$((round + 1))
    done
    report "implicit TLS" "$parallel" "tls$parallel" "openssl$parallel" "openssl s_server"
    report "STARTTLS" "$parallel" "start$parallel" "openssl$parallel" "openssl s_server without STARTTLS"
done
