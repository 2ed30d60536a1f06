# what the tests against the real Postfix share; source it from the project's top
# shellcheck shell=sh disable=SC2034,SC2317
#
# ORACLE_ROOTS has the trees that roots.sh makes.  A test copies configurations to $here, a directory
# of the same name on this machine and in each tree, so that both print the same paths.
. tests/lib.sh

roots=${ORACLE_ROOTS:-/var/tmp/postmend-oracle-roots}
releases='bullseye bookworm trixie'
case $POSTMEND in
/*) ;;
*) POSTMEND=$PWD/${POSTMEND#./} ;;
esac

# slice - of the lines on standard input those of ORACLE_SLICE=K/N: the Kth of each N; says what it
# leaves out
slice() {
    awk -v slice="${ORACLE_SLICE:-1/1}" '
        BEGIN { split(slice, part, "/") }
        NR % part[2] == part[1] % part[2] { print; next }
        { left = left " " $0 }
        END { if (left != "") print "left out, for slice " slice ":" left >"/dev/stderr" }'
}

# heavy - said before begin_oracle by tests that take minutes: one release is enough with ORACLE_QUICK,
# and those of the slice with ORACLE_SLICE; a test that slices otherwise sets own_slices=yes before
heavy() {
    if [ -n "${ORACLE_QUICK:-}" ]; then
        releases=bookworm
    elif [ -n "${ORACLE_SLICE:-}" ] && [ -z "${own_slices:-}" ]; then
        # shellcheck disable=SC2086 # a list
        releases=$(printf '%s\n' $releases | slice)
    fi
}

# platform_of RELEASE
platform_of() {
    case $1 in
    bullseye) echo debian11 ;;
    bookworm) echo debian12 ;;
    trixie) echo debian13 ;;
    sid) echo debian14 ;;
    esac
}

# end_oracle - listeners go by their ids, and what was copied goes
end_oracle() {
    for pid in $listeners; do
        kill "$pid" 2>/dev/null
    done
    for release in $releases; do
        rm -rf "${roots:?}/$release$here"
    done
    for socket in $sockets; do
        rm -f "$socket"
    done
    rm -rf "$here" "$work"
}

# listen_in ROOT - postconf waits a second and more for each warning that syslog does not take
listen_in() {
    [ ! -S "$1/dev/log" ] || return 0
    (cd "$1/dev" && exec python3 -c '
import os, socket
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("log")
os.chmod("log", 0o666)
while True:
    log.recv(65536)' 2>/dev/null) &
    listeners="$listeners $!"
    sockets="$sockets $1/dev/log"
}

# begin_oracle NAME - skips the test where something is missing
begin_oracle() {
    [ "$(id -u)" -eq 0 ] || skip "$1: chroot requires root"
    command -v python3 >/dev/null || skip "$1: python3 is missing"
    for release in $releases; do
        [ -x "$roots/$release/usr/sbin/postconf" ] ||
            skip "$1: $roots/$release has no Postfix; sh tests/oracle/roots.sh makes it"
    done
    listeners=
    sockets=
    work=$(mktemp -d) || exit 2
    here=$(mktemp -d /tmp/postmend-oracle.XXXXXX) || exit 2
    trap end_oracle EXIT
    trap 'exit 2' INT TERM HUP
    for release in $releases; do
        mkdir "$roots/$release$here" || exit 2
        listen_in "$roots/$release"
    done
}

# put DIRECTORY NAME - its copy is $here/NAME; share_all copies all of them to the trees
put() {
    cp -RL "$1" "$here/$2"
    chmod -R u+rwX "$here/$2"
}

share_all() {
    for release in $releases; do
        cp -R "$here/." "$roots/$release$here"
    done
}

# run_real LIST - LIST has a line "KEY RELEASE ARGUMENT..." for each postconf; afterwards
# $work/real/KEY.out, .err and .status.  Many at a time, as a fatal error sleeps for a second.
run_real() {
    mkdir -p "$work/real"
    # shellcheck disable=SC2016 # the inner shell's own
    ROOTS=$roots WORK=$work xargs -P 64 -L 1 sh -c '
        key=$1 release=$2
        shift 2
        chroot "$ROOTS/$release" postconf "$@" >"$WORK/real/$key.out" 2>"$WORK/real/$key.err"
        echo $? >"$WORK/real/$key.status"' run <"$1"
}

# machine_says KEY - did postconf stop because this machine is not that of the files?
machine_says() {
    grep -q -E 'no local interface found|host not found|no local name for address' \
        "$work/real/$1.err"
}

# with_directory REAL OURS - $work/real.out is REAL, with our line about config_directory where it has
# none: the postconf of Debian 13 leaves it out now and then, by the luck of its hash table
with_directory() {
    cp "$1" "$work/real.out"
    if grep -q '^config_directory = ' "$2" && ! grep -q '^config_directory = ' "$1"; then
        sed -i '/^config_directory = /d' "$2"
    fi
}

# lint_errors RELEASE DIRECTORY RULE - has the rule an error there?
lint_errors() {
    $POSTMEND lint --format json --platform "$(platform_of "$1")" "$2" 2>/dev/null |
        sed -n "/\"rule\": \"$3\"/{n;/\"severity\": \"error\"/p;}" | grep -q .
}

# addresses - of this machine with their prefixes, by commas, in the order of getifaddrs(3), which is
# Postfix's
addresses() {
    python3 - <<'END'
import ctypes, ipaddress, socket, struct


class Interface(ctypes.Structure):
    pass


Interface._fields_ = [
    ("next", ctypes.POINTER(Interface)), ("name", ctypes.c_char_p), ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p), ("mask", ctypes.c_void_p), ("other", ctypes.c_void_p),
    ("data", ctypes.c_void_p)]


def read_address(place):
    """the bytes of a sockaddr's address, or nothing where it is of another family"""
    family = struct.unpack("=H", ctypes.string_at(place, 2))[0] if place else 0
    if family == socket.AF_INET:
        return ctypes.string_at(place + 4, 4)
    return ctypes.string_at(place + 8, 16) if family == socket.AF_INET6 else b""


libc = ctypes.CDLL(None)
first = ctypes.POINTER(Interface)()
libc.getifaddrs(ctypes.byref(first))
found, interface = {4: [], 16: []}, first
while interface:
    address = read_address(interface.contents.address)
    mask = read_address(interface.contents.mask)
    if address and mask:
        bits = sum(bin(byte).count("1") for byte in mask)
        found[len(address)].append("%s/%d" % (ipaddress.ip_address(address), bits))
    interface = interface.contents.next
print(",".join(found[4] + found[16]))
END
}

# sendmail_files - where Sendmail's own m4 files lie
sendmail_files() {
    if [ -n "${SENDMAIL_CF:-}" ] || [ ! -d "$roots/sendmail/usr/share/sendmail/cf" ]; then
        echo "${SENDMAIL_CF:-/usr/share/sendmail/cf}"
    else
        echo "$roots/sendmail/usr/share/sendmail/cf"
    fi
}

# sendmail_cf FILE DIRECTORY - DIRECTORY/sendmail.cf, as Sendmail's own m4 files make it of the macro
# file; the tables of a fixture are copied to it
sendmail_cf() {
    cf=$(sendmail_files)
    mkdir -p "$2"
    case $1 in
    fixtures/*) cp -R "$(dirname "$1")/." "$2" ;;
    *) cp "$1" "$2/sendmail.mc" ;;
    esac
    front=
    grep -q 'cf\.m4' "$1" || front=$cf/m4/cf.m4
    sed "s|include(\`[^']*cf\.m4')|include(\`$cf/m4/cf.m4')|" "$2/sendmail.mc" |
        (cd "$cf/cf" && m4 -D_CF_DIR_="$cf/" ${front:+"$front"} -) >"$2/sendmail.cf" 2>/dev/null
    grep -q '^Mlocal' "$2/sendmail.cf"
}

# macro_files - the macro files of the corpus, of Sendmail and of the fixtures: a name and a path
macro_files() {
    for file in ${POSTMEND_SHARED:+"$POSTMEND_SHARED"/corpus/sendmail/*.mc}; do
        [ ! -f "$file" ] || echo "corpus-$(basename "$file") $file"
    done
    number=0
    for file in $(find "$(sendmail_files)" -name '*.mc' 2>/dev/null | LC_ALL=C sort); do
        number=$((number + 1))
        echo "sendmail-$number-$(basename "$file") $file"
    done
    for file in fixtures/sendmail-*/in/sendmail.mc; do
        echo "fixture-$(basename "$(dirname "$(dirname "$file")")") $file"
    done
}
