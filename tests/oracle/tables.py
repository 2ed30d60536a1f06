"""tables.py make DIRECTORY - lookup tables and keys, by hand and at random, the same each time
tables.py compare DIRECTORY OURS REAL - prints what differs and "PASSED FAILED"

A case is a directory: spec (the table), keys (one a line), flags (words: yes or no for
smtputf8_enable, build-TYPE, alias), table (its text, if it has any).
"""
import os
import random
import sys

pick = random.Random(20240304)
count = 0


def case(here, spec, keys, text=None, flags="no"):
    """spec: "%s" stands for the path of the text"""
    global count
    folder = "%s/cases/%04d" % (here, count)
    count += 1
    os.makedirs(folder)
    for name, what in (("spec", spec.replace("%s", folder + "/table")), ("flags", flags),
                       ("keys", "".join(key + "\n" for key in keys)), ("table", text)):
        if what is not None:
            with open(folder + "/" + name, "wb") as file:
                file.write(what.encode("latin-1"))


# --- keys and values -----------------------------------------------------------------------

def indexed(here, text, keys, flags="no"):
    for kind in ("hash", "btree", "lmdb", "cdb"):
        # whether lmdb fails for an empty key hangs on what it was asked before; no daemon asks so
        case(here, kind + ":%s", [key for key in keys if key or kind != "lmdb"], text,
             flags + " build-" + kind)
    case(here, "texthash:%s", keys, text, flags)


KEY_TEXTS = [
    ("a 1\nb\t2\nC 3\nc 4\n", "a b c C d".split() + ["", " a", "a "]),
    ("# comment\n\n  \na 1\n# in between\n  more\n#x\n\tstill more  \nb 2", ["a", "b", "more", "#x"]),
    (" stray\na 1\n", ["stray", "a", ""]),
    (" stray\n more\na 1\n", ["stray", "more", "a"]),
    ("alone\nalone2 \n  \n#\nb 1\n", ["alone", "alone2", "b"]),
    ("\"a b\" c\n\"x\\\" y\" z\n\"open k\na\\ b v\nq\"u v\"w r\n\\ s\nend\\",
     ['"a b"', "a b", '"x\\" y"', '"open', "a\\ b", "a\\", 'q"u v"w', "\\", "end\\", "end"]),
    ("key: value\nb:\t2\n:x y\n", ["key", "key:", "b", "b:", ":x"]),
    ("a 1\r\nb 2 \r\nc\r\n  3\r\n", ["a", "b", "c", "c\r", "a\r"]),
    ("a\x0b1\nb\x0c2\nc d\x0b\n", ["a", "b", "c", "a\x0b1"]),
    ("a 1\0 2\nb\0 1\nc 3\0\n 4\n\0x y\nd 5\n", ["a", "b", "c", "d", "x", ""]),
    ("dup 1\nDUP 2\nDup 3\n", ["dup", "DUP"]),
    ("@example.com x@y\nuser@ z\n.example.com OK\n192.0.2 REJECT\n",
     ["@example.com", "@EXAMPLE.COM", "user@", ".example.com", "192.0.2", "192.0.2.1"]),
    ("a " + "x" * 5000 + "\n" + "k" * 510 + " 1\n", ["a", "k" * 510, "k" * 511, "k" * 3000, "k"]),
    ("a 1\nb 2\n", ["a", "B", "l" * 512, "b"]),
    ("\xe9t\xe9 1\n\xc3\xa9 2\n\xff 3\na \xe9\n", ["\xe9t\xe9", "\xc3\xa9", "\xff", "a"]),
    ("", ["a", ""]),
    ("\n\n#only\n", ["a"]),
    ("a  b  c   d  \n", ["a", "a b"]),
    ("a 1\n#\n#\n 2\n\n\n 3\nb 4\n", ["a", "b"]),
    ("= 1\n== 2\na=b 3\n", ["=", "==", "a=b", "a"]),
    ("'a b' 1\n", ["'a", "'a b'"]),
    ("a \"quoted value\" 'x'\nb \\\n c\n", ["a", "b"]),
]


