#!/bin/sh
# make install and uninstall: as an ordinary user, into DESTDIR, without running what was built
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/build/lib.sh

make_compiler gcc
make_tree
chmod 755 "$work"
mkdir "$work/home"
as_user=
if [ "$(id -u)" -eq 0 ]; then
    as_user='setpriv --reuid 65534 --regid 65534 --clear-groups'
    touch "$log" "$ran"
    chmod 666 "$log" "$ran"
    chown -R 65534:65534 "$tree" "$work/home"
fi

# user COMMAND... - in_tree as an ordinary user
user() {
    # shellcheck disable=SC2086 # a command with its arguments
    in_tree $as_user env HOME="$work/home" "$@"
}

# installed DIRECTORY - program and manual pages are there
installed() {
    { [ -x "$1/bin/postmend" ] && [ -s "$1/share/man/man1/postmend.1" ] &&
        [ -s "$1/share/man/man7/postmend-rules.7" ]; } || show_said
}

user make CFLAGS=-O1
check "an ordinary user builds" builds
user make install DESTDIR="$work/home/package" PREFIX=/usr
check "make install DESTDIR=DIR works for an ordinary user" installed "$work/home/package/usr"
check "... and builds and runs nothing, though CFLAGS are not given again" builds_nothing
user make install PREFIX="$work/home/.local"
check "make install PREFIX=DIR works for an ordinary user" installed "$work/home/.local"
user make uninstall PREFIX="$work/home/.local"
check "make uninstall removes all of it" [ -z "$(find "$work/home/.local" -type f)" ]
user make install MANDIR="$work/home/man" PREFIX="$work/home/.local"
check "MANDIR is where the manual pages go" [ -s "$work/home/man/man1/postmend.1" ]

mkdir "$work/closed"
chmod 555 "$work/closed"
: >"$work/file"
user make install PREFIX="$work/file"
check "where it cannot write it fails" [ "$status" -ne 0 ]
check "... and names PREFIX" says "cannot write below $work/file (PREFIX)"
if [ -n "$as_user" ]; then
    user make install PREFIX="$work/closed"
    check "another's directory is named too" says "cannot write below $work/closed (PREFIX)"
fi

rm -rf "$tree/build" "$tree/postmend"
user make install DESTDIR="$work/home/second" PREFIX=/usr
check "make install alone builds first" builds
check "... and installs" installed "$work/home/second/usr"
finish install
