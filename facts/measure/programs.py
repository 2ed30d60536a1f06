#!/usr/bin/env python3
"""programs.py SOURCE... - facts/programs.yaml: which parameters each program reads when it starts

SOURCE is an unpacked Postfix source tree; several give the union of what their programs read (a
parameter that a release does not have is not asked for there).  What is read comes from the
parameter tables in the C sources (CONFIG_STR_TABLE and its kin), names from src/*/*.h.
"""
import collections
import os
import re
import sys
import textwrap

# the tables that several programs read; everything else belongs to the program of its folder
GROUPS = {"global/mail_params.c": "all", "tls/tls_misc.c": "tls"}
USES_TLS = ("smtpd", "smtp", "lmtp", "tlsproxy", "tlsmgr")
FOLDERS = {"smtp/lmtp_params.c": "lmtp", "oqmgr/qmgr.c": "oqmgr"}
# no programs that a service in master.cf runs, or no programs at all
OTHERS = {"global", "postconf", "posttls-finger", "postmulti", "postdrop", "postlog", "postqueue",
          "postfix", "sendmail", "tls"}
# programs by another name: the name that master.cf uses, and the folder of its source
NAMES = {"lmtp": "smtp", "nqmgr": "qmgr"}
# what the main program tells the server skeleton, and what it demands of the line in master.cf
DEMANDS = {
    "CA_MAIL_SERVER_SOLITARY": "process_limit: 1",
    "CA_MAIL_SERVER_UNLIMITED": "process_limit: 0",
    "CA_MAIL_SERVER_PRIVILEGED": "privileged: yes",
    '"unexpected command-line argument': "arguments: no",
    "server must run with $%s privileges": "unprivileged: yes",
}
# what programs take as arguments, "name=value", the letters of "flags=", and the macros that the
# command of pipe(8) may refer to
ATTRIBUTE = re.compile(r'strncasecmp\("(\w+)=", \*argv')
FLAG = re.compile(r"case '(.)':\s*attr->flags \|=")
MACRO = re.compile(r'^#define\s+PIPE_DICT_(?!TABLE)\w+\s+"(\w+)"', re.MULTILINE)
SKELETON = re.compile(r"\b(?:single|multi|event|trigger|dgram)_server_main\(argc")

DEFINE = re.compile(r'^#define\s+(VAR_\w+)\s+((?:"[^"]*"\s*)+)$', re.MULTILINE)
TABLE = re.compile(r"const\s+CONFIG_\w+_TABLE\s+\w+\[\]\s*=\s*\{(.*?)\n\s*\};", re.DOTALL)
ENTRY = re.compile(r"^\s*(VAR_\w+)\s*,", re.MULTILINE)
ALIAS = re.compile(r"^#define\s+(VAR_\w+)\s+(VAR_\w+)\s*$", re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def sources(tree, suffix):
    for folder, _, names in os.walk(os.path.join(tree, "src")):
        for name in sorted(names):
            if name.endswith(suffix):
                path = os.path.join(folder, name)
                with open(path, errors="replace") as source:
                    yield (os.path.relpath(path, os.path.join(tree, "src")),
                           COMMENT.sub("", source.read().replace("\\\n", " ")))


def parameter_names(tree):
    """{"VAR_MYHOSTNAME": "myhostname"}"""
    names, aliases = {}, {}
    for _, text in sources(tree, ".h"):
        for macro, literals in DEFINE.findall(text):
            names[macro] = "".join(re.findall(r'"([^"]*)"', literals))
        aliases.update(ALIAS.findall(text))
    for macro, other in aliases.items():
        if other in names:
            names[macro] = names[other]
    return names


def read_tree(tree, reads, demands, takes):
    names = parameter_names(tree)
    for path, text in sources(tree, ".c"):
        reader = GROUPS.get(path) or FOLDERS.get(path) or path.split("/")[0]
        if "test" in path or (reader in OTHERS and path not in GROUPS):
            continue
        for body in TABLE.findall(text):
            reads[reader].update(names[macro] for macro in ENTRY.findall(body) if macro in names)
        if SKELETON.search(text):
            demands[path.split("/")[0]] = [line for sign, line in DEMANDS.items() if sign in text]
            for key, pattern in (("attributes", ATTRIBUTE), ("flags", FLAG), ("macros", MACRO)):
                takes[path.split("/")[0]][key].update(pattern.findall(text))


def print_list(key, items, indent):
    text = ", ".join(sorted(items))
    pad = " " * indent
    print(f"{pad}{key}:\n{pad}  [")
    for line in textwrap.wrap(text, 96 - indent, break_long_words=False, break_on_hyphens=False):
        print(f"{pad}    {line}")
    print(f"{pad}  ]")


def main():
    reads, demands = collections.defaultdict(set), {}
    takes = collections.defaultdict(lambda: collections.defaultdict(set))
    for tree in sys.argv[1:]:
        read_tree(tree, reads, demands, takes)
    for name, folder in NAMES.items():
        demands[name] = demands[folder]
        reads[name] |= reads[folder] if name not in reads else set()
        takes[name] = takes[folder]
    known = set()
    with open("facts/parameters.yaml", encoding="utf-8") as parameters:
        known.update(re.findall(r"^  (\w+):$", parameters.read(), re.MULTILINE))
    print("""\
# Which parameters each program reads when it starts; one that it refuses ends the program.
# Made by facts/measure/programs.py from the sources of Postfix.
#
# groups: what several programs read; "all" is every program, master itself included
# programs: those that a service in master.cf can run; what each demands of its line there:
#   process_limit  the only one with which it starts
#   privileged     yes: its "unprivileged" field must be n
#   unprivileged   yes: that field must not be n; the program exits when a client connects
#   arguments      no: it takes none beside its options; more of them end it
#   attributes     the arguments that it takes, each with a value; argv and user must be among
#                  them if the program has them
#   flags          the letters of its attribute flags
#   macros         what its command may refer to

source: >-
  the parameter tables in the sources of Postfix 2.11 to 3.12 (CONFIG_STR_TABLE and its kin;
  mail_params_init(), tls_param_init())

groups:""")
    for group in ("all", "tls"):
        print_list(group, reads.pop(group) & known, 2)
    print("\nprograms:")
    for program in sorted(set(reads) - {"master"} | set(demands)):
        groups = "[all, tls]" if program in USES_TLS else "[all]"
        print(f"  {program}:\n    groups: {groups}")
        for line in demands.get(program, []):
            print(f"    {line}")
        for key in ("attributes", "macros"):
            if takes[program][key]:
                print_list(key, takes[program][key], 4)
        if takes[program]["flags"]:
            print(f'    flags: "{"".join(sorted(takes[program]["flags"]))}"')
        own = reads.get(program, set()) & known
        if own:
            print_list("reads", own, 4)


if __name__ == "__main__":
    main()
