#!/bin/sh
# ostypes: what an OSTYPE sets counts for nothing in Postfix where facts/sendmail.yaml says so
#
# The sendmail.cf that Sendmail's own m4 files make with an OSTYPE becomes the same main.cf as the one
# with OSTYPE(`unknown'): asked of the files of Debian's package sendmail-cf.
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/lib.sh
installed=${SENDMAIL_CF:-/usr/share/sendmail/cf}
facts=${B:-build}/oracle/sendmail_facts

[ -f "$installed/m4/proto.m4" ] || skip "ostypes: the package sendmail-cf is not installed"
command -v m4 >/dev/null || skip "ostypes: m4 is missing"
[ -x "$facts" ] || make -s "$facts" B="${B:-build}" || skip "ostypes: $facts could not be built"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP

# settings OSTYPE - main.cf without comments, and without what is its own: the files of aliases, and that it
# has IPv6, which Postfix has unless it is told otherwise
settings() {
    mkdir -p "$work/$1"
    m4 2>/dev/null >"$work/$1/sendmail.cf" <<END
divert(0)dnl
include(\`$installed/m4/cf.m4')dnl
OSTYPE(\`$1')dnl
MAILER(\`local')dnl
MAILER(\`smtp')dnl
END
    $POSTMEND convert --to debian12 --output "$work/$1/out" "$work/$1/sendmail.cf" >"$work/$1/said" 2>&1
    grep -v -E '^(#|$|alias_maps = |alias_database = |inet_protocols = all$)' "$work/$1/out/main.cf" | LC_ALL=C sort
}

same() {
    settings "$1" >"$work/now"
    diff "$work/unknown.settings" "$work/now"
}

settings unknown >"$work/unknown.settings"
check "OSTYPE(unknown) becomes something" test -s "$work/unknown.settings"
for name in $("$facts" | sed -n 's/^ostype \([^ ]*\).*/\1/p'); do
    case $name in
    # these say more, and the module server sees to it; osf1 has another default user
    debian | linux | mklinux | osf1) continue ;;
    esac
    check "OSTYPE($name) becomes no more than OSTYPE(unknown)" same "$name"
done
finish ostypes
