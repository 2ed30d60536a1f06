#!/bin/sh
# route.sh - how many addresses a second "route" follows on one core
#
# The configuration has every table that mail usually meets, with 10,000 virtual aliases, 1,000 transports and
# 1,000 aliases(5); ROUTE_ADDRESSES (100,000) addresses come on standard input.  Fails below 10,000 a second.
set -u

count=${ROUTE_ADDRESSES:-100000}
rounds=${BENCH_ROUNDS:-5}
postmend=$(realpath "${POSTMEND:-./postmend}")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

"${CC:-cc}" -O2 -std=c17 -D_GNU_SOURCE -o "$work/measure" tests/bench/measure.c || exit 2
cd "$work" || exit 2
mkdir etc
cat >etc/main.cf <<'END'
compatibility_level = 3.6
myhostname = mail.example.com
mydestination = $myhostname, localhost
recipient_delimiter = +
virtual_alias_domains = alias.example
virtual_alias_maps = hash:/etc/postfix/virtual, regexp:/etc/postfix/patterns
recipient_canonical_maps = hash:/etc/postfix/canonical
relay_domains = relay.example
relayhost = [relay.example.net]:587
transport_maps = hash:/etc/postfix/transport
alias_maps = hash:/etc/postfix/aliases
smtp_tls_security_level = may
smtp_tls_policy_maps = hash:/etc/postfix/policy
smtp_sasl_auth_enable = yes
smtp_sasl_security_options = noanonymous
smtp_sasl_password_maps = hash:/etc/postfix/passwords
END
cat >etc/master.cf <<'END'
smtp inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
local unix - n n - - local
END
# rows COUNT FORMAT - lines of a table; N in FORMAT is the number
rows() {
    awk -v count="$1" -v format="$2" 'BEGIN {
        for (i = 1; i <= count; i++) { line = format; gsub("N", i, line); print line }
    }'
}
rows 10000 'uN@alias.example vN@far.example, w@relay.example' >etc/virtual
rows 5 '/^xN@/ bob@mail.example.com' >etc/patterns
rows 1000 'cN@far.example d@far.example' >etc/canonical
rows 1000 'dN.example smtp:[mxN.example.net]' >etc/transport
rows 1000 'aN: bob, root' >etc/aliases
echo '[relay.example.net]:587 encrypt' >etc/policy
echo '[relay.example.net]:587 user:secret' >etc/passwords
printf 'bob\nroot\n' >users
awk -v count="$count" 'BEGIN {
    for (i = 0; i < count; i++) {
        kind = i % 5; n = i % 1000
        if (kind == 0) print "u" i % 10000 "@alias.example"
        else if (kind == 1) print "a" n "@mail.example.com"
        else if (kind == 2) print "someone" i "@d" n ".example"
        else if (kind == 3) print "other" i "+x@relay.example"
        else print "stranger" i "@far" i ".example"
    }
}' >addresses
for _ in $(seq "$rounds"); do
    # shellcheck disable=SC2016 # the inner shell's own
    ./measure 1 sh -c '"$0" route --platform debian12 --users users --interfaces 192.0.2.1 etc - <addresses >places' \
        "$postmend" || exit 1
done >seconds.txt
[ "$(wc -l <places)" -ge "$count" ] || {
    echo "bench: route: only $(wc -l <places) of $count addresses were followed"
    exit 1
}
seconds=$(cut -d" " -f1 seconds.txt | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }')
awk "BEGIN {
    rate = $count / $seconds
    printf \"bench: route: %.0f addresses a second on one core\\n\", rate
    exit rate < 10000
}"
