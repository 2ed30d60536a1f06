"""rows.py - the table: configurations, and what each release of Postfix makes of them

rows/*.rows has it.  A row is the sound host of base/ with changes, and the answers that differ from
those of the sound host (questions.py has their names):

    row dane is not a level of smtpd(8)
    main.cf
        smtpd_tls_security_level = dane
    answers 3.5 3.7 3.10
        dead: smtpd
        smtp: silence
        says: smtpd: fatal: invalid TLS level "dane"

Its parts, of which the text is indented:

    fine                    it looks odd and is valid: nobody may complain about it
    pointless               Postfix takes it without a word, and it does not do what it was meant for
    elsewhere               what is wrong is not in the files: nobody can find it there
    varies ANSWER...        these answers depend on which daemon is faster
    releases 3.7 3.10       it is asked of these only
    main.cf                 settings: each replaces that of the same name, else it is appended
    main.cf also            appended in any case; "first": put in front of all others
    main.cf without NAME...
    master.cf               services, in the same way; their key is name and type
    master.cf also, first
    master.cf without NAME TYPE
    file NAME               a file below /etc/postfix
    run                     shell commands, before main.cf and master.cf are changed
    answers RELEASE...      written by ask.py --record

"dead" are the programs that logged a fatal error or that master(8) saw fail, "says" what each of them
logged first, and the first warning of the others.  A line that begins with # is a comment.
"""
import dataclasses
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
RELEASES = {"3.5": "bullseye", "3.7": "bookworm", "3.10": "trixie"}
COMPATIBILITY = {"3.5": "2", "3.7": "3.6", "3.10": "3.6"}
BASE_FILES = ("main.cf", "master.cf", "vmailbox")

SOUND = {
    "start": "ok", "smtp": "220", "smtp.starttls": "ok", "smtp.mail": "250 2.1.0",
    "smtp.local": "250 2.1.5", "smtp.virtual": "250 2.1.5", "smtp.partner": "250 2.1.5",
    "smtp.relay": "554 5.7.1", "smtp.data": "250 2.0.0", "smtp.etrn": "250",
    "submission": "220", "submission.starttls": "ok", "submission.auth": "235 2.7.0",
    "submission.mail": "250 2.1.0", "submission.relay": "250 2.1.5", "submission.data": "250 2.0.0",
    "submissions": "220", "submissions.auth": "235 2.7.0", "submissions.mail": "250 2.1.0",
    "submissions.relay": "250 2.1.5",
    "sendmail": "ok", "mailq": "ok",
    "mail.local": "delivered", "mail.virtual": "delivered", "mail.partner": "delivered",
    "mail.outside": "delivered",
    "mail.sendmail": "delivered", "mail.bounce": "delivered",
}


@dataclasses.dataclass
class Row:
    place: str                # file:line
    name: str
    source: list              # its lines up to the answers
    parts: list = dataclasses.field(default_factory=list)      # (words of the head, lines)
    answers: dict = dataclasses.field(default_factory=dict)    # release: differences

    def has(self, word):
        return any(head == [word] for head, _ in self.parts)

    def words_of(self, word):
        """of the line that begins with it"""
        return next((head[1:] for head, _ in self.parts if head[0] == word), [])

    def releases(self):
        return self.words_of("releases") or list(RELEASES)


def groups_of(row):
    """lists of releases with the same answers"""
    groups = []
    for release in row.releases():
        same = [group for group in groups if row.answers.get(group[0]) == row.answers.get(release)]
        if same:
            same[0].append(release)
        else:
            groups.append([release])
    return groups


def read_answers(lines):
    answers = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "says":
            answers.setdefault("says", []).append(value)
        else:
            answers[name] = value
    return answers


def add_part(row, head, lines):
    if head[0] == "answers":
        for release in head[1:]:
            row.answers[release] = read_answers(lines)
    else:
        row.parts.append((head, lines))


def read_file(path):
    """the comment at the top, and the rows"""
    rows, top, heads = [], [], []
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines, 1):
        if line.startswith("row "):
            rows.append(Row("%s:%d" % (os.path.basename(path), number), line[4:], []))
            heads = []
        if not rows:
            top.append(line)
            continue
        if line.startswith("    "):
            heads[-1][1].append(line[4:])
        elif line and not line.startswith(("row ", "#")):
            heads.append((line.split(), []))
            add = heads[-1]
            rows[-1].parts.append(add)
        if line and not any(head[0] == "answers" for head, _ in heads):
            rows[-1].source.append(line)
    for row in rows:
        parts, row.parts = row.parts, []
        for head, text in parts:
            add_part(row, head, text)
    return top, rows


def write_file(path, top, rows):
    with open(path + ".new", "w", encoding="utf-8") as out:
        out.write("\n".join(top).rstrip("\n") + "\n\n")
        out.write("\n\n".join("\n".join(row.source + written_answers(row)) for row in rows) + "\n")
    os.rename(path + ".new", path)


def written_answers(row):
    lines = []
    for group in groups_of(row):
        if group[0] not in row.answers:
            continue
        lines.append("answers " + " ".join(group))
        for name, value in row.answers[group[0]].items():
            for text in value if isinstance(value, list) else [value]:
                lines.append("    %s: %s" % (name, text))
    return lines


def paths():
    directory = HERE + "/rows"
    return sorted(os.path.join(directory, name) for name in os.listdir(directory))


# --- the configuration of a row ----------------------------------------------------------------

def logical(lines):
    """continuation lines stay with the line that they continue, and so do comments"""
    groups = []
    for line in lines:
        if groups and line[:1] in " \t#":
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def main_key(line):
    match = re.match(r"([^\s=]+)\s*=", line)
    return match[1] if match else None


def master_key(line):
    words = line.split()
    return tuple(words[:2]) if len(words) > 1 else None


def change(text, key_of, parts):
    groups = logical(text.rstrip("\n").split("\n"))
    for head, lines in parts:
        if head[1:2] == ["without"]:
            gone = [tuple(head[2:])] if head[0] == "master.cf" else head[2:]
            assert any(key_of(group[0]) in gone for group in groups), head
            groups = [group for group in groups if key_of(group[0]) not in gone]
            continue
        for group in logical(lines):
            key = key_of(group[0])
            places = [at for at, old in enumerate(groups) if key and key_of(old[0]) == key]
            if head[1:] == ["first"]:
                groups.insert(0, group)
            elif places and head[1:] != ["also"]:
                groups[places[0]] = group
            else:
                groups.append(group)
    return "".join(line + "\n" for group in groups for line in group)


def base_text(name, release):
    with open("%s/base/%s" % (HERE, name), encoding="utf-8") as file:
        return file.read().replace("LEVEL", COMPATIBILITY[release])


def files_of(row):
    return {head[1]: "".join(line + "\n" for line in lines)
            for head, lines in row.parts if head[0] == "file"}


def configuration_of(row, release):
    """main.cf and master.cf"""
    return {name: change(base_text(name, release), key_of,
                         [part for part in row.parts if part[0][0] == name])
            for name, key_of in (("main.cf", main_key), ("master.cf", master_key))}


def commands_of(row):
    return ["\n".join(lines) for head, lines in row.parts if head == ["run"]]
