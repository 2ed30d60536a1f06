#!/bin/sh
# shellcheck disable=SC2317,SC2016 # check calls functions by their names; Postfix expands $
# a file is what its name, its content or the main.cf beside it says; nothing else is changed
set -u
. tests/golden/cli/lib.sh

# main.cf that refers to tables of several types, and things that nothing refers to
dir=$work/etc
mkdir -p "$dir/maps"
cat >"$dir/main.cf" <<'END'
compatibility_level = 3.6
virtual_alias_maps = lmdb:/etc/postfix/virtual
header_checks = pcre:/etc/postfix/maps/headers
virtual_mailbox_maps = ldap:/etc/postfix/ldap.cf
smtp_tls_security_level = may
smtp_tls_loglevel = 1
smtp_tls_CAfile = /etc/pki/tls/certs/ca-bundle.crt
smtpd_recipient_restrictions = check_recipient_access lmdb:/etc/postfix/nested
END
printf 'smtps inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes\n' >"$dir/master.cf"
: >"$dir/virtual"
echo '/^Subject: spam/ REJECT' >"$dir/maps/headers"
printf 'server_host = ldap.example.com\nsearch_base = dc=example\n' >"$dir/ldap.cf"
echo 'a@example.com check_sender_access hash:/etc/postfix/other' >"$dir/nested"
: >"$dir/empty"
echo 'notes of the administrator' >"$dir/README"
printf 'name = value\nother = thing\n' >"$dir/settings.ini"
printf '\000\001\002' >"$dir/virtual.db"
cp "$dir/main.cf" "$dir/main.cf.postmend-backup"
find "$dir" -type f -exec cksum {} + >"$work/before"

for file in empty README settings.ini virtual.db main.cf.postmend-backup; do
    check "$file is not checked" refused "$dir/$file" lint --platform rhel10 "$dir/$file"
    check "... and not changed" refused "$dir/$file" lint --platform rhel10 --fix "$dir/$file"
done
untouched() {
    find "$dir" -type f ! -name '*.postmend-backup' -exec cksum {} + | grep -v "$1" >"$work/after"
    grep -v -e "$1" -e postmend-backup "$work/before" | diff - "$work/after"
}
check "nothing was written" untouched no-such-file
for file in virtual maps/headers ldap.cf; do
    check "$file is a table of main.cf" ends_with 0 lint --platform rhel10 "$dir/$file"
done
nested_is_reported() {
    run lint --platform rhel10 "$dir/nested"
    [ "$status" -eq 1 ] && says "nested:1:" && says berkeley-db && ! grep -q 'main.cf:' "$work/out"
}
check "only what is wrong in the table is reported" nested_is_reported
check "a relative name" env sh -c "cd $dir && $POSTMEND lint --platform rhel10 virtual 2>/dev/null"
everything() {
    run lint --platform rhel10 --fix "$dir"/* "$dir"/maps/*
    [ "$status" -eq 2 ] && silent && grep -q 'README: not recognized' "$work/err" &&
        untouched no-such-file
}
check "some are unknown: nothing is written, and status 2 says so" everything
known() {
    run lint --platform rhel10 --fail-on never --fix "$dir"/main.cf "$dir"/master.cf "$dir"/nested \
        "$dir"/maps/*
    if [ "$status" -ne 0 ] || ! untouched "master.cf$\|nested$"; then
        show_both
        return 1
    fi
}
check "known files: those with something to fix are written" known
check "... master.cf" grep -q '^submissions' "$dir/master.cf"
check "... and the table" grep -q lmdb:/etc/postfix/other "$dir/nested"

# other names
echo 'myhostname = a.example.com' >"$work/main.cf.rpmnew"
check "main.cf.rpmnew is a main.cf" ends_with 1 lint --platform rhel10 --fail-on advice "$work/main.cf.rpmnew"
printf 'myhostname = a.example.com\nmydestination =\n' >"$work/settings"
check "a file is known by its content" ends_with 1 lint --platform rhel10 --fail-on advice "$work/settings"
cp "$dir/master.cf.postmend-backup" "$work/services"
check "likewise a master.cf" ends_with 1 lint --platform rhel10 "$work/services"
mkdir "$work/alone"
: >"$work/alone/virtual"
check "a table without main.cf" refused "needs the main.cf" lint --platform rhel10 "$work/alone/virtual"
check "other commands do not take a table for a main.cf" refused "not recognized" \
    show --platform rhel10 "$dir/README"

# master.cf with the main.cf beside it, and without
mkdir "$work/pair"
echo 'myhostname = a.example.com' >"$work/pair/main.cf"
printf 'smtp inet n - n - - smtpd\n' >"$work/pair/master.cf"
finds_relay() {
    run lint --platform rhel10 "$work/pair/master.cf"
    [ "$status" -eq 1 ] && says smtpd-would-not-start && ! grep -q 'main.cf:' "$work/out"
}
check "master.cf is checked with the main.cf beside it" finds_relay
echo 'compatibility_level = 3.6' >>"$work/pair/main.cf"
check "... which decides" ends_with 0 lint --platform rhel10 "$work/pair/master.cf"
rm "$work/pair/main.cf"
left_out() {
    run lint --platform rhel10 "$1"
    [ "$status" -eq 0 ] && grep -q 'no main.cf.*left out.*smtpd-would-not-start' "$work/err"
}
check "without one, what needs both is left out, and it is said" left_out "$work/pair/master.cf"
check "likewise in a directory" left_out "$work/pair"

# --- a syntax error: nothing is changed
mkdir "$work/broken"
cp "$dir/master.cf.postmend-backup" "$work/broken/master.cf"
unreadable() { # LINE NAME
    printf 'compatibility_level = 3.6\n%s\n' "$1" >"$work/broken/$2"
    find "$work/broken" -type f -exec cksum {} + >"$work/broken.sums"
}
as_before() {
    find "$work/broken" -type f -exec cksum {} + | diff "$work/broken.sums" -
}
for line in 'mynetworks 127.0.0.0/8' 'smtpd_banner = ${x?y' '{% if relay %}'; do
    unreadable "$line" main.cf
    check "$line: --fix" ends_with 1 lint --platform rhel10 --fix "$work/broken"
    check "... says that nothing was changed" grep -q 'main.cf:2:.*nothing was changed' "$work/err"
    check "... and nothing was" as_before
    check "... upgrade" refused "main.cf:2:" upgrade --from rhel9 --to rhel10 "$work/broken"
    check "... upgrade --in-place" refused "main.cf:2:" upgrade --from rhel9 --to rhel10 --in-place "$work/broken"
    check "... upgrade --output" refused "main.cf:2:" upgrade --from rhel9 --to rhel10 --output "$work/new" "$work/broken"
    check "... wrote nothing" [ ! -e "$work/new" ]
    check "... in place neither" as_before
done
unreadable '# postmend: ignore syntax
mynetworks 127.0.0.0/8' main.cf
check "silenced, it is still unreadable" refused "main.cf:3:" upgrade --from rhel9 --to rhel10 "$work/broken"
unreadable 'mynetworks = 127.0.0.0/8' main.cf
printf 'pickup unix n - n 60 1\n' >>"$work/broken/master.cf"
check "in master.cf" refused "master.cf:3:" upgrade --from rhel9 --to rhel10 "$work/broken"
finish recognition
