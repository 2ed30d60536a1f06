"""jobs.py - the configurations of test-routes.sh: copies of directories, with addresses for each

    jobs.py OUTPUT DIRECTORY...

Prints lines "NAME DIRECTORY".  The addresses are made of the names and domains in the files.
"""
import os
import re
import shutil
import sys

DOMAIN = re.compile(r"\b((?:[a-z0-9-]+\.)+[a-z]{2,8})\b", re.I)
ADDRESS = re.compile(r"\b([\w.+-]+@(?:[a-z0-9-]+\.)+[a-z]{2,8})\b", re.I)


def read_all(directory):
    text = ""
    for folder, _, names in os.walk(directory):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.getsize(path) < 100000:
                with open(path, encoding="utf-8", errors="replace") as file:
                    text += "\n".join(line for line in file.read().splitlines()
                                      if not line.lstrip().startswith("#")) + "\n"
    return text


def addresses_of(text):
    domains = [name.lower() for name in DOMAIN.findall(text)
               if not re.search(r"\.(cf|db|pem|crt|key|pcre|sh|log|sock|py|pid|conf|lua|html|txt)$", name)]
    domains = sorted(set(domains), key=lambda name: (-domains.count(name), name))[:8]
    whole = sorted(set(address.lower() for address in ADDRESS.findall(text)))[:12]
    made = whole + ["root", "postmaster", "root@mail.example.com", "nobody@outside.invalid",
                    "news@mail.example.com", "root+ext@mail.example.com", "unknown-user@localhost"]
    for domain in domains[:6]:
        made += ["someone@" + domain, "postmaster@" + domain, "a+b@sub." + domain]
    made = sorted(set(made))
    senders = ["<>"] + whole[:2]
    return ["%s %s" % (senders[number % len(senders)], address) for number, address in enumerate(made)]


def main():
    for directory in sys.argv[2:]:
        name = re.sub(r"\W+", "-", directory.strip("/"))
        name = "-".join(name.split("-")[-3:])
        copy = os.path.join(sys.argv[1], name)
        if not all(os.path.isfile(os.path.join(directory, file)) for file in ("main.cf", "master.cf")):
            continue
        shutil.copytree(directory, copy, dirs_exist_ok=True)
        if not os.path.exists(copy + "/addresses"):
            with open(copy + "/addresses", "w", encoding="utf-8") as out:
                out.write("\n".join(addresses_of(read_all(directory))) + "\n")
        print(name, copy)


main()
