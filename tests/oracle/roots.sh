#!/bin/sh
# roots.sh [DIRECTORY] - trees with the real Postfix and its table types, for chroot(8)
#
# One for each Debian release below: DIRECTORY/bullseye and so on; those that stand there already
# stay as they are.  DIRECTORY: ORACLE_ROOTS, else /var/tmp/postmend-oracle-roots.  It requires root,
# debootstrap, and the package mirror that apt uses on this machine.  DIRECTORY/sendmail has the real
# Sendmail of Debian 12 and an LDAP server: their packages and what they need, unpacked and not set
# up.  A tree without the LDAP server, of an earlier time, gets what it lacks, and loses nothing.
set -u

roots=${1:-${ORACLE_ROOTS:-/var/tmp/postmend-oracle-roots}}
releases='bullseye bookworm trixie sid' # Postfix 3.5, 3.7, 3.10, 3.11
packages=postfix,postfix-pcre,postfix-lmdb,postfix-ldap,postfix-mysql,postfix-pgsql
packages=$packages,postfix-sqlite,postfix-cdb,openssl
sendmail='sendmail-bin,sendmail-base,sendmail-cf,sensible-mda,m4,sasl2-bin,libsasl2-modules,slapd'

# mirror - where apt has Debian's main archive from
mirror() {
    # shellcheck disable=SC2016 # apt's own format
    apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
        'Created-By: Packages' | awk '$1 !~ /[-\/]/ && $2 == "main" && $3 ~ /debian\/?$/ { print $3; exit }'
}

# apt_proxy URI - the proxy that apt would take, for programs that know environment variables alone
apt_proxy() {
    scheme=${1%%:*}
    eval "$(apt-config shell proxy "Acquire::$scheme::Proxy")"
    [ -z "${proxy:-}" ] || [ "$proxy" = DIRECT ] || export "${scheme}_proxy=$proxy"
}

# make_root RELEASE - under another name until it is whole
make_root() {
    root=$roots/$1
    rm -rf "$root.new"
    DEBIAN_FRONTEND=noninteractive debootstrap --variant=minbase --include="$packages" \
        "$1" "$root.new" "$uri" >"$root.log" 2>&1 &&
        [ -x "$root.new/usr/sbin/postconf" ] &&
        rm -rf "$root.new/var/cache/apt/archives" &&
        mv "$root.new" "$root" && return
    echo "oracle: no tree with Debian $1 could be made; the end of $root.log:" >&2
    tail -n 20 "$root.log" >&2
    return 1
}

# unpack_sendmail DIRECTORY - Red Hat's sendmail.mc has the m4 files under another name
unpack_sendmail() {
    rm -rf "$1" "$1.packages"
    mkdir "$1"
    debootstrap --variant=minbase --download-only --include="$sendmail" bookworm \
        "$1.packages" "$uri" >"$roots/sendmail.log" 2>&1 &&
        for package in "$1.packages"/var/cache/apt/archives/*.deb; do
            dpkg-deb -x "$package" "$1" || exit 1
        done 2>>"$roots/sendmail.log" &&
        ln -s sendmail/cf "$1/usr/share/sendmail-cf" &&
        chroot "$1" /usr/libexec/sendmail/sendmail -d0.1 -bt </dev/null 2>/dev/null |
        grep -q '^Version 8' &&
        chroot "$1" /usr/sbin/slapd -VV 2>&1 | grep -q slapd &&
        rm -rf "$1.packages"
}

# complete_sendmail - what is there may be in use, and stays; slapd itself comes last, and at once
complete_sendmail() {
    mv "$roots/sendmail.new/usr/sbin/slapd" "$roots/sendmail.slapd" &&
        cp -a --no-clobber "$roots/sendmail.new/." "$roots/sendmail/" &&
        mv "$roots/sendmail.slapd" "$roots/sendmail/usr/sbin/slapd" &&
        rm -rf "$roots/sendmail.new"
}

make_sendmail() {
    if unpack_sendmail "$roots/sendmail.new"; then
        if [ -d "$roots/sendmail" ]; then
            complete_sendmail && return
        else
            mv "$roots/sendmail.new" "$roots/sendmail" && return
        fi
    fi
    echo "oracle: no tree with Sendmail could be made; the end of $roots/sendmail.log:" >&2
    tail -n 20 "$roots/sendmail.log" >&2
    return 1
}

wanted=
for release in $releases; do
    [ -x "$roots/$release/usr/sbin/postconf" ] || wanted="$wanted $release"
done
for program in libexec/sendmail/sendmail sbin/slapd; do
    [ -x "$roots/sendmail/usr/$program" ] || wanted="${wanted% sendmail} sendmail"
done
[ -n "$wanted" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "oracle: it requires root to make the trees for$wanted" >&2
    exit 1
fi
mkdir -p "$roots" || exit 1
uri=$(mirror)
if [ -z "$uri" ]; then
    echo "oracle: apt knows no mirror of Debian here" >&2
    exit 1
fi
apt_proxy "$uri"
status=0
for release in $wanted; do
    echo "oracle: making $roots/$release"
    case $release in
    sendmail) make_sendmail ;;
    *) make_root "$release" ;;
    esac || status=1
done
exit "$status"
