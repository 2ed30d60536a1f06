#!/bin/sh
# shellcheck disable=SC2317,SC2086 # check calls functions by their names; $move is words
# --output, --in-place and --fix: all or nothing, and what no edit names stays
set -u
. tests/golden/cli/lib.sh
move="upgrade --from rhel9 --to rhel10 --fail-on never"

# --- --output
moving "$work/in"
sums "$work/in" >"$work/before"
check "a new directory" ends_with 0 $move --output "$work/out1" "$work/in"
unchanged() {
    sums "$work/in" | diff "$work/before" -
}
check "the old one stays as it is" unchanged
check "the runbook can be run" [ -x "$work/out1/runbook.sh" ]
check "a file that nothing changes is the same" cmp "$work/in/recipients" "$work/out1/recipients"
sums "$work/out1" >"$work/out1.sums"
check "into a directory that is not empty" refused "is not empty" $move --output "$work/out1" "$work/in"
not_touched() {
    sums "$work/out1" | diff "$work/out1.sums" -
}
check "... nothing in it was touched" not_touched
mkdir "$work/out2"
check "into one that is empty" ends_with 0 $move --output "$work/out2" "$work/in"
moving "$work/deep"
mkdir -p "$work/deep/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16"
check "sixteen directories inside each other" ends_with 0 $move --output "$work/out-deep" "$work/deep"
mkdir "$work/deep/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"
check "... and no more" refused "more than 16 directories inside each other" $move --output "$work/out-deeper" "$work/deep"
check "below a directory that is not there" refused "$work/none" $move --output "$work/none/out" "$work/in"
: >"$work/file"
check "where a file is" refused "$work/file" $move --output "$work/file" "$work/in"
if [ "$(id -u)" -eq 0 ] && command -v mount >/dev/null && mkdir "$work/full" &&
    mount -t tmpfs -o size=8k none "$work/full" 2>/dev/null; then
    check "on a disk that is full" refused "$work/full" $move --output "$work/full/out" "$work/in"
    check "... nothing is half written" [ ! -e "$work/full/out" ]
    mount -o remount,ro "$work/full"
    check "on a disk that cannot be written" refused "$work/full" $move --output "$work/full/out" "$work/in"
    check "... nothing is there" [ ! -e "$work/full/out" ]
    umount "$work/full"
else
    echo "SKIP a full disk: needs root and mount(8)"
fi
mode_kept() {
    moving "$work/modes"
    chmod 600 "$work/modes/recipients"
    $POSTMEND $move --output "$work/modes.out" "$work/modes" >/dev/null 2>&1
    [ -n "$(find "$work/modes.out/recipients" -perm 600)" ]
}
check "a password file's mode goes along" mode_kept
link_told() {
    moving "$work/links"
    ln -s /etc/hostname "$work/links/hostname"
    $POSTMEND $move --output "$work/links.out" "$work/links" >/dev/null 2>"$work/err"
    [ ! -e "$work/links.out/hostname" ] && grep -q 'hostname: not copied' "$work/err"
}
check "a link that leads out is not followed, and it is said" link_told

# --- --in-place
moving "$work/place"
check "--in-place" ends_with 0 $move --in-place "$work/place"
same_as_output() {
    for file in main.cf master.cf recipients; do
        cmp "$work/out1/$file" "$work/place/$file" || return 1
    done
}
check "gives what --output gives" same_as_output
check "main.cf as it was stays as a backup" cmp "$work/in/main.cf" "$work/place/main.cf.postmend-backup"
check "master.cf too" cmp "$work/in/master.cf" "$work/place/master.cf.postmend-backup"
sums "$work/place" >"$work/place.sums"
check "a second time" ends_with 0 $move --in-place "$work/place"
nothing_changed() {
    sums "$work/place" | grep -v runbook | diff "$work/place.sums.files" -
}
grep -v runbook "$work/place.sums" >"$work/place.sums.files"
check "... changes nothing" nothing_changed
again_from_windows() {
    cp "$work/in/main.cf" "$work/place/main.cf"
    $POSTMEND $move --in-place "$work/place" >/dev/null 2>&1 &&
        cmp "$work/in/main.cf" "$work/place/main.cf.postmend-backup.2"
}
check "an older backup is not overwritten" again_from_windows

# --- lint --fix
moving "$work/fix"
check "lint --fix" ends_with 0 lint --platform rhel10 --fail-on error --fix "$work/fix"
check "... the service has its new name" grep -q '^submissions ' "$work/fix/master.cf"
check "... the old file stays" cmp "$work/in/master.cf" "$work/fix/master.cf.postmend-backup"
sums "$work/fix" >"$work/fix.sums"
run lint --platform rhel10 --fix "$work/fix"
fix_is_done() {
    sums "$work/fix" | diff "$work/fix.sums" -
}
check "... and a second --fix changes nothing" fix_is_done
outside() {
    mkdir -p "$work/elsewhere" "$work/linked"
    cp "$work/in/master.cf" "$work/elsewhere/master.cf"
    ln -s ../elsewhere/master.cf "$work/linked/master.cf"
    run lint --platform rhel10 --fix "$work/linked"
    cmp "$work/in/master.cf" "$work/elsewhere/master.cf"
}
check "--fix does not write through a link out of the directory" outside

