#!/bin/sh
# postmend upgrade, on every configuration of the corpus and on the stories: what it writes is what
# its report says, holds nothing that RHEL 10 lacks, stays as it is the second time, and the real
# postconf has no new complaint about it
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/oracle/lib.sh
begin_oracle upgrade

# --- the upgrades
# move FROM TO OUTPUT PATH - the findings as JSON are in $work/report
move() {
    $POSTMEND upgrade --from "$1" --to "$2" --format json --output "$3" "$4" >"$work/report" 2>"$work/err"
}

ends_well() {
    [ "$1" -le 1 ] && return 0
    head -n 3 "$work/err"
    return 1
}

# reconstructed NAME - makes the edits of the report, again and again until there is none left
reconstructed() {
    python3 - "$POSTMEND" "$here/$1.before" "$here/$1.after" "$work/steps" <<'END'
import filecmp, json, os, shutil, subprocess, sys
postmend, before, after, work = sys.argv[1:]
shutil.rmtree(work, ignore_errors=True)
shutil.copytree(before, work + "/0")
for step in range(8):
    here, out = "%s/%d" % (work, step), "%s/%d.out" % (work, step)
    report = subprocess.run(
        [postmend, "upgrade", "--from", "rhel9", "--to", "rhel10", "--format", "json", "--output", out, here],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    edits = {}
    for finding in json.loads(report)["configurations"][0]["findings"]:
        for edit in finding["edits"]:
            entry = (edit["offset"], edit["length"], edit["text"].encode())
            if entry not in edits.setdefault(edit["file"], []):
                edits[edit["file"]].append(entry)
    after_here = "%s/%d" % (work, step + 1)
    shutil.copytree(here, after_here)
    for path, list_ in edits.items():
        bytes_ = open(path, "rb").read()
        result, at = b"", 0
        # an insertion at the start of a replaced piece goes before it
        for offset, length, text in sorted(list_, key=lambda e: (e[0], e[1] > 0)):
            if offset < at:
                sys.exit("    overlap in %s at %d" % (path, offset))
            result += bytes_[at:offset] + text
            at = offset + length
        with open(after_here + path[len(here):], "wb") as new:
            new.write(result + bytes_[at:])
    if not edits:
        break
wrong = 0
for folder, _, names in os.walk(after):
    for name in names:
        new = os.path.join(folder, name)
        old = here + new[len(after):]
        beside = os.path.basename(new) in ("runbook.sh", "livetest.sh", "livetest.yaml")
        if not beside and not filecmp.cmp(new, old, shallow=False):
            print("    %s is not what its edits make" % name)
            wrong = 1
sys.exit(wrong)
END
}

# nothing_left NAME - no finding about Berkeley DB, and no such table in any value
nothing_left() {
    $POSTMEND lint --platform rhel10 --format json "$here/$1.after" >"$work/left" 2>/dev/null
    if grep -q '"rule": "berkeley-db"' "$work/left"; then
        sed -n '/"rule": "berkeley-db"/,/"message"/p' "$work/left" | grep -E 'line|message' | head -n 4
        return 1
    fi
    for view in -n -P; do
        $POSTMEND show "$view" -x --platform rhel10 "$here/$1.after" 2>/dev/null
    done | grep -E '(^|[^a-z])(hash|btree):' | head -n 3 >"$work/tables"
    [ ! -s "$work/tables" ] && return 0
    sed 's/^/    /' "$work/tables"
    return 1
}

# steady NAME FROM - the result of upgrading again is the result
steady() {
    $POSTMEND upgrade --from "$2" --to rhel10 --diff "$here/$1.after" >"$work/again" 2>/dev/null
    [ ! -s "$work/again" ] && return 0
    head -n 12 "$work/again"
    return 1
}

# stops_at_syntax NAME STATUS - a file that cannot be parsed is not changed
stops_at_syntax() {
    [ "$2" -eq 2 ] && [ ! -e "$here/$1.after" ] && lint_errors bookworm "$here/$1.before" syntax
}

# take NAME DIRECTORY - one upgrade and what can be said without the real postconf
take() {
    put "$2" "$1.before"
    move rhel9 rhel10 "$here/$1.after" "$here/$1.before"
    status=$?
    if lint_errors bookworm "$here/$1.before" syntax; then
        check "$1: a file that cannot be parsed ends it with 2" stops_at_syntax "$1" $status
        return
    fi
    check "$1: upgrade ends with 0 or 1" ends_well $status
    [ -d "$here/$1.after" ] || return
    check "$1: the report's edits make the files" reconstructed "$1"
    check "$1: no table needs Berkeley DB" nothing_left "$1"
    check "$1: once more from rhel9 changes nothing" steady "$1" rhel9
    check "$1: from rhel10 to rhel10 changes nothing" steady "$1" rhel10
    cp "$work/report" "$work/$1.report"
    taken="$taken $1"
}

taken=
for folder in fixtures/*/; do
    [ -f "$folder/in/main.cf" ] || continue # one of Sendmail's
    take "$(basename "$folder")" "$folder/in"
done
for folder in ${POSTMEND_SHARED:+"$POSTMEND_SHARED"/corpus/hosts/*/}; do
    take "$(basename "$folder")" "$folder"
