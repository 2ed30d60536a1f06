#!/bin/sh
# sendmail-facts: facts/sendmail.yaml knows each define, feature, macro, mailer, OSTYPE, domain, hack
# and option that Sendmail's own m4 files know, and those of cf/README
#
# Asked of the files of Debian's package sendmail-cf; cf/README where sendmail-doc is there as well.
set -u
. tests/lib.sh
installed=${SENDMAIL_CF:-/usr/share/sendmail/cf}
readme=${SENDMAIL_README:-/usr/share/doc/sendmail-doc/cf.README.gz}
ours=${B:-build}/oracle/sendmail_facts

[ -f "$installed/m4/proto.m4" ] || skip "sendmail-facts: the package sendmail-cf is not installed"
[ -x "$ours" ] || make -s "$ours" B="${B:-build}" || skip "sendmail-facts: $ours could not be built"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP
"$ours" >"$work/facts"

# known KIND... - the names of those kinds, sorted
known() {
    for kind in "$@"; do
        sed -n "s/^$kind \([^ ]*\).*/\1/p" "$work/facts"
    done | LC_ALL=C sort -u
}

# none_missing - every line of $work/wanted is in $work/known
none_missing() {
    LC_ALL=C sort -u "$work/wanted" | LC_ALL=C comm -23 - "$work/known" >"$work/missing"
    [ -s "$work/wanted" ] && [ ! -s "$work/missing" ] && return 0
    echo "missing of $(wc -l <"$work/wanted"): $(tr '\n' ' ' <"$work/missing")"
    return 1
}

for kind in feature mailer ostype domain hack; do
    [ -d "$installed/$kind" ] || continue
    for file in "$installed/$kind"/*.m4; do
        basename "$file" .m4
    done >"$work/wanted"
    known "$kind" >"$work/known"
    check "each file of $kind/ is a fact" none_missing
done

# what begins with "_", and the names in lower case, are m4's and the files' own
known define macro >"$work/known"
cat "$installed"/*/*.m4 | grep -Eo '\bconf[A-Z][A-Z0-9_]*[A-Z0-9]\b' >"$work/wanted"
check "each conf define of the m4 files is a fact" none_missing
cat "$installed"/m4/*.m4 "$installed"/mailer/*.m4 "$installed"/feature/*.m4 |
    grep -Eo "\b(ifdef|define|_DEFIFNOT|defifdef)\(.[A-Z][A-Z0-9_]{3,}'" | sed "s/.*[(].//; s/'\$//" |
    grep -Evx 'CONCAT|DOL|LOCAL_RWR|POPDIVERT|PUSHDIVERT' >"$work/wanted"
check "each other define and macro of the m4 files is a fact" none_missing
cat "$installed"/mailer/*.m4 | grep -Eo '\b[A-Z0-9]+(_BB)?_(MAILER|SHELL|PROG)_[A-Z_]+\b' >"$work/wanted"
check "each define of a mailer is a fact" none_missing

sed -n "s/^_OPTION(\([A-Za-z0-9.]*\), .\([A-Za-z_0-9]*\)'.*/define \2 \1/p" \
    "$installed/m4/proto.m4" >"$work/wanted"
LC_ALL=C sort "$work/facts" >"$work/known"
check "each option of proto.m4 belongs to its define" none_missing

if [ -f "$readme" ]; then
    known define >"$work/known"
    zcat "$readme" | grep -Eo '^(conf[A-Z_0-9]+|[A-Z][A-Z0-9]*_[A-Z_0-9]+)[*]?[[:space:]]+(\[|[A-Z][A-Za-z.]+[[:space:]]|-[[:space:]])' |
        grep -Eo '^[A-Za-z_0-9]+' >"$work/wanted"
    check "each define of cf/README is a fact" none_missing
fi
# what a macro file may build on: define(`confX', confX`, more').  Nobody builds on the Received header,
# which Postfix writes by itself
expand_all() {
    while read -r define; do
        echo "errprint(\`$define='$define\`
')"
    done <"$work/wanted" >"$work/asked"
    m4 "$@" "$work/asked" 2>&1 >"$work/made" | grep '^[A-Za-z_]*='
}
same_values() {
    sed -n "s/^define(.\(conf[A-Z_0-9]*\|ALIAS_FILE\|DATABASE_MAP_TYPE\)',.*/\1/p" "$installed/m4/cfhead.m4" |
        grep -v confRECEIVED_HEADER >"$work/wanted"
    "${ours%/*}/m4" prelude | sed 's/\bt_//g' >"$work/prelude"
    expand_all -D_CF_DIR_="$installed/" "$installed/m4/cf.m4" >"$work/theirs"
    expand_all "$work/prelude" >"$work/mine"
    [ "$(wc -l <"$work/theirs")" -gt 30 ] && diff "$work/theirs" "$work/mine"
}
[ -x "${ours%/*}/m4" ] || make -s "${ours%/*}/m4" B="${B:-build}"
check "m4 knows the values that cf.m4 gives to defines" same_values
finish sendmail-facts