# --- nothing but the directory that was named
moving "$work/plain"
mkdir "$work/elsewhere-out"
ln -s elsewhere-out "$work/out-link"
check "--output does not write through a link" refused "symbolic links" $move --output "$work/out-link" "$work/plain"
check "... nothing is there" [ -z "$(ls -A "$work/elsewhere-out")" ]
moving "$work/carried"
mkdir -p "$work/carried/maps/empty"
mv "$work/carried/recipients" "$work/carried/maps/recipients"
ln -s maps/recipients "$work/carried/recipients"
chmod 750 "$work/carried/maps"
carried() {
    run $move --output "$work/carried.out" "$work/carried"
    [ -d "$work/carried.out/maps/empty" ] && [ "$(readlink "$work/carried.out/recipients")" = maps/recipients ] &&
        cmp "$work/carried/recipients" "$work/carried.out/recipients" &&
        [ -n "$(find "$work/carried.out/maps" -prune -perm 750)" ]
}
check "empty directories and links inside are carried" carried
owner_kept() {
    moving "$work/owned"
    chown 0:12345 "$work/owned/recipients" && chmod 640 "$work/owned/recipients"
    run $move --output "$work/owned.out" "$work/owned"
    [ -n "$(find "$work/owned.out/recipients" -group 12345 -perm 640)" ]
}
other_group() {
    plain=$POSTMEND
    chmod 755 "$work" "$work/owned" && mkdir -m 777 "$work/shared"
    chmod 644 "$work/owned/recipients" && chmod 664 "$work/owned/main.cf"
    cp "$POSTMEND" "$work/postmend" && POSTMEND="setpriv --reuid=65534 --regid=65534 --clear-groups $work/postmend"
    run $move --output "$work/shared/out" "$work/owned"
    POSTMEND=$plain
    [ "$status" -eq 0 ] && grep -q "requires root" "$work/err" &&
        [ -n "$(find "$work/shared/out/main.cf" -perm 644)" ]
}
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    check "a copy keeps its owner and group, also one without a name" owner_kept
    check "... and where it may not, the group gets no rights" other_group
else
    echo "SKIP owners: needs root and setpriv"
fi

# --- what is interrupted, and what cannot be printed
moving "$work/killed"
mkdir "$work/killed/.postmend-journal"
echo half >"$work/killed/.postmend-journal/0.new"
recovered() {
    run show -n --platform rhel10 "$work/killed"
    [ "$status" -eq 0 ] && grep -q "an interrupted change was taken back" "$work/err" &&
        [ ! -e "$work/killed/.postmend-journal" ]
}
check "any command takes back what an interrupted run left, and says so" recovered
check "recover: nothing is left" ends_with 0 recover "$work/killed"
check "... and it is said" says "nothing was interrupted"
mkdir "$work/.new-one.postmend-new"
check "recover: the beginning of a new directory" ends_with 0 recover "$work/new-one"
check "... is removed" [ ! -e "$work/.new-one.postmend-new" ]
busy() {
    mkdir "$work/killed/.postmend-journal"
    flock "$work/killed/.postmend-journal" $POSTMEND recover "$work/killed" >"$work/out" 2>"$work/err"
    status=$?
    rmdir "$work/killed/.postmend-journal"
    [ "$status" -eq 2 ] && grep -q "another postmend" "$work/err"
}
check "recover: not while another postmend is at work" busy
full_output() {
    moving "$work/printed"
    $POSTMEND $move --in-place "$work/printed" >/dev/full 2>"$work/err"
    [ $? -eq 1 ] && grep -q "the files were written" "$work/err" && [ -e "$work/printed/main.cf.postmend-backup" ]
}
check "a report that cannot be printed after writing is not status 2" full_output
own_runbook() {
    moving "$work/runbook"
    echo mine >"$work/runbook/runbook.sh"
    run $move --in-place "$work/runbook"
    grep -q mine "$work/runbook/runbook.sh.postmend-backup"
}
check "a runbook.sh that is there stays as a backup" own_runbook

# --- bytes
bytes_in() { # what changes stays within its line; line ends and the last newline stay
    mkdir -p "$work/bytes"
    printf '%b' "$1" >"$work/bytes/master.cf"
    printf '%b' "$2" >"$work/bytes.wanted"
    rm -rf "$work/bytes.out"
    $POSTMEND $move --output "$work/bytes.out" "$work/bytes" >/dev/null 2>&1
    cmp "$work/bytes.wanted" "$work/bytes.out/master.cf"
}
check "CR LF stays CR LF" bytes_in \
    'smtps inet n - n - - smtpd\r\n  -o smtpd_tls_wrappermode=yes\r\n# end\r\n' \
    'submissions inet n - n - - smtpd\r\n  -o smtpd_tls_wrappermode=yes\r\n# end\r\n'
check "a missing last newline stays missing" bytes_in \
    'smtps inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes' \
    'submissions inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes'
check "Latin-1 in a comment stays" bytes_in \
    '# Gr\0374\0337e\nsmtps inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n' \
    '# Gr\0374\0337e\nsubmissions inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n'
check "tabs and odd spaces stay" bytes_in \
    'smtps\tinet \t n -\tn - - smtpd   -o \t smtpd_tls_wrappermode=yes  \n\n\n \t\n' \
    'submissions\tinet \t n -\tn - - smtpd   -o \t smtpd_tls_wrappermode=yes  \n\n\n \t\n'
finish writing
