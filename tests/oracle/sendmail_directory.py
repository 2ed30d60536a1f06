"""sendmail_directory - an LDAP server for a fixture that has a directory

The fixture's file ldif is the directory; its first entry is the suffix.  slapd is that of the tree
with Sendmail, and listens on the server's own loopback address.  Where an entry has a userPassword,
only who logs in may read.
"""
import os

CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/misc.schema
include /usr/share/sendmail/examples/ldap/sendmail.schema.v2
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile /tmp/directory/pid
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous %s
database mdb
suffix "%s"
directory /tmp/directory/data
maxsize 16777216
"""
START = r"""
tree=$2
mountpoint -q "$tree/tmp" || mount -t tmpfs none "$tree/tmp"
mountpoint -q "$tree/dev" || {
    mount -t tmpfs none "$tree/dev"
    mknod -m 666 "$tree/dev/null" c 1 3
    mknod -m 666 "$tree/dev/urandom" c 1 9
}
mkdir -p "$tree/tmp/directory/data"
printf '%s' "$4" >"$tree/tmp/directory/slapd.conf"
cp "$3" "$tree/tmp/directory/ldif"
chroot "$tree" /usr/sbin/slapadd -q -f /tmp/directory/slapd.conf -l /tmp/directory/ldif
chroot "$tree" /usr/sbin/slapd -f /tmp/directory/slapd.conf -h ldap://127.0.0.1:389/ \
    </dev/null >/dev/null 2>&1
"""


def start_directory(server):
    """in the network and the mounts of the server; nothing where the fixture has no directory"""
    ldif = os.path.join(server.fixture, "ldif")
    if not os.path.exists(ldif):
        return
    with open(ldif, encoding="utf-8") as file:
        text = file.read()
    suffix = next(line[4:].strip() for line in text.splitlines() if line.startswith("dn: "))
    rights = "auth" if "\nuserPassword:" in text else "read"
    server.shell(START, os.path.join(os.path.dirname(server.tree), "sendmail"), ldif,
                 CONFIGURATION % (rights, suffix))
