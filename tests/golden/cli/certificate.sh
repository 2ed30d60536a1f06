#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# certificates in the directory: their dates, keys, chains and names
set -u
. tests/golden/cli/lib.sh

dir=$work/etc
mkdir -p "$dir"
cat >"$dir/main.cf" <<END
compatibility_level = 3.6
myhostname = mail.example.com
smtpd_forbid_bare_newline = normalize
smtpd_tls_chain_files = /etc/postfix/key.pem, /etc/postfix/chain.pem
smtpd_tls_security_level = may
smtp_tls_security_level = may
smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
smtp_tls_loglevel = 1
smtpd_tls_loglevel = 1
END
echo "smtp inet n - y - - smtpd" >"$dir/master.cf"

# request NAME BITS HOST - a key and a request
request() {
    openssl req -newkey "rsa:$2" -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$3" \
        2>/dev/null
    printf 'subjectAltName=DNS:%s\n' "$3" >"$work/$1.ext"
}

# sign NAME DAYS OPTION... - by the authority between
sign() {
    signed=$1 days=$2
    shift 2
    openssl x509 -req -in "$work/$signed.csr" -CA "$work/between.pem" -CAkey "$work/between.key" \
        -CAcreateserial -days "$days" -extfile "$work/$signed.ext" -out "$work/$signed.pem" "$@" \
        2>/dev/null
}

# linted STATUS KEY FILE... - lint with this key and the certificates in the files
linted() {
    wanted_status=$1
    cp "$work/$2.key" "$dir/key.pem"
    shift 2
    (cd "$work" && cat "$@") >"$dir/chain.pem"
    ends_with "$wanted_status" lint --platform debian12 "$dir"
}

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/root.key" -out "$work/root.pem" \
    -days 30 -subj "/CN=Root" -addext basicConstraints=critical,CA:TRUE 2>/dev/null
request between 2048 Between
printf 'basicConstraints=critical,CA:TRUE\n' >"$work/between.ext"
openssl x509 -req -in "$work/between.csr" -CA "$work/root.pem" -CAkey "$work/root.key" \
    -CAcreateserial -days 30 -extfile "$work/between.ext" -out "$work/between.pem" 2>/dev/null
request mail 2048 mail.example.com
request weak 1024 mail.example.com
request other 2048 www.example.org
for name in mail weak other; do
    sign "$name" 400
done
check "a chain in its order" linted 0 mail mail.pem between.pem root.pem
check "... draws no word" says "no problems found"
check "a certificate alone" linted 0 mail mail.pem
check "... is advice" says "advice: the certificate in /etc/postfix/chain.pem is alone in its file"
check "a chain with a gap" linted 1 mail mail.pem root.pem
check "... cannot be verified" says "none of these is that of its issuer"
check "a chain out of order" linted 1 mail mail.pem root.pem between.pem
check "... is named" says "which comes later in the file"
check "a weak key" linted 1 weak weak.pem between.pem
check "... has its bits" says "has a key of 1024 bits"
check "a certificate for another host" linted 1 other other.pem between.pem
check "... lacks the name" says "does not have the name mail.example.com"
sign mail 400 -sha1
check "a weak signature" linted 1 mail mail.pem between.pem
check "... is named" says "is signed with SHA-1"
sign mail -1
check "one that was valid until yesterday" linted 1 mail mail.pem between.pem
check "... has expired" says "has expired: mail programs refuse it"
finish certificate
