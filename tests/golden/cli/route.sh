#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# route: wrong use, where mail goes, and what few people know, where it bites
set -u
. tests/golden/cli/lib.sh
good "$work/good"

# --- wrong use
check "route without an address" refused "expected an address" route "$work/good"
check "route from a service that is not there" refused "no such service of smtpd or pickup" \
    route --platform debian12 --service submission fixtures/null-client/in bob@example.com
check "route of a directory that is not there" refused "$work/none" route "$work/none" bob@example.com
help_holds() {
    run route --help
    [ "$status" -eq 0 ] && [ ! -s "$work/err" ] && grep -q "^usage: postmend route " "$work/out"
}
check "route --help" help_holds

# --- configurations
master_cf() {
    cat <<'CF'
smtp inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
relay unix - - n - - smtp
CF
}

# site NAME - a directory with main.cf of standard input, below these lines
site() {
    mkdir -p "$work/$1"
    {
        cat <<'CF'
compatibility_level = 3.6
myhostname = mail.example.com
mydomain = example.com
mydestination = $myhostname, localhost
alias_maps = hash:/etc/postfix/aliases
forward_path =
local_recipient_maps =
CF
        cat
    } >"$work/$1/main.cf"
    master_cf >"$work/$1/master.cf"
    printf 'postmaster: root\nowner-list: boss\n' >"$work/$1/aliases"
    : >"$work/users"
    printf 'root\nbob\nboss\n' >"$work/users"
}

# goes NAME ADDRESS... - the walk of these addresses
goes() {
    where=$1
    shift
    run route --platform "${platform:-debian12}" --users "$work/users" --interfaces 192.0.2.1 \
        ${sender:+--from "$sender"} "$work/$where" "$@"
}

# tells TEXT NAME ADDRESS - does the walk have this text?
tells() {
    text=$1
    shift
    goes "$@"
    grep -q -F -e "$text" "$work/out" && return 0
    show_both
    return 1
}

# quiet TEXT NAME ADDRESS - does the walk lack this text?
quiet() {
    text=$1
    shift
    goes "$@"
    grep -q -F -e "$text" "$work/out" || return 0
    show_both
    return 1
}

# --- the sentence
site provider <<'CF'
relayhost = [relay.example.net]:587
smtp_tls_security_level = encrypt
smtp_sasl_auth_enable = yes
smtp_sasl_security_options = noanonymous
smtp_sasl_password_maps = inline:{ [relay.example.net]:587=user1:secret }
CF
check "the whole in one sentence" tells \
    "  a@outside.example: delivered by smtp to [relay.example.net]:587, TLS required (encrypt, certificate not verified), logs in as user1" \
    provider a@outside.example
check "the password is not shown" quiet secret provider a@outside.example
check "with its place" tells "$work/provider/main.cf:8:13" provider a@outside.example
check "it is delivered: 0" test "$status" -eq 0
from_input() {
    printf 'a@outside.example\n\nbob@mail.example.com\n' |
        $POSTMEND route --platform debian12 --users "$work/users" --interfaces 192.0.2.1 \
            "$work/provider" - >"$work/out" 2>"$work/err"
    [ "$(wc -l <"$work/out")" -eq 2 ] &&
        grep -q '^bob@mail.example.com: delivered by local to the mailbox of bob$' "$work/out"
}
check "addresses of standard input get a line each" from_input
as_json() {
    run route --platform debian12 --format json "$work/provider" a@outside.example
    python3 -c '
import json, sys
delivery = json.load(open(sys.argv[1]))[0]["deliveries"][0]
place = delivery["destinations"][0]
sys.exit(not (delivery["transport"] == "smtp" and place["login"] == "user1" and place["level"] == "encrypt"))' \
        "$work/out"
}
check "JSON has the same" as_json

# --- mappings
site mapped <<'CF'
recipient_delimiter = +
relay_domains = relay.example
virtual_alias_domains = alias.example
virtual_alias_maps = inline:{ { info@alias.example = bob, a@outside.example } { @catch.example = bob } }
mydestination = $myhostname, localhost, catch.example
recipient_canonical_maps = inline:{ old@mail.example.com=bob@mail.example.com }
transport_maps = inline:{ { slow.example = nowhere: } { err.example = error:no mail here } }
always_bcc = archive@outside.example
relayhost = [hub.example]
CF
check "a virtual alias becomes two" tells "a@outside.example: delivered by smtp" mapped info@alias.example
check "and the other one is local" says "bob@mail.example.com: delivered by local to the mailbox of bob"
check "always_bcc gets a copy" says "archive@outside.example: delivered by smtp to [hub.example]"
check "an unknown alias comes back" tells "returned to the sender: 5.1.1 User unknown in virtual alias table" \
    mapped none@alias.example