def random_keys(here):
    pieces = ["a", "B", "c d", '"', "\\", ":", "#", "=", " ", "  ", "\t", "\r", "x@y.example", "\x0b", ",", "\xe9", "'"]
    for _ in range(30):
        lines, keys = [], ["a", "b", "x@y.example"]
        for _ in range(pick.randrange(1, 12)):
            key = "".join(pick.choice(pieces) for _ in range(pick.randrange(1, 5)))
            lines.append(pick.choice(["", "", "", " ", "#"]) + key + pick.choice([" ", "\t", "  ", ""]) +
                         "".join(pick.choice(pieces) for _ in range(pick.randrange(4))) +
                         pick.choice(["\n"] * 5 + ["\r\n", "\n\n", "\n "]))
            keys += [key, key.strip(), key.upper(), (key.split() or [""])[0]]
        indexed(here, "".join(lines), keys)


ALIAS_TEXTS = [
    ("root: admin\npostmaster:root\n\"odd name\": x\na.b: c\nMiXed: CASE\n",
     ["root", "ROOT", "postmaster", "odd name", '"odd name"', "a.b", "mixed"]),
    ("list: a, b,c ,\n d\npipe: \"|/bin/prog arg\"\npipe2: |/bin/prog\nfile: /var/mail/x\ninc: :include:/a/b\n",
     ["list", "pipe", "pipe2", "file", "inc", "d"]),
    ("a@b: c\nx,y: z\nnone\nempty:\n: x\nq%d: e\nok: yes\n", ["a@b", "a", "x", "x,y", "none", "empty", "q%d", "ok", ""]),
    ("(comment) a: b (x (y)) c\nb(c): d\ne: <f@g>\nh: \"i j\" <k@l>, m\n",
     ["a", "(comment) a", "b", "b(c)", "b (c)", "e", "h"]),
    ("a\\ b: c\\ d\ne: f\\@g\nh: [1.2.3.4]\ni: j@[1.2.3.4]\nk: \"l\\\"m\"\nn: a@b@c\n", ["a b", "e", "h", "i", "k", "n"]),
    ("a b: c d\ne: f;g\nh: \xe9\ni: a!b\nj: a,,b\nk: ,\nl: \"\"\n\"\": m\n", ["a b", "ab", "e", "h", "i", "j", "k", "l", ""]),
    ("dup: 1\nDUP: 2\n# c\n\nx: y\n# z\n  w\n stray: 1\n", ["dup", "x", "stray"]),
    ("a: b (open\nc: \"open\nd: [open\ne: f\\", ["a", "c", "d", "e"]),
    ("owner-x: a\nx: y: z\n\"x:y\": z\n'q r': s\n", ["owner-x", "x", "x:y", "'q r'"]),
]

# --- cidr ----------------------------------------------------------------------------------

ADDRESSES = ["192.0.2.1", "192.0.2.200", "10.1.2.3", "0.0.0.0", "255.255.255.255", "127.0.0.1", "::1", "2001:db8::1",
             "2001:DB8::1", "2001:db8:ffff::1", "::ffff:192.0.2.1", "fe80::1", "192.0.2", "x", "", "192.0.2.01", "[::1]",
             "192.0.2.1 ", "1.2.3.4/32", "::"]
