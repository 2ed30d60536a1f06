#!/bin/sh
# The SMTP client of the real Postfix without /etc/pki/tls/cert.pem, as on RHEL 10: mail leaves in
# the clear; after "postmend upgrade" it goes over TLS.
#
# Works on a copy-on-write view of a tree of ORACLE_ROOTS (or of this machine, if it has Postfix),
# in its own mount, network and process namespaces: when the test ends, nothing of it is left.
# shellcheck disable=SC2317 # called by check
set -u
# shellcheck source=tests/lib.sh
. tests/lib.sh
roots=${ORACLE_ROOTS:-/var/tmp/postmend-oracle-roots}

# postfix_root - the tree whose Postfix is asked
postfix_root() {
    for release in trixie bookworm bullseye; do
        if [ -x "$roots/$release/usr/sbin/postfix" ]; then
            echo "$roots/$release"
            return
        fi
    done
    ! command -v postfix >/dev/null || echo /
}

# --- outside: a private place, and the same script in it -----------------------------------------

if [ "${CA_FILE_INSIDE:-}" = "" ]; then
    [ "$(id -u)" -eq 0 ] || skip "ca-file: chroot requires root"
    [ -n "$(postfix_root)" ] || skip "ca-file: neither $roots nor this machine has a Postfix"
    for tool in unshare openssl timeout ip; do
        command -v "$tool" >/dev/null || skip "ca-file: $tool is missing"
    done
    [ -x "$POSTMEND" ] || skip "ca-file: $POSTMEND is missing"
    unshare -m -n -p -f true 2>/dev/null || skip "ca-file: no namespaces may be made here"
    CA_FILE_INSIDE=$(mktemp -d) || exit 2
    export CA_FILE_INSIDE
    trap 'rmdir "$CA_FILE_INSIDE"' EXIT
    trap 'exit 2' INT TERM HUP
    timeout -k 5 55 unshare -m -n -p -f --kill-child sh "$0"
    exit $?
fi

# --- inside --------------------------------------------------------------------------------------

work=$CA_FILE_INSIDE
tree=$work/tree
# shellcheck disable=SC2015 # whichever of them fails
mount -t tmpfs tmpfs "$work" && mkdir "$tree" "$work/new" "$work/scratch" &&
    mount -t overlay overlay \
        -o "lowerdir=$(postfix_root),upperdir=$work/new,workdir=$work/scratch" "$tree" ||
    skip "ca-file: no copy-on-write view may be made here"
mount --bind /dev "$tree/dev" && mount -t proc proc "$tree/proc" && ip link set lo up || exit 2
log=$tree/var/log/ca-file.log

# inside COMMAND... - in the tree
inside() {
    chroot "$tree" "$@"
}

# platform_files - what RHEL 10 has, and has not; the bundle knows the sink's authority
platform_files() {
    mkdir -p "$tree/etc/pki/tls/certs" "$tree/etc/sink"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sink.example.com \
        -keyout "$tree/etc/sink/key.pem" -out "$tree/etc/sink/cert.pem" 2>/dev/null || exit 2
    cp "$tree/etc/sink/cert.pem" "$tree/etc/pki/tls/certs/ca-bundle.crt"
    rm -f "$tree/etc/pki/tls/cert.pem"
}

# story - the configuration of the old host, with the lines of a guide for outgoing TLS
story() {
    mkdir "$work/old"
    cat >"$work/old/main.cf" <<'END'
compatibility_level = 2
myhostname = client.example.com
mydestination =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:2525
maillog_file = /var/log/ca-file.log
smtp_tls_CAfile = /etc/pki/tls/cert.pem
smtp_tls_security_level = may
smtp_tls_loglevel = 1
END
    cp tests/oracle/internal.cf "$work/old/master.cf"
}

# sink - the server on the other side, which keeps what it gets
sink() {
    cat <<'END'
2525      inet  n       -       n       -       -       smtpd
  -o myhostname=sink.example.com
  -o smtpd_tls_security_level=may
  -o smtpd_tls_cert_file=/etc/sink/cert.pem
  -o smtpd_tls_key_file=/etc/sink/key.pem
  -o smtpd_client_restrictions=static:HOLD
  -o smtpd_relay_restrictions=
  -o smtpd_recipient_restrictions=permit_mynetworks,reject
END
}

# wait_for TEXT - until the log has it
wait_for() {
    tries=0
    until grep -q "$1" "$log" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 60 ] || return 1
        sleep 0.2
    done
}

# kept - the Received field of the mail that the sink keeps
kept() {
    for file in "$tree"/var/spool/postfix/hold/*; do
        [ ! -e "$file" ] || inside postcat -q "${file##*/}"
    done | grep -A 6 '^Received: from client.example.com'
}

# deliver DIRECTORY - one mail through the Postfix that is configured so; its Received in $received
deliver() {
    cp "$1/main.cf" "$1/master.cf" "$tree/etc/postfix/"
    sink >>"$tree/etc/postfix/master.cf"
    rm -f "$log"
    inside postfix start >/dev/null 2>&1
    wait_for 'daemon started' || cat "$log"
    printf 'Subject: hello\n\nhello\n' | inside sendmail -f a@example.com b@example.net
    wait_for 'to=<b@example.net>.*status=' || cat "$log"
    received=$(kept)
    inside postfix stop >/dev/null 2>&1
    inside postsuper -d ALL >/dev/null 2>&1
}

# logged TEXT, in_clear, over_tls - what the client and the sink say
logged() {
    grep -q "$1" "$log"
}

in_clear() {
    echo "$received" | grep -q 'with ESMTP id'
}

over_tls() {
    echo "$received" | grep -q 'with ESMTPS id'
}

platform_files
story
"$POSTMEND" upgrade --from rhel9 --to rhel10 --fail-on never --output "$work/moved" "$work/old" \
    >"$work/upgrade.txt" 2>&1
moved=$?

echo "asked: Postfix $(inside postconf -h mail_version)"
deliver "$work/old"
check "the client says that it cannot load the file, and goes on without TLS" logged \
    'cannot load .* CAfile="/etc/pki/tls/cert.pem": disabling TLS support'
check "the mail has left all the same" logged 'status=sent'
check "it has left in the clear" in_clear

check "postmend upgrade moves the configuration" [ $moved -eq 0 ]
check "the moved main.cf names RHEL 10's bundle" grep -qx \
    'smtp_tls_CAfile = /etc/pki/tls/certs/ca-bundle.crt' "$work/moved/main.cf"
deliver "$work/moved"
check "the client's log has the TLS session, with a trusted certificate" logged \
    'Trusted TLS connection established to 127.0.0.1'
check "the mail has gone over TLS" over_tls
finish ca-file
