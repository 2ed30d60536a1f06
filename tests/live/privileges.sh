#!/bin/sh
# A server that root starts serves as another user, and still has what only root can read
set -u
. tests/live/lib.sh
[ "$(id -u)" -eq 0 ] || skip "privileges: requires root"
begin_live privileges python3

cat >"$conf/main.cf" <<END2
myhostname = mail.example.com
mydestination = $conf/domains
mynetworks = 127.0.0.0/8
local_recipient_maps = unix:passwd.byname
smtpd_tls_chain_files = $conf/mail.pem
smtpd_tls_security_level = may
smtpd_recipient_restrictions = check_recipient_access texthash:$conf/secret
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
END2
cat >"$conf/master.cf" <<'END2'
smtp inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
END2
echo 'trap@example.com 553 5.7.1 only root can read this' >"$conf/secret"
echo "example.net $conf/more" >"$conf/domains"
echo example.com >"$conf/more"
echo ann trap >"$conf/users"
serve_options="--users $conf/users"
chmod 600 "$conf/"*
chmod 700 "$conf"
: >"$work/logins"

# status NAME - a line of the server's status
status() {
    sed -n "s/^$1:[[:space:]]*//p" "/proc/$server/status"
}

has_no_privileges() {
    [ "$(status Uid | tr '\t' ' ')" = "$nobody $nobody $nobody $nobody" ] && [ -z "$(status Groups | tr -d ' ')" ] &&
        [ "$(status CapEff)" = 0000000000000000 ] && [ "$(status CapPrm)" = 0000000000000000 ] && return
    status Uid
    status Groups
    status CapEff
    return 1
}

# say LINE... - the replies to them
say() {
    python3 - "$((base + 25))" "$@" <<'END2'
import smtplib
import sys
with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), timeout=10) as client:
    client.starttls()
    client.ehlo("x.example")
    print(client.docmd("MAIL FROM:<a@example.org>"))
    print(client.docmd("RCPT TO:<%s>" % sys.argv[2]))
    if len(sys.argv) > 3:
        print(client.data("Subject: %s\n\nx\n" % sys.argv[3]))
END2
}

answers_from_the_table() {
    say trap@example.com >"$work/said"
    has "$work/said" 'only root can read this'
}

knows_the_users() {
    say bob@example.com >"$work/said"
    has "$work/said" 'User unknown in local recipient table'
}

stores_mail() {
    say ann@example.com stored >"$work/said"
    file=$(arrived stored)
    [ -n "$file" ] && [ "$(stat -c %u "$file")" = "$nobody" ] && return
    cat "$work/said"
    return 1
}

# of_root - a maildir that is there already, and belongs to root
of_root() {
    mkdir -p "$work/of-root/new"
    $POSTMEND serve --platform debian12 --base-port "$base" --maildir "$work/of-root" "$conf" \
        >/dev/null 2>"$work/of-root.err"
    [ $? -eq 2 ] && has "$work/of-root.err" 'belongs to root'
}

nobody=$(id -u nobody)
start_server
check "it has no privileges" has_no_privileges
check "it answers from a table that only root can read" answers_from_the_table
check "it knows the local users" knows_the_users
check "it stores mail for a domain of a list in another list, and has the key for TLS" stores_mail
stop_server
check "a maildir of root is refused" of_root
chown -R 12345:12345 "$work/of-root"
nobody=12345
mv "$work/mail" "$work/mail.old"
mv "$work/of-root" "$work/mail"
start_server
check "it serves as the owner of the maildir" has_no_privileges
check "and stores mail" stores_mail
finish privileges