CIDR_TEXTS = [
    "192.0.2.0/24 A\n10.0.0.0/8 B\n0.0.0.0/0 C\n::/0 D\n",
    "192.0.2.1 A\n::1 B\n2001:db8::/32 C\n",
    "[192.0.2.0/24] A\n[10.0.0.0]/8 B\n[::1] C\n[2001:db8::]/32 D\n[2001:db8::/32]x E\n[::1 F\n[1.2.3.4]x G\n",
    "192.0.2.1/24 host bits\n192.0.2.0/33 long\n192.0.2.0/ empty\n192.0.2.0/a letter\n192.0.2.0 /24 A\n0.0.0.0/0 Z\n",
    "if 192.0.2.0/24\n192.0.2.1 A\nendif\n192.0.2.0/24 B\n",
    "if !192.0.2.0/24\n0.0.0.0/0 out\nendif\n0.0.0.0/0 in\n::/0 six\n",
    "if 192.0.2.0/24\nif 192.0.2.0/25\n0.0.0.0/0 low\nendif\n0.0.0.0/0 high\nendif\n",
    "IF 10.0.0.0/8\n0.0.0.0/0 A\nEndIf\n::/0 B\n0.0.0.0/0 C\n",
    "endif\nif 1.2.3.4 x\nif\nif!10.0.0.0/8\n0.0.0.0/0 A\nendif x\nendif\n0.0.0.0/0 B\n",
    "if 10.0.0.0/8\n0.0.0.0/0 A\n",
    "! 192.0.2.0/24 A\n!10.0.0.0/8 B\n",
    "!!192.0.2.0/24 A\n! ! !::/0 C\n0.0.0.0/0 D\n",
    "192.0.2.0/24\n10.0.0.0/8 \n!\n0.0.0.0/0 Z\n",
    "0.0.0.0/99999999999999999999 A\n0.0.0.0/4294967296 B\n",
    "192.0.2.0/024 A\n010.0.0.0/8 B\n10.0.0/8 C\n",
    "::ffff:0:0/96 mapped\n::/1 low\n",
    "0.0.0.0/1 A\n128.0.0.0/1 B\n",
    "10.0.0.0/8 A\n # x\n more\n192.0.2.0/24 B # no comment\n",
    "ifx 1\n10.0.0.0/8 A\nif\t192.0.2.0/24\t\n0.0.0.0/0 B\nendif\t \n",
    "if 192.0.2.0/24 \nif bad\n192.0.2.1 A\nendif\n10.1.2.3 B\nendif\n::1 C\n",
]


def random_cidr(here):
    networks = ["192.0.2.0/24", "192.0.2.128/25", "10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32", "192.0.2.1",
                "::1", "10.1.2.0/23", "10.1.2.0/20", "bad", "fe80::/10", "1.2.3.4/5", "2000::/3"]
    for number in range(40):
        text = ""
        for line in range(pick.randrange(1, 14)):
            what = pick.random()
            negated = pick.choice(["", "", "", "!", "! ", "!!"])
            if what < 0.2:
                text += pick.choice(["if ", "IF ", "if", "if\t"]) + negated + pick.choice(networks) + "\n"
            elif what < 0.4:
                text += pick.choice(["endif\n", "endif\n", "ENDIF \n", "endif x\n"])
            else:
                text += negated + pick.choice(networks) + pick.choice([" ", "\t", "  "]) + "r%d\n" % line
        case(here, "cidr:%s", ADDRESSES, text)


# --- patterns ------------------------------------------------------------------------------

SUBJECTS = ["foo", "FOO", "foobar", "bar", "foo bar", "user@example.com", "a", "", "line1\\nline2", "Subject: hello  world",
            "foo/bar", "foo\\bar", "$1", "aaa", "ab", "abab", "x.y", "xzy", "(", "\xe9", "foo\r", "if", "42"]