check "that is status 1" test "$status" -eq 1
check "an extension stays with the result" tells "bob+x@mail.example.com: delivered" mapped info+x@alias.example
check "a canonical address" tells "bob@mail.example.com: delivered by local" mapped old@mail.example.com
check "a transport without a service" tells "stays in the queue: mail transport unavailable" mapped a@slow.example
check "an error transport" tells "returned to the sender: 5.0.0 no mail here" mapped a@err.example
check "relayhost also takes relay domains" tells "relayhost also takes mail for relay_domains" mapped a@relay.example
check "a catch-all takes postmaster" tells "the entry for @catch.example also takes mail for postmaster" \
    mapped postmaster@catch.example

site circle <<'CF'
virtual_alias_maps = inline:{ a@outside.example=b@outside.example, b@outside.example=a@outside.example },
    regexp:/etc/postfix/circle
CF
# shellcheck disable=SC2016 # Postfix's own
printf '/^(x.*)@outside.example$/ x${1}@outside.example\n' >"$work/circle/circle"
check "aliases without end" tells "not accepted: virtual_alias_maps: aliases lead in a circle" \
    circle a@outside.example
check "an address that grows without end" tells "not accepted: virtual_alias_maps: an address is too long" \
    circle x@outside.example

# --- access tables
site access <<'CF'
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{
    { filter@outside.example = FILTER relay:[127.0.0.1]:10026 } { redirect@outside.example = REDIRECT bob@mail.example.com }
    { discard@outside.example = DISCARD } { hold@outside.example = HOLD }}
CF
check "FILTER" tells "filter@outside.example: delivered by relay to [127.0.0.1]:10026" \
    access filter@outside.example
check "REDIRECT" tells "bob@mail.example.com: delivered by local" access redirect@outside.example
check "DISCARD" tells "discarded: an access table says DISCARD" access discard@outside.example
check "HOLD" tells "an access table says HOLD" access hold@outside.example
from_stranger() {
    run route --platform debian12 --client 198.51.100.7 "$work/access" a@outside.example
    grep -q "smtpd(8) refuses this recipient from 198.51.100.7 (554 5.7.1" "$work/out"
}
check "a stranger who may not relay" from_stranger

# --- aliases(5)
site aliases <<'CF'
luser_relay = boss
CF
cat >"$work/aliases/aliases" <<'CF'
team: bob, boss, "|/usr/bin/list post", /var/archive
list: bob, :include:/etc/postfix/members
owner-list: boss
loop: other
other: loop@outside.example, loop
CF
printf '# members\nroot\na@outside.example\n' >"$work/aliases/members"
check "an alias has users" tells "bob@mail.example.com: delivered by local to the mailbox of bob" \
    aliases team@mail.example.com
check "a command" says "delivered by local to the command /usr/bin/list post"
check "a file" says "delivered by local to the file /var/archive"
check "an included list" tells "root@mail.example.com: delivered by local to the mailbox of root" \
    aliases list@mail.example.com
check "with other hosts" says "a@outside.example: delivered by smtp"
check "errors go to the owner" says "owner-list: errors go to owner-list@mail.example.com"
check "an unknown user goes to luser_relay" tells "boss@mail.example.com: delivered by local to the mailbox of boss" \
    aliases nobody-here@mail.example.com

site lusers <<'CF'
luser_relay = $user@far.example
CF
check "what luser_relay refers to is expanded" tells "nobody-here@far.example: delivered by smtp" \
    lusers nobody-here@mail.example.com
site many <<'CF'
virtual_alias_expansion_limit = 2000
virtual_alias_maps = texthash:/etc/postfix/many
CF
{
    printf 'many@mail.example.com'
    seq -f ' a%.0f@outside.example,' 1 1100
} | tr -d '\n' >"$work/many/many"
more_than() {
    goes many many@mail.example.com
    grep -q -F "not every outcome was tried: more than 1000 deliveries" "$work/err"
}
check "an alias with too many recipients says so" more_than
site canonical <<'CF'
canonical_maps = inline:{ a@outside.example=b@outside.example, b@outside.example=a@outside.example }
CF
check "canonical maps in a circle" tells "the canonical maps lead in a circle" canonical a@outside.example
site nested <<'CF'
CF
for number in $(seq 1 200); do
    echo "n$number: n$((number + 1))"
done >"$work/nested/aliases"
check "aliases that are nested too deeply" tells "5.4.6 alias database loop for n" nested n1@mail.example.com
site forwarded <<'CF'
virtual_alias_maps = regexp:/etc/postfix/virtual
CF
# shellcheck disable=SC2016 # Postfix's own
echo '/^(m.*)@v.example$/ $1@mail.example.com' >"$work/forwarded/virtual"
for number in $(seq 1 100); do
    echo "m$number: m$((number + 1))@v.example"
