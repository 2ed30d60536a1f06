#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# what can be given as PATH, and what comes of input that is none
set -u
. tests/golden/cli/lib.sh

mkdir "$work/empty"
check "an empty directory" refused "$work/empty" lint --platform rhel10 "$work/empty"
mkdir -p "$work/odd/main.cf"
check "main.cf is a directory" refused "main.cf" lint --platform rhel10 "$work/odd"
good "$work/loop"
rm "$work/loop/main.cf"
ln -s main.cf "$work/loop/main.cf"
check "main.cf is a link to itself" refused "main.cf" lint --platform rhel10 "$work/loop"
mkdir "$work/pipe"
mkfifo "$work/pipe/main.cf"
check "main.cf is a pipe that nobody fills" refused "main.cf" lint --platform rhel10 "$work/pipe"
# unreadable_tables - they are not taken for missing ones
unreadable_tables() {
    mkdir -p "$work/tables" "$work/mail"
    printf 'compatibility_level = 3.6\nvirtual_alias_maps = lmdb:/etc/postfix/virtual\n' >"$work/tables/main.cf"
    : >"$work/tables/virtual"
    cp fixtures/sendmail-access/in/* "$work/mail"
    chmod 600 "$work/tables/virtual" "$work/mail/access"
    mkdir -m 777 "$work/open"
    cannot_read() {
        run lint --platform rhel10 --fail-on never "$work/tables"
        says "cannot read /etc/postfix/virtual: Permission denied"
    }
    check "a table that may not be read is not a missing one" cannot_read
    check "... upgrade does not go on without it" refused "virtual: cannot read: Permission denied" \
        upgrade --from rhel9 --to rhel10 --output "$work/open/new" "$work/tables"
    check "... nor does convert" refused "access: cannot read: Permission denied" \
        convert --to rhel10 --output "$work/open/new" "$work/mail/sendmail.mc"
    check "... nor lint" refused "access: cannot read: Permission denied" lint "$work/mail/sendmail.mc"
    check "... and nothing was written" [ -z "$(ls -A "$work/open")" ]
}
good "$work/closed"
chmod 000 "$work/closed/main.cf"
if [ -r "$work/closed/main.cf" ]; then
    if command -v setpriv >/dev/null; then
        chmod 755 "$work"
        plain=$POSTMEND
        cp "$POSTMEND" "$work/postmend" && POSTMEND="setpriv --reuid=65534 --regid=65534 --clear-groups $work/postmend"
        check "a file that may not be read" refused "main.cf" lint --platform rhel10 "$work/closed"
        unreadable_tables
        POSTMEND=$plain
    else
        echo "SKIP a file that may not be read: root reads all, and setpriv is missing"
    fi
else
    check "a file that may not be read" refused "main.cf" lint --platform rhel10 "$work/closed"
fi

good "$work/one"
check "main.cf alone" ends_with 0 lint --platform rhel10 "$work/one/main.cf"
check "master.cf alone" ends_with 0 lint --platform rhel10 "$work/one/master.cf"
good "$work/half"
rm "$work/half/master.cf"
check "a directory without master.cf" ends_with 0 lint --platform rhel10 "$work/half"
good "$work/other"
rm "$work/other/main.cf"
check "a directory without main.cf" ends_with 0 lint --platform rhel10 "$work/other"
: >"$work/other/main.cf"
check "an empty main.cf" ends_with 0 lint --platform rhel10 "$work/other"
ln -s one "$work/link"
check "a link to a directory" ends_with 0 lint --platform rhel10 "$work/link"
check "a directory with a slash behind it" ends_with 0 lint --platform rhel10 "$work/one/"

# a line of 300 kB, a file of noise, and one of NUL bytes
mkdir "$work/junk"
awk 'BEGIN { printf "mynetworks ="; for (i = 0; i < 30000; i++) printf " 10.0.0.%d", i % 256; print "" }' \
    >"$work/junk/main.cf"
check "a very long line" ends_with 0 lint --platform rhel10 "$work/junk/main.cf"
LC_ALL=C awk 'BEGIN { srand(7); for (i = 0; i < 20000; i++) printf "%c", 1 + int(rand() * 254) }' \
    >"$work/junk/main.cf"
junk_is_reported() {
    run lint --platform rhel10 --format "$1" "$work/junk/main.cf"
    [ "$status" -eq 1 ] && ! LC_ALL=C grep -q "$(printf '\033')" "$work/out" && return 0
    show_both
    return 1
}
check "noise is reported, and no escape reaches the terminal" junk_is_reported text
check "noise as JSON" junk_is_reported json
head -c 5000 /dev/zero >"$work/junk/main.cf"
no_crash() {
    run "$@"
    [ "$status" -le 2 ] && return 0
    show_both
    return 1
}
check "NUL bytes" no_crash lint --platform rhel10 "$work/junk/main.cf"
check "NUL bytes as master.cf" no_crash lint --platform rhel10 "$work/junk"

from_stdin() {
    printf '%s\n' "$1" | $POSTMEND lint --platform rhel10 - >"$work/out" 2>"$work/err"
    status=$?
    [ "$status" -eq "$2" ] && return 0
    show_both
    return 1
}
check "standard input: no problems" from_stdin "myhostname = a.example.com" 0
check "standard input: a finding" from_stdin "mynetworks 127.0.0.0/8" 1
check "standard input: master.cf is known by its looks" \
    from_stdin "smtps inet n - n - - smtpd -o smtpd_tls_wrappermode=yes" 1
check "standard input is named in the report" says "smtps-service-name"

moving "$work/moving"
several() {
    run lint --platform rhel10 -j "$1" "$work/one" "$work/moving" "$work/none" "$work/half"
    [ "$status" -eq 2 ] && says smtps-service-name
}
check "one of several is missing: the others are reported, and status 2" several 1
check "the same with eight workers" several 8
many_the_same() {
    set --
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
        cp -R "$work/moving" "$work/m$i"
        set -- "$@" "$work/m$i"
    done
    $POSTMEND lint --platform rhel10 -j 1 "$@" >"$work/out1" 2>&1
    $POSTMEND lint --platform rhel10 -j 16 "$@" >"$work/out16" 2>&1
    cmp "$work/out1" "$work/out16"
}
check "sixteen workers report in the order of the paths" many_the_same

printf 'platform: rhel10\n' >"$work/moving/.postmend.yaml"
check ".postmend.yaml names the platform" ends_with 1 lint "$work/moving"
check "... and it is said" grep -q 'assuming rhel10, from .postmend.yaml' "$work/err"
check "... also for one file of it" ends_with 1 lint "$work/moving/master.cf"
check "the command line wins" ends_with 0 lint --platform rhel9 --fail-on error "$work/moving"
printf 'platfrom: rhel10\n' >"$work/moving/.postmend.yaml"
check "a misspelt key there" refused "platfrom" lint "$work/moving"
printf 'platform: [\n' >"$work/moving/.postmend.yaml"
check "no YAML there" refused ".postmend.yaml" lint "$work/moving"
rm "$work/moving/.postmend.yaml"
check "nothing names the platform: the newest, and it is said" \
    ends_with 0 lint --fail-on never "$work/moving"
check "... on standard error" grep -q 'the newest known); use --platform' "$work/err"
check "the files name it" ends_with 1 lint fixtures/seed-000/in
check "... and it is said" grep -q 'assuming rhel7, from readme_directory in main.cf' "$work/err"
finish input
