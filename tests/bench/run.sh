#!/bin/sh
# run.sh - how fast "lint" is on 10,000 configurations, beside cat(1) and postconf(1)
#
# The configurations are a stock pair of RHEL 9, 34 kB, each with a host name of its own; all is in
# the file cache.  BENCH_COUNT and BENCH_ROUNDS change the numbers.  Fails where memory grows with
# the number of configurations, or where the time is out of all proportion.
set -u

count=${BENCH_COUNT:-10000}
rounds=${BENCH_ROUNDS:-5}
postmend=$(realpath "${POSTMEND:-./postmend}")
model=fixtures/rhel9/in
roots=${ORACLE_ROOTS:-/var/tmp/postmend-oracle-roots}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

for program in measure generate; do
    "${CC:-cc}" -O2 -std=c17 -D_GNU_SOURCE -o "$work/$program" "tests/bench/$program.c" || exit 2
done

# what the package's main.cf sets; the rest of the fixture is its owner's
stock='compatibility_level queue_directory command_directory daemon_directory data_directory
mail_owner inet_interfaces inet_protocols mydestination unknown_local_recipient_reject_code
alias_maps alias_database debug_peer_level debugger_command sendmail_path newaliases_path
mailq_path setgid_group html_directory manpage_directory sample_directory readme_directory
smtpd_tls_cert_file smtpd_tls_key_file smtpd_tls_security_level smtp_tls_CApath smtp_tls_CAfile
smtp_tls_security_level meta_directory shlib_directory'

# main_cf - comments and those settings, and the comments once more up to 28 kB
main_cf() {
    echo "myhostname = HOSTNAME"
    awk -v stock="$stock" '
        BEGIN { split(stock, names); for (i in names) known[names[i]] = 1 }
        /^#/ || /^$/ { print; size += length($0) + 1; comment[++n] = $0; next }
        /^[^ \t]/ { shown = $1 in known }
        shown { print; size += length($0) + 1 }
        END {
            for (i = 1; size < 28000; i = i % n + 1) {
                print comment[i]
                size += length(comment[i]) + 1
            }
        }' "$model/main.cf"
}

master_cf() {
    awk '{ print; size += length($0) + 1 } /^#/ { comment[++n] = $0 }
        END { for (i = 1; size < 6350; i = i % n + 1) { print comment[i]; size += length(comment[i]) + 1 } }
        ' "$model/master.cf"
}

cd "$work" || exit 2
(cd "$OLDPWD" && main_cf) >main.cf
(cd "$OLDPWD" && master_cf) >master.cf
./generate "$count" HOSTNAME || exit 2
settings=$(grep -cE '^[a-z]' main.cf)
size=$(cat main.cf master.cf | wc -c)
echo "bench: $count configurations of $size bytes, $settings settings in main.cf;" \
    "$(nproc) processors, $rounds rounds"

# one ROUND - each measurement once, in turn, so that what else the machine does meets all alike
one() {
    ./measure 1 "$postmend" lint --platform rhel9 d* >>lint.times || exit 1
    ./measure 1 cat d*/main.cf d*/master.cf >>cat.times || exit 1
    ./measure 1 "$postmend" lint --platform rhel9 -j 1 d* >>single.times || exit 1
}

# median FILE COLUMN
median() {
    cut -d' ' -f"$2" "$1" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'
}

# calculate FORMAT EXPRESSION... - awk's printf
calculate() {
    format=$1
    shift
    awk "BEGIN { printf \"$format\\n\", $* }"
}

# find_postconf - this machine's, or that of a tree with the real Postfix, by its own loader
find_postconf() {
    if command -v postconf >/dev/null 2>&1; then
        echo postconf
        return
    fi
    for root in "$roots"/bookworm "$roots"/bullseye "$roots"/*; do
        loader=$(find "$root"/lib64/ld-linux-* "$root"/lib/ld-linux-* 2>/dev/null | head -n 1)
        if [ -z "$loader" ] || [ ! -x "$root/usr/sbin/postconf" ]; then
            continue
        fi
        libraries=$(find "$root/usr/lib" "$root/lib" -maxdepth 2 -name 'libc.so.6' 2>/dev/null | head -n 1)
        echo "$loader --library-path ${libraries%/*}:$root/usr/lib/postfix $root/usr/sbin/postconf"
        return
    done
}

cat d*/main.cf d*/master.cf >/dev/null
"$postmend" lint --platform rhel9 d* >/dev/null 2>lint.err
round=0
while [ "$round" -lt "$rounds" ]; do
    one
    round=$((round + 1))
done
lint=$(median lint.times 1)
cat=$(median cat.times 1)
single=$(median single.times 1)
ratio=$(calculate %.2f "$lint / $cat")
calculate "bench: lint %.3f s, %d a second; with one thread %.3f s, %.1f microseconds each" \
    "$lint, $count / $lint, $single, $single / $count * 1e6"
calculate "bench: cat %.3f s; lint takes %.2f times as long (wanted: 3 at most)" "$cat, $ratio"

postconf=$(find_postconf)
if [ -n "$postconf" ]; then
    # shellcheck disable=SC2086 # a command with its arguments
    ./measure 20 $postconf -c "$work/d00000" -n >postconf.times 2>postconf.err || exit 1
    [ ! -s postconf.err ] || sed 's/^/bench: postconf says: /' postconf.err | head -n 2
    calculate "bench: postconf -n %.1f ms each, %.0f s for all; lint takes 1/%.0f of that" \
        "$(cut -d' ' -f1 postconf.times) * 1000, $(cut -d' ' -f1 postconf.times) * $count," \
        "$(cut -d' ' -f1 postconf.times) * $count / $lint"
else
    echo "SKIP bench: there is no postconf here to compare with"
fi

few=$(./measure 1 "$postmend" lint --platform rhel9 d000[0-9][0-9] | cut -d' ' -f4)
many=$(median lint.times 4)
calculate "bench: memory %.1f MiB for 100 configurations, %.1f MiB for $count (wanted: as much, below 64)" \
    "$few / 1024, $many / 1024"
if [ "$many" -gt 65536 ] || [ "$many" -gt $((few + 8192)) ]; then
    echo "bench: FAILED: memory grows"
    exit 1
fi
if [ "$(calculate %d "$ratio > 30")" = 1 ]; then
    echo "bench: FAILED: the time is out of all proportion"
    exit 1
fi
