#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# the formats of reports: what programs read can be read, and has what could not be read too
set -u
. tests/golden/cli/lib.sh

# a name, a value and a comment with what each format must escape
mkdir "$work/odd & <names>"
printf 'myhostname = a.example.com\n# \033[31m\nx_<&>_"|`#%%,:_\001\377 = \342\200\256 1\nqueue_run_delay = 10x\n' \
    >"$work/odd & <names>/main.cf"
good "$work/nothing"

formats() {
    $POSTMEND lint --help | sed -n '/^Values of --format/,$s/^  \([a-z][a-z-]*\)  .*/\1/p'
}
# report FORMAT - of a good configuration between one that cannot be read and one with findings
report() {
    run lint --platform rhel10 --format "$1" "$work/missing" "$work/nothing" "$work/odd & <names>"
    cp "$work/out" "$work/report"
}

# reads PYTHON - the report is what this can read from standard input
reads() {
    python3 -c "import json, sys, xml.etree.ElementTree as xml
$1" <"$work/report" && return
    head -c 2000 "$work/report"
    return 1
}
names_all() {
    for word in "$work/missing" unknown-parameter bad-value; do
        grep -q -a -e "$(basename "$word")" "$work/report" || return 1
    done
}
# the text's reader has standard error before the eyes; a baseline is about findings alone
for format in $(formats | grep -v -x -e text -e baseline); do
    report "$format"
    check "$format: what cannot be read is in it, and what was found" names_all
    check "$format: no control characters" \
        [ "$(tr -d '\0' <"$work/report" | LC_ALL=C grep -c -a "$(printf '[\001-\010\013-\037\177]')")" = 0 ]
done

if command -v python3 >/dev/null; then
    report json
    check "json: the first one cannot be read" reads '
report = json.load(sys.stdin)
first, second, third = report["configurations"]
assert first["problem"] == "not found" and second["findings"] == [] and third["findings"]
assert report["summary"]["unreadable"] == 1 and report["summary"]["configurations"] == 2'
    report json
    if python3 -c 'import jsonschema' 2>/dev/null; then
        check "json: docs/report.schema.json describes it" reads '
import jsonschema
jsonschema.validate(json.load(sys.stdin), json.load(open("docs/report.schema.json")))'
    else
        echo "SKIP json and its schema: jsonschema for Python is missing"
    fi
    report jsonl
    check "jsonl: each line is JSON" reads '
lines = [json.loads(line) for line in sys.stdin]
assert len(lines) == 4 and lines[3]["summary"]["configurations"] == 2'
    report sarif
    check "sarif: every result has its rule, a level and a place" reads '
(run,) = json.load(sys.stdin)["runs"]
rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
assert len(run["results"]) >= 3
for result in run["results"]:
    assert result["ruleId"] in rules and result["level"] in ("error", "warning", "note")
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("file:///") and " " not in uri and "<" not in uri'
    report gitlab
    check "gitlab: a list of issues with fingerprints of their own" reads '
issues = json.load(sys.stdin)
assert len(issues) >= 3 and len({issue["fingerprint"] for issue in issues}) == len(issues)'
    report codeclimate
    check "codeclimate: issues that end in NUL" reads '
*issues, rest = sys.stdin.read().split("\0")
assert len(issues) >= 3 and rest.strip() == "" and all(json.loads(issue) for issue in issues)'
    report junit
    check "junit: the numbers are those of the cases" reads '
suites = xml.fromstring(sys.stdin.buffer.read())
assert len(suites) == 3
for suite in suites:
    assert int(suite.get("tests")) == len(suite) > 0
    assert int(suite.get("failures")) == len(suite.findall("./testcase/failure"))
    assert int(suite.get("errors")) == len(suite.findall("./testcase/error"))'
    report checkstyle
    check "checkstyle: errors in files" reads '
report = xml.fromstring(sys.stdin.buffer.read())
assert len(report) >= 2 and all(file.get("name") and len(file) for file in report)'
    report tap
    check "tap: as many tests as planned" reads '
lines = sys.stdin.read().splitlines()
assert lines[0] == "TAP version 13" and lines[-1] == "1..3"
assert [line.split(" - ")[0] for line in lines if " - " in line and line[0] in "no"] == ["not ok", "ok", "not ok"]'
    report html
    check "html: every element is closed, every link leads to a place, and nothing comes from elsewhere" reads '
import html.parser
class Page(html.parser.HTMLParser):
    open, ids, links, empty = [], set(), [], {"meta", "input"}
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in self.empty:
            self.open.append(tag)
        if "id" in attributes:
            assert attributes["id"] not in self.ids
            self.ids.add(attributes["id"])
        if "href" in attributes:
            self.links.append(attributes["href"])
        assert "src" not in attributes and tag != "link"
    def handle_endtag(self, tag):
        last = self.open.pop()
        assert last == tag or (last == "option" and tag == "select"), (last, tag)
