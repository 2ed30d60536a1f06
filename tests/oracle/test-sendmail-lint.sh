#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# sendmail-lint: what lint calls wrong in a macro file is wrong for GNU m4 and the real Sendmail
#
# fixtures/macro-files/real says what the two make of each file, and of the file that lint --fix
# made; here they are asked.  A file that lint finds nothing wrong with must please both.
set -u
. tests/lib.sh
story=fixtures/macro-files
tree=${ORACLE_ROOTS:-/var/tmp/postmend-oracle-roots}/sendmail
TAB=$(printf '\t')

[ "$(id -u)" -eq 0 ] || skip "sendmail-lint: chroot requires root"
[ -x "$tree/usr/libexec/sendmail/sendmail" ] ||
    skip "sendmail-lint: $tree is missing; sh tests/oracle/roots.sh makes it"
here=$(mktemp -d "$tree/tmp/sendmail-lint.XXXXXX") || exit 2
trap 'rm -rf "$here"' EXIT
trap 'exit 2' INT TERM HUP
chmod 755 "$here"
inside=${here#"$tree"}

# make NAME FILE - NAME.cf and what both programs say: NAME.m4, its status NAME.status, NAME.sendmail
make_cf() {
    cp "$2" "$here/$1.mc"
    # shellcheck disable=SC2016 # the inner shell's own
    timeout 3 chroot "$tree" sh -c 'cd "$1" && exec m4 "$2.mc"' m4 "$inside" "$1" \
        >"$here/$1.cf" 2>"$here/$1.said"
    echo "$?" >"$here/$1.status"
    # who makes the file is not known in the tree
    grep -v '^whoami: ' "$here/$1.said" >"$here/$1.m4"
    [ "$(cat "$here/$1.status")" -eq 124 ] && return
    timeout 20 chroot "$tree" /usr/libexec/sendmail/sendmail -C "$inside/$1.cf" -bt \
        </dev/null 2>&1 | grep "$inside/$1.cf: line " >"$here/$1.sendmail"
}

# quiet FILE - of Sendmail's complaints those about files and users that the tree lacks do not count
quiet() {
    ! grep -v -e 'cannot open' -e 'unknown user' "$1"
}

# holds FILE TEXT
holds() {
    grep -q -F -e "$2" "$1" && return
    head -n 5 "$1"
    return 1
}

# agrees NAME WHO WHAT [TEXT]
agrees() {
    case "$2 $3" in
    'm4 quiet') [ "$(cat "$here/$1.status")" -eq 0 ] && quiet "$here/$1.m4" ;;
    'm4 endless') [ "$(cat "$here/$1.status")" -eq 124 ] ;;
    'm4 fails') [ "$(cat "$here/$1.status")" -eq 1 ] && holds "$here/$1.m4" "$4" ;;
    'm4 says') holds "$here/$1.m4" "$4" ;;
    'cf has') holds "$here/$1.cf" "$4" ;;
    'cf lacks') ! grep -F -e "$4" "$here/$1.cf" ;;
    'sendmail quiet') quiet "$here/$1.sendmail" ;;
    'sendmail says') holds "$here/$1.sendmail" "$4" ;;
    'fixed has') holds "$here/$1.fixed.cf" "$4" ;;
    'fixed lacks') ! grep -F -e "$4" "$here/$1.fixed.cf" ;;
    'fixed quiet') quiet "$here/$1.fixed.m4" && quiet "$here/$1.fixed.sendmail" ;;
    *) echo "nobody knows \"$2 $3\"" && return 1 ;;
    esac
}

for file in "$story"/in/*.mc; do
    name=$(basename "$file" .mc)
    make_cf "$name" "$file"
    [ ! -e "$story/expect/$name.fixed" ] || make_cf "$name.fixed" "$story/expect/$name.fixed"
done
grep -v '^#' "$story/real" >"$here/real"
while read -r name who what text; do
    text=$(printf '%s' "$text" | sed "s/\\\\t/$TAB/g")
    check "$name: $who $what $text" agrees "$name" "$who" "$what" "$text"
done <"$here/real"

# an error of lint's is refused by one of the two, or named in the list above
for file in "$story"/in/*.mc; do
    item=$(basename "$file" .mc)
    grep -q ': error: .*\[sendmail-' "$story/expect/$item.txt" || continue
    check "$item: an error that is one" grep -q "^$item " "$here/real"
done
finish sendmail-lint