PATTERN_TEXTS = [
    "/foo/ A\n/bar/ B\n/./ C\n",
    "/foo/i A\n/FOO/ B\n/^a$/ C\n",
    "/(f)(o+)(b?)/ [$1][$2][${3}]\n/(a)(b)?/ <$1$(2)>\n",
    "/(foo)/ $$1 $1$$ ${1}x$1\n/bar/ $$\n",
    "/(foo)/ $2\n/(foo)/ $0\n/foo/ $x\n/foo/ ${1\n/foo/ $\n/foo/ a$\n/foo/ $()\n/foo/ ok\n",
    "/(foo)/ ${01}\n/(bar)/ $001\n/(aaa)/ $1_\n/(42)/ $4294967297\n",
    "!/foo/ A\n",
    "!!/foo/ A\n! /bar/ B\n! !/a/ C\n",
    "!/(foo)/ $1\n/./ B\n",
    "if /foo/\n/bar/ A\n/./ B\nendif\n/./ C\n",
    "if !/foo/\n/bar/ A\nendif\n/bar/ B\n",
    "if /foo/\nif /bar/\n/./ A\nendif\n/./ B\nendif\n/a/ C\n",
    "IF /foo/\n/./ A\nENDIF\nendif\n/./ B\n",
    "if /foo/\n/./ A\n",
    "if /foo/ extra\n/./ A\nendif extra\n/./ B\n",
    "if/foo/\n/./ A\nendif\n",
    "if\n/foo/ A\nendif\n/bar/ B\n",
    "if /(/\n/foo/ A\nendif\n/bar/ B\n",
    "ifx /foo/\n/foo/ A\nendifx\nother\n/bar/ B\n",
    "/foo A\n/bar/ B\n",
    "/foo\\/bar/ A\n/foo\\\\bar/ B\n/./ C\n",
    "#foo# comment\n|foo| A\n,bar, B\n:a: C\n",
    "/foo/\n/bar/ \n/./ C\n",
    "/foo/z A\n/foo/q B\n/./ C\n",
    "/foo/ A $ B\n/foo/ C\n",
    "/foo/   spaced   out   \n/bar/\ttab\n",
    "/a\n b/ A\n/foo/ x\n y\n# c\n  z\n",
    "/^foo$/m A\n/x.y/ B\n",
    "/foo/x A\n/a+/x B\n/\\(foo\\)/x C\\1\n",
    "/[/ A\n/*/ B\n/a{2,1}/ C\n/(/ D\n/)/ E\n/./ F\n",
    "/(a)|(b)/ <$1><$2>\n/(foo)(bar)?/ <$1><$2>\n",
    "/(a*)*/ [$1]\n",
    "/(.)\\1\\1/ three $1\n/./ other\n",
    "/\\bfoo\\b/ A\n/\\w+/ B\n/\\d/ C\n",
    "\\foo\\ A\n/bar/ B\n",
    "\"foo\" A\n 'stray' B\n'bar' C\n",
    "/foo/ A\0B\n/bar\0/ C\n/a/ D\n",
    "/\xe9/ A\n/\xc9/i B\n",
    "/foo\\\n/bar/ B\n",
    "/foo/iii A\n/bar/ii B\n",
    "/f(oo)/ $(1) ${1}\n/b(a)(r)/ $2$1\n/$1/ dollar\n",
    "/^(user)@(.*)$/ REDIRECT $1+x@$2\n/@/ no\n",
    "/()/ [$1]\n",
    "/foo|bar|/ any\n",
]
PCRE_TEXTS = [
    "/foo/A A\n/bar/A B\n/o$/E C\n/a+/U D\n/(a+?)/U E$1\n",
    "/foo/X A\n/\\j/X B\n/\\y/ C\n/./ D\n",
    "/(?<name>foo)/ $1\n/(?i)FOO/i A\n",
    "/^foo(?=bar)/ ahead\n/(?<!foo)bar/ behind\n/(?:foo)+/ group\n/(?P<x>a)(?P=x)/ twice $1\n",
    "/foo #comment\n /x A\n/f o o/x B\n",
    "/\\Qfoo\\E/ A\n/\\x66oo/ B\n/\\p{L}/ C\n",
    "/(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)/ $11\n/(foo)/ ${1}1\n",
    "/a.b/s A\n/^bar/m B\n/\\Afoo\\z/ C\n",
    "/(*UTF8)foo/ A\n/(*UTF)foo/ B\n/foo/ C\n",
    "/(a)?(b)?(x)?y/ <$1$2$3>\n/(foo)?(bar)/ <$1><$2>\n",
]
REGEXP_TEXTS = [
    "/foo/!/bar/ A\n/bar/!/foo/i B\n/./ C\n",
    "/foo/!!/bar/ A\n/foo/ !/bar/ B\n/foo/i!/bar/ D\n",
    "/(foo)/!/bar/ $1\n/a/!/(/ B\n/./ C\n",
    "/[[:alpha:]]+/ A\n/[[:digit:]]+/ B\n/[]x]/ C\n",
    "/[[:nosuch:]]/ A\n/[a/ B\n/a{1/ C\n/a\\{1,2\\}/x D\n/./ E\n",
    "/foo/!bar\n/foo/! /bar/ A\n/foo/!/bar B\n/./ C\n",
    "/<foo>/ A\n/\\<foo\\>/ B\n",
    "/(a|ab)(c|bcd)*/ [$1][$2]\n/(fo|foo)(obar|bar)?/ [$1][$2]\n",
    "/foo\\",
    "/foo/ A\n/bar\\",
]


