#!/bin/sh
# address: the syntax of paths, address classes, and which recipients exist, against the real smtpd
#
# Each configuration in tests/oracle/address is started in each tree, and gets every path of
# tests/oracle/address/paths as a sender, as a recipient from a client of mynetworks, and as one
# from a stranger.  The replies must be the same, byte for byte; where ours has more than one, the
# real one must be among them.  ADDRESS_CASES (200) paths more are made at random from ADDRESS_SEED.
set -u
. tests/oracle/lib.sh

heavy
begin_oracle address
ours=${B:-build}/oracle/address
[ -x "$ours" ] || make -s "$ours" B="${B:-build}" || skip "address: $ours could not be built"
case $ours in
/*) ;;
*) ours=$PWD/$ours ;;
esac
port=${ADDRESS_PORT:-21000}
directory=tests/oracle/address
passed=0
failed=0

cp $directory/paths "$work/paths"
python3 $directory/random_paths.py "${ADDRESS_CASES:-200}" "${ADDRESS_SEED:-1}" >>"$work/paths"
for word in MAIL RCPT STRANGER; do
    sed "s/^/$word /" "$work/paths"
done >"$work/questions"

# build RELEASE NAME - the tables of a configuration in the tree
build() {
    {
        cd "$roots/$1$here/$2" || return 1
        printf 'root: x\nfriend: y\nlist: z\nowner-list: z\n' >aliases
        chroot "$roots/$1" postalias -c "$here/$2" "hash:$here/$2/aliases"
        for table in [a-z]*; do
            case $table in
            main.cf | master.cf | aliases* | destinations | *.regexp | *.db) ;;
            *) chroot "$roots/$1" postmap -c "$here/$2" "hash:$here/$2/$table" ;;
            esac
        done
    } >/dev/null 2>&1
}

for name in default classes loose strict tables; do
    [ -z "${ADDRESS_ONLY:-}" ] || [ "$ADDRESS_ONLY" = "$name" ] || continue
    for release in $releases; do
        tree=$roots/$release
        mkdir -p "$tree$here/$name" || exit 2
        cp $directory/"$name"/* "$tree$here/$name/"
        cat $directory/common.cf $directory/"$name"/main.cf >"$tree$here/$name/main.cf"
        (build "$release" "$name")
        rm -rf "${here:?}/$name"
        cp -R "$tree$here/$name" "$here/$name"
        cut -d: -f1 "$tree/etc/passwd" >"$work/users"
        python3 $directory/ask.py "$tree" "$here/$name" "$port" <"$work/questions" \
            >"$work/real" || exit 2
        cp "$tree$here/$name/master.cf" "$here/$name/"
        "$ours" "$here/$name" "$(platform_of "$release")" mail.example.com "$work/users" \
            <"$work/questions" >"$work/ours" || exit 2
        python3 - "$name $release" "$work/questions" "$work/real" "$work/ours" >"$work/says" <<'END'
import sys
title, *names = sys.argv[1:]
questions, real, ours = ([line.rstrip(b"\n") for line in open(name, "rb")] for name in names)
same = sum(left in right.split(b" | ") for left, right in zip(real, ours))
sure = sum(b" | " not in line for line in ours)
for question, left, right in zip(questions, real, ours):
    if left not in right.split(b" | "):
        sys.stdout.buffer.write(b"not ok - %s: %s\n    Postfix: %s\n    ours:    %s\n" %
                                (title.encode(), question, left, right))
print("%s: %d of %d replies are the same, %d of ours are one reply" %
      (title, same, len(questions), sure))
print(same, len(questions) - same if len(real) == len(ours) == len(questions) else len(questions))
END
        sed '$d' "$work/says"
        passed=$((passed + $(tail -n 1 "$work/says" | cut -d' ' -f1)))
        failed=$((failed + $(tail -n 1 "$work/says" | cut -d' ' -f2)))
        port=$((port + 1))
    done
done
echo "address: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