done >"$work/forwarded/aliases"
check "mail that is forwarded too often" tells "5.4.0 too many hops" forwarded m1@mail.example.com

site traps <<'CF'
relayhost = mail.isp.example:587
transport_maps = inline:{ { direct.example = smtp: } }
smtp_sasl_password_maps = inline:{ [mail.isp.example]:587=me:secret }
header_checks = regexp:/etc/postfix/checks
CF
echo '/^Subject: x/ FILTER smtp:[127.0.0.1]:26' >"$work/traps/checks"
check "a transport without a next hop passes by relayhost" tells \
    "the entry of transport_maps has no next hop: mail goes to the servers of direct.example" \
    traps a@direct.example
check "a relayhost without brackets" tells "mail.isp.example:587 has no brackets" traps a@outside.example
check "passwords that are never used" says "smtp_sasl_password_maps is set, and smtp_sasl_auth_enable is no"
check "header_checks that send mail elsewhere" says 'header_checks has "FILTER smtp:[127.0.0.1]:26"'
site empty <<'CF'
transport_maps = inline:{ { bad.example =  } }, regexp:/etc/postfix/empty
CF
echo '/^a@nothing.example$/' >"$work/empty/empty"
check "an empty result of a transport table" tells "has an empty result" empty a@nothing.example
site filtered <<'CF'
content_filter = smtp
CF
check "a content filter without a next hop" tells "content_filter has no next hop" filtered bob@mail.example.com

# --- TLS: what few people know
site seed <<'CF'
smtp_tls_CAfile = /etc/pki/tls/cert.pem
smtp_tls_security_level = may
CF
platform=rhel10
check "may with a CA file that is gone sends unencrypted" tells \
    "without TLS (may, but smtp_tls_CAfile = /etc/pki/tls/cert.pem is missing)" seed a@outside.example
check "and that is said" says "at level may, all mail is sent unencrypted"
platform=rhel9
check "where it is there, TLS is used" tells "TLS if the server offers it (may, certificate not verified)" \
    seed a@outside.example
platform=
site verify <<'CF'
smtp_tls_security_level = verify
CF
check "verify without CAs defers everything" tells "the level verify defers all mail" verify a@outside.example
check "that is status 1 too" test "$status" -eq 1
site policies <<'CF'
relayhost = [relay.example.net]:587
smtp_tls_security_level = may
smtp_tls_policy_maps = inline:{ relay.example.net=encrypt }
smtp_sasl_auth_enable = yes
smtp_sasl_password_maps = inline:{ relay.example.net=user1:secret }
CF
check "the key of a policy is the next hop as it is written" tells \
    "its key must be the next hop as it is written, [relay.example.net]:587" policies a@outside.example
check "the password map is asked for the bare name first" says "smtp_sasl_password_maps: relay.example.net: found"
check "noplaintext by default, inside TLS too" says "by default, which forbids PLAIN and LOGIN inside TLS too"
site dane <<'CF'
smtp_tls_security_level = dane
CF
check "dane without dnssec" tells "the level dane acts as may, because smtp_dns_support_level is not dnssec" \
    dane a@outside.example
site wrapped <<'CF'
relayhost = [relay.example.net]:465
smtp_tls_security_level = encrypt
CF
check "port 465 without wrapper mode" tells "without smtp_tls_wrappermode = yes, the connection hangs" \
    wrapped a@outside.example
site handshake <<'CF'
smtp_tls_security_level = may
CF
check "a failed handshake at may" tells "if the TLS handshake fails, mail waits" handshake a@outside.example
site both <<'CF'
smtp_tls_security_level = may
smtp_tls_policy_maps = inline:{ { .outside.example = secure match=x.example } { outside.example = none } { bad.example = required } }
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
CF
check "a policy of a parent domain" tells \
    "TLS required (secure, certificate must be from a CA in /etc/ssl/certs/ca-certificates.crt, for x.example)" \
    both a@sub.outside.example
check "a policy of the domain itself" tells "without TLS (none)" both a@outside.example
check "a policy that is wrong" tells 'but it stays in the queue (4.7.5 client TLS configuration problem: "required"' \
    both a@bad.example

# --- what the files do not tell
site unknown <<'CF'
virtual_alias_maps = mysql:/etc/postfix/x.cf
CF
check "a table that cannot be read" tells "cannot be determined from the files: what virtual_alias_maps has for a@outside.example" \
    unknown a@outside.example
check "with what is assumed first" says "assuming no entry in mysql:/etc/postfix/x.cf"
finish route