done

# --- the real postconf about both
# warnings KEY - without the name of the directory and numbers of lines, which may shift
warnings() {
    sed -n -e "s|$here/[a-z0-9-]*\.[a-z]*|DIRECTORY|g" -e 's/, line [0-9]*:/:/' -e 's/: line [0-9]*:/:/' \
        -e '/warning:\|fatal:/p' "$work/real/$1.err" | LC_ALL=C sort -u
}

# known_to_rhel10 NAME PARAMETER
known_to_rhel10() {
    $POSTMEND show -d --platform rhel10 "$here/$1.after" "$2" 2>/dev/null | grep -q .
}

# no_new_warning RELEASE NAME VIEW
no_new_warning() {
    warnings "$1.$2.before.$3" >"$work/warnings.before"
    warnings "$1.$2.after.$3" >"$work/warnings.after"
    LC_ALL=C comm -13 "$work/warnings.before" "$work/warnings.after" |
        while read -r line; do
            # a name that is newer than the release that was left is what the new one wants
            parameter=$(printf '%s\n' "$line" | sed -n 's/^.*unused parameter: \([^=]*\)=.*$/\1/p')
            [ "$1" = bullseye ] && [ -n "$parameter" ] && known_to_rhel10 "$2" "$parameter" && continue
            printf '%s\n' "$line"
        done >"$work/warnings.new"
    [ ! -s "$work/warnings.new" ] && return 0
    sed 's/^/    /' "$work/warnings.new"
    return 1
}

# named_changes RELEASE NAME - what postconf -n shows differs only in parameters that an edit names
named_changes() {
    python3 - "$work/real/$1.$2.before.n.out" "$work/real/$1.$2.after.n.out" "$here/$2.before" \
        "$here/$2.after" <<'END'
import difflib, os, re, sys
shown_before, shown_after, before, after = sys.argv[1:]
def shown(path, directory):
    text = open(path, errors="replace").read().replace(directory, "DIRECTORY")
    return {line.split(" = ")[0].split(" =")[0]: line for line in text.splitlines()}
old, new = shown(shown_before, before), shown(shown_after, after)
changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
# the postconf of Debian 13 leaves it out now and then: see with_directory in lib.sh
if ("config_directory" in old) != ("config_directory" in new):
    changed.discard("config_directory")
# a parameter is named when a logical line of it differs, or when it refers to one that does
def lines(directory):
    path = directory + "/main.cf"
    text = open(path, "rb").read().decode("latin-1") if os.path.exists(path) else ""
    result, name = {}, ""
    for line in text.split("\n"):
        match = re.match(r"([^\s#=]+)\s*=", line)
        if match:
            name = match.group(1)
            result[name] = line
        elif line[:1].isspace() and name:
            result[name] += "\n" + line
    return result
one, two = lines(before), lines(after)
named = {name for name in one.keys() | two.keys() if one.get(name) != two.get(name)}
unnamed = changed - named
if unnamed:
    print("    changed without an edit: " + " ".join(sorted(unnamed)))
sys.exit(bool(unnamed))
END
}

share_all
for host in $taken; do
    for release in $releases; do
        for state in before after; do
            echo "$release.$host.$state.n $release -c $here/$host.$state -n"
            echo "$release.$host.$state.M $release -c $here/$host.$state -M"
        done
    done
done >"$work/list"
run_real "$work/list"
refused=0
for host in $taken; do
    for release in $releases; do
        if [ "$(cat "$work/real/$release.$host.before.n.status")" -ne 0 ]; then
            refused=$((refused + 1))
            [ "$release" = trixie ] && sed -n "s/^postconf: fatal: /postconf itself refuses $host: /p" \
                "$work/real/$release.$host.before.n.err"
        else
            check "$host on $release: only named parameters change" named_changes "$release" "$host"
        fi
        for view in n M; do
            check "$host on $release: no new warning ($view)" no_new_warning "$release" "$host" $view
        done
    done
done
finish upgrade