def random_patterns(here, kind, letters):
    pieces = ["foo", "bar", "a", ".", "*", "+", "?", "(", ")", "|", "[ab]", "^", "$", "\\.", "\\/", "{2}", "o", "(a)", "@", " "]
    results = ["A", "$1", "B $1 C", "$$", "${1}", "$(1)", "", "x y", "$2", "${x}", "a$$b"]
    for number in range(60):
        text = ""
        for line in range(pick.randrange(1, 10)):
            pattern = "".join(pick.choice(pieces) for _ in range(pick.randrange(1, 6)))
            delimiter = pick.choice("///////|,!#")
            what = pick.random()
            written = (pick.choice(["", "", "", "", "!", "! "]) + delimiter + pattern + delimiter +
                       "".join(pick.choice(letters) for _ in range(pick.choice([0, 0, 0, 1, 2]))))
            if what < 0.15:
                text += "if " + written + "\n"
            elif what < 0.3:
                text += "endif\n"
            else:
                text += written + pick.choice([" ", "\t"]) + pick.choice(results) + " r%d\n" % line
        case(here, kind + ":%s", SUBJECTS, text)


# --- rules in the name ---------------------------------------------------------------------

NAMES = [
    "inline:{a=1,b=2}", "inline:{ a=1, {b = 2 3} {c=}, A=4 }", "inline:{}", "inline:{ }", "inline:{a}", "inline:{a=b",
    "inline:{a=b}x", "inline:a=b", "inline:{{a=b}x}", "inline:{{a b=c}}", "inline:{{\"a b\"=c}}", "inline:{=x}",
    "inline:{{ = x}}", "inline:{a==b}", "inline:{{a = {b}}}", "inline:{a={b c}}", "inline:{\"a=b}", "inline:{a\\=b=c}",
    "static:x", "static:{ x y }", "static:{x", "static:{x}y", "static: x ", "static:{}", "static:{{x}}", "static:",
    "fail:x", "randmap:{x}", "randmap:{x,x}", "randmap:{}", "randmap:x", "randmap:{{x}}",
    "pipemap:{inline:{a=b},inline:{b=c}}", "pipemap:{inline:{a=B},inline:{b=c}}", "pipemap:{inline:{a=b}}", "pipemap:{}",
    "pipemap:{a}", "pipemap:{static:a,inline:{a=x}}", "pipemap:{fail:x}", "pipemap:{inline:{a=b},fail:x}",
    "pipemap:{static:x}y", "pipemap:{inline:{a=},static:z}",
    "unionmap:{inline:{a=1},inline:{a=2,b=3}}", "unionmap:{static:x,inline:{a=1}}", "unionmap:{inline:{b=1},fail:x}",
    "unionmap:{}", "unionmap:{inline:{a=},inline:{a=2}}", "unionmap:{inline:{a=}}", "unionmap:{static:a static:b,static:c}",
    "unionmap:{pipemap:{inline:{a=b},inline:{b=c}},static:d}", "unionmap:{static:{x},static:{y}}",
    "cidr:{{1.2.3.4 A},{::/0 B}}", "cidr:{{if 1.2.3.0/24}{1.2.3.4 A}{endif}{0.0.0.0/0 C}}", "cidr:{1.2.3.4 A}",
    "cidr:{{1.2.3.4 A}x}", "cidr:{{1.2.3.4 A}}x", "cidr:{}", "cidr:{{}{#x}{0.0.0.0/0 A}}",
    "pcre:{{/(a)/ x$1}, {/b/ y}}", "pcre:{ {/a/ x} }", "pcre:{{/a{1}/ x}}", "pcre:{{!/a/ x}}", "pcre:{/a/ x}",
    "pcre:{{if /a/}, {/a/ x}, {endif}, {/./ y}}", "regexp:{{/(a)/ x$1}, {/b/ y}}", "regexp:{{/a/!/b/ x}{/./ z}}",
    "regexp:{{/a/ x", "regexp:{}", "internal:x", "nosuch:x", "hash:%s.gone", "texthash:%s.gone",
    "cidr:%s.gone", "pcre:%s.gone", "regexp:%s.gone", "cdb:%s.gone", "lmdb:%s.gone",
]


