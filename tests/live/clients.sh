#!/bin/sh
# clients.sh - five mail clients each send a message by 25 with STARTTLS, by 587 and by 465 (with
# AUTH on the latter two), and it is read back from the maildir
set -u
. tests/live/lib.sh
begin_live clients msmtp swaks curl python3 base64

cat >"$conf/main.cf" <<'END'
myhostname = mail.example.com
mydestination = example.com
local_recipient_maps =
mynetworks = 192.0.2.0/24
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_received_header = yes
smtpd_tls_chain_files = /etc/postfix/mail.pem
smtpd_sasl_authenticated_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
END
cat >"$conf/master.cf" <<'END'
smtp        inet  n       -       y       -       -       smtpd
submission  inet  n       -       y       -       -       smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
submissions inet  n       -       y       -       -       smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
END
echo 'user@example.com:secret' >"$work/logins"

# Each client sends $work/message from user@example.com to $to by $port; with AUTH, and with TLS
# from the first byte, where $auth and $implicit say yes.

by_msmtp() {
    set -- --from=user@example.com "$to"
    [ "$auth" = no ] ||
        set -- --auth=plain --user=user@example.com --passwordeval='echo secret' "$@"
    [ "$implicit" = yes ] && set -- --tls-starttls=off "$@"
    timeout 30 msmtp --file=/dev/null --host=127.0.0.1 --port=$((base + port)) --tls=on \
        --tls-trust-file="$work/ca.pem" "$@" <"$work/message"
}

by_swaks() {
    set -- --from user@example.com --to "$to" --data "@$work/message"
    [ "$auth" = no ] || set -- --auth LOGIN --auth-user user@example.com --auth-password secret "$@"
    if [ "$implicit" = yes ]; then set -- --tls-on-connect "$@"; else set -- --tls "$@"; fi
    timeout 30 swaks --server 127.0.0.1 --port $((base + port)) --ehlo client.example.com "$@"
}

by_curl() {
    scheme=smtp
    [ "$implicit" = yes ] && scheme=smtps
    set -- --mail-from user@example.com --mail-rcpt "$to" --upload-file "$work/message"
    [ "$auth" = no ] || set -- --user user@example.com:secret "$@"
    timeout 30 curl -sS --ssl-reqd --cacert "$work/ca.pem" --crlf \
        "$scheme://127.0.0.1:$((base + port))/client.example.com" "$@"
}

by_smtplib() {
    timeout 30 python3 - $((base + port)) "$implicit" "$auth" "$to" "$work" <<'END'
import smtplib, ssl, sys
port, implicit, auth, to, work = sys.argv[1:]
context = ssl.create_default_context(cafile=work + "/ca.pem")
if implicit == "yes":
    client = smtplib.SMTP_SSL("127.0.0.1", int(port), context=context)
else:
    client = smtplib.SMTP("127.0.0.1", int(port))
    client.starttls(context=context)
if auth == "yes":
    client.login("user@example.com", "secret")
with open(work + "/message", "rb") as message:
    client.sendmail("user@example.com", [to], message.read())
client.quit()
END
}

# one line after the other: a person at the keyboard, as s_client knows no SMTP
by_s_client() {
    set -- -connect "127.0.0.1:$((base + port))" -CAfile "$work/ca.pem" -verify_return_error
    [ "$implicit" = yes ] || set -- -starttls smtp "$@"
    {
        sleep 0.5
        echo 'EHLO client.example.com'
        sleep 0.2
        if [ "$auth" = yes ]; then
            echo "AUTH PLAIN $(printf '\0user@example.com\0secret' | base64)"
            sleep 0.2
        fi
        echo 'MAIL FROM:<user@example.com>'
        sleep 0.2
        echo "RCPT TO:<$to>"
        sleep 0.2
        echo DATA
        sleep 0.2
        sed 's/^\./../' "$work/message"
        echo .
        sleep 0.2
        echo QUIT
        sleep 0.2
    } | timeout 30 openssl s_client -quiet -crlf "$@"
}

# message_good - was the message stored with its body, and a Received: line of that session?
message_good() {
    message=$(arrived "Subject: $word\$")
    [ -n "$message" ] || {
        echo "    no message arrived; the client said:"
        sed 's/^/    /' "$work/client.out"
        return 1
    }
    has "$message" "the body of $word" && has "$message" '.a line that begins with a dot' &&
        ! grep -q '^\.\.' "$message" || return 1
    protocol=ESMTPS
    [ "$auth" = no ] || protocol=ESMTPSA
    has "$message" 'by mail.example.com (Postfix)' && has "$message" "with $protocol id" &&
        has "$message" '(using TLSv1.3 with cipher TLS_' || return 1
    [ "$auth" = no ] || has "$message" '(Authenticated sender: user@example.com)'
}

start_server
for client in msmtp swaks curl smtplib s_client; do
    for port in 25 587 465; do
        word=$client-$port
        auth=yes implicit=no to=friend@elsewhere.example
        [ "$port" = 25 ] && auth=no to=someone@example.com
        [ "$port" = 465 ] && implicit=yes
        printf 'From: user@example.com\nTo: %s\nSubject: %s\n\n%s\n.a line that begins with a dot\n' \
            "$to" "$word" "the body of $word" >"$work/message"
        "by_$client" >"$work/client.out" 2>&1
        check "$client sends by $port" test $? -eq 0
        check "what $client sent by $port is in the maildir" message_good
    done
done
check "no other message is there" test "$(find "$work/mail/new" -type f | wc -l)" -eq 15
stop_server
finish clients