page = Page()
page.feed(sys.stdin.read())
assert page.open == [] and page.links
for link in page.links:
    assert link[0] == "#" and link[1:] in page.ids, link'
    one_of_advice() {
        run lint --platform rhel10 --format "$1" "$work/missing"
        cp "$work/out" "$work/report"
        reads "$2"
    }
    check "json: nothing can be read, and it is JSON" one_of_advice json 'json.load(sys.stdin)'
    check "sarif: nothing can be read, and it is JSON" one_of_advice sarif 'json.load(sys.stdin)'
    check "gitlab: nothing can be read, and it is JSON" one_of_advice gitlab 'json.load(sys.stdin)'
else
    echo "SKIP formats that Python reads: python3 is missing"
fi

# --- many configurations
many() {
    for number in 1 2 3 4 5 6 7 8 9 10 11; do
        mkdir -p "$work/many/$number" && cp "$work/moved/main.cf" "$work/many/$number"
    done
    run lint --platform rhel10 "$@" "$work"/many/*
}
counts_many() {
    many
    says 'advice      11 configurations  unknown-parameter' && ! says 'main.cf:2:1: ' >/dev/null &&
        says '11 configurations: 0 errors, 0 warnings'
}
lists_many() {
    many "$1"
    says 'main.cf:2:1: ' && ! says '11 configurations  unknown-parameter' >/dev/null
}

lists_the_worst() {
    for number in 1 2 3 4 5 6 7 8 9 10 11; do
        printf 'queue_run_delay = x\n' >"$work/many/$number/main.cf"
    done
    run lint --platform rhel10 "$work"/many/*
    says '11 configurations have errors; those with the most' && [ "$(grep -c '^     1  ' "$work/out")" = 10 ]
}

# --- fingerprints
fingerprints() {
    run lint --platform rhel10 --format gitlab "$work/moved"
    tr ',' '\n' <"$work/out" | sed -n 's/.*"fingerprint": "\([0-9a-f]*\)".*/\1/p'
}
same_when_moved() {
    mkdir "$work/moved"
    printf 'x_one = 1\nx_two = 1\nx_two = 1\n' >"$work/moved/main.cf"
    fingerprints >"$work/before"
    printf '# new\nx_one  = 1\nx_zero = 2\nx_two = 1\n\n\nx_two = 1\n' >"$work/moved/main.cf"
    sed -i 's/x_one  =/x_one =/' "$work/moved/main.cf"
    fingerprints >"$work/after"
    [ -s "$work/before" ] && [ "$(sort -u "$work/before" | wc -l)" = "$(wc -l <"$work/before")" ] &&
        [ "$(grep -c -v -x -F -f "$work/after" "$work/before")" = 0 ]
}
check "a finding keeps its fingerprint when it moves" same_when_moved

check "more than ten configurations are a table" counts_many
check "--verbose prints each of them" lists_many --verbose
check "so does -v" lists_many -v
check "ten of those with errors are listed" lists_the_worst

# --- several reports
two_reports() {
    run lint --platform rhel10 --format gcc --format json="$work/to file.json" "$work/moved"
    [ "$status" -eq 0 ] && says '[unknown-parameter]' && grep -q '"summary"' "$work/to file.json"
}
check "two reports, one of them to a file" two_reports
text_too() {
    run lint --platform rhel10 --format json="$work/second.json" "$work/moved"
    says 'main.cf:2:1: ' && [ -s "$work/second.json" ]
}
check "beside a file, the text is printed" text_too
replaced() {
    printf old >"$work/report.json" && chmod 640 "$work/report.json"
    run lint --platform rhel10 --format json="$work/report.json" "$work/moved"
    [ "$(stat -c %a "$work/report.json")" = 640 ] && ! grep -q old "$work/report.json" &&
        [ -z "$(find "$work" -name '.report*')" ]
}
check "a report's file is replaced and keeps its mode" replaced
check "two formats for standard output" refused 'NAME=FILE' lint --format gcc --format json "$work/moved"
# shellcheck disable=SC2046 # these are options
check "more reports than a run has" refused 'at most 15 of them' lint \
    $(for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo "--format=gcc=$work/$number"; done) "$work/moved"
check "no file after =" refused 'name of a file' lint --format json= "$work/moved"
check "no such format" refused 'expected text, gcc' lint --format yaml "$work/moved"
cannot_write() {
    run lint --platform rhel10 --format json="$work/no/such/report" "$work/nothing"
    [ "$status" -eq 2 ] && grep -q "no/such/report: cannot write: No such file" "$work/err"
}
check "a report that cannot be written is status 2" cannot_write
upgrade_too() {
    run upgrade --from rhel9 --to rhel10 --output "$work/new" --format sarif fixtures/seed-001/in
    [ -s "$work/new/main.cf" ] && says '"ruleId": "berkeley-db"'
}
check "upgrade has the same formats" upgrade_too
finish formats