def make(here):
    for text, keys in KEY_TEXTS:
        indexed(here, text, keys)
    indexed(here, "good 1\n\xff bad\nbad2 \xc3\nok2 \xc3\xa9\n\xc3\xa9k 3\n\xed\xa0\x80 4\n\xc0\x80 5\n\xf4\x90\x80\x80 6\n",
            ["good", "bad2", "ok2", "\xc3\xa9k", "\xff"], "yes")
    random_keys(here)
    for text, keys in ALIAS_TEXTS:
        for kind in ("hash", "lmdb", "cdb"):
            case(here, kind + ":%s", keys, text, "no alias build-" + kind)
    for text in CIDR_TEXTS:
        case(here, "cidr:%s", ADDRESSES, text)
    random_cidr(here)
    for text in PATTERN_TEXTS + PCRE_TEXTS:
        case(here, "pcre:%s", SUBJECTS, text)
    for text in PATTERN_TEXTS + REGEXP_TEXTS:
        case(here, "regexp:%s", SUBJECTS, text)
    random_patterns(here, "pcre", "imsxAEUq")
    random_patterns(here, "regexp", "imxq")
    for name in NAMES:
        case(here, name, ["a", "A", "b", "c", "x", "1.2.3.4", "::1", '"a b"', "=", "", "a\\=b"])


def answers(lines):
    """key and value by turns; the last may be "fatal" """
    return lines.split(b"\n")[:-1]


def compare(cases, ours_at, real_at):
    passed = failed = 0
    for name in sorted(os.listdir(cases)):
        def read(folder, what):
            with open("%s/%s%s" % (folder, name, what), "rb") as file:
                return file.read()
        keys = len(read(cases, "/keys").split(b"\n")) - 1
        ours = answers(read(ours_at, ".out"))
        real = answers(read(real_at, ".out"))
        ours_fails = bool(ours) and ours[-1].startswith(b"error: ")
        real_fails = b"fatal:" in read(real_at, ".err")
        if ours_fails:
            ours.pop()
        if ours == real and ours_fails == real_fails:
            passed += keys
            continue
        wrong = max(1, len(set(ours) ^ set(real)))
        failed += min(wrong, keys)
        passed += keys - min(wrong, keys)
        print("    %s %s" % (name, read(cases, "/spec")[:100]))
        print("      ours %s%r" % ("fails " if ours_fails else "", [a for a in ours if a not in real][:4]))
        print("      real %s%r" % ("fails " if real_fails else "", [a for a in real if a not in ours][:4]))
    print(passed, failed)


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    compare(*sys.argv[2:5])
