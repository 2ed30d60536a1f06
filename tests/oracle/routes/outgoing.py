"""outgoing.py - TLS and logins of the real smtp(8), against every kind of server, and what ours says

    outgoing.py TREE PLATFORM PORT POSTMEND [SASL-DIRECTORY]

It runs as root in a view of the tree (private.sh).  Each profile is a transport with settings of its own;
mail for PROFILE.KIND@out.example goes by it to the server of that kind (servers.py).  What the server got,
or that the mail is deferred, is compared with what "postmend route" says.  The last line is "PASSED FAILED".
"""
import json
import os
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import ask
import servers

ETC = ask.ETC
CA = ETC + "/ca.pem"
LOGIN = {"smtp_sasl_auth_enable": "yes", "smtp_sasl_security_options": "noanonymous"}


def profiles(hop, digest):
    """name: settings; HOP is the next hop of a kind that tables are written for"""
    policy = "texthash:%s/%%s" % ETC
    found = {
        "none": {"smtp_tls_security_level": "none"},
        "may": {"smtp_tls_security_level": "may"},
        "encrypt": {"smtp_tls_security_level": "encrypt"},
        "dane": {"smtp_tls_security_level": "dane"},
        "daneonly": {"smtp_tls_security_level": "dane-only"},
        "fpgood": {"smtp_tls_security_level": "fingerprint", "smtp_tls_fingerprint_digest": "sha256",
                   "smtp_tls_fingerprint_cert_match": digest},
        "fpbad": {"smtp_tls_security_level": "fingerprint", "smtp_tls_fingerprint_digest": "sha256",
                  "smtp_tls_fingerprint_cert_match": digest.replace(digest[:2], "00", 1)},
        "fpnone": {"smtp_tls_security_level": "fingerprint"},
        "pkix": {"smtp_tls_security_level": "verify", "smtp_tls_CAfile": CA},
        "pkixnoca": {"smtp_tls_security_level": "verify"},
        "pkixta": {"smtp_tls_security_level": "verify", "smtp_tls_trust_anchor_file": CA},
        "pkixtagone": {"smtp_tls_security_level": "verify",
                         "smtp_tls_trust_anchor_file": ETC + "/gone.pem"},
        "secure": {"smtp_tls_security_level": "secure", "smtp_tls_CAfile": CA},
        "maygone": {"smtp_tls_security_level": "may", "smtp_tls_CAfile": ETC + "/gone.pem"},
        "encryptgone": {"smtp_tls_security_level": "encrypt", "smtp_tls_CAfile": ETC + "/gone.pem"},
        "certgone": {"smtp_tls_security_level": "may", "smtp_tls_cert_file": ETC + "/gone.pem"},
        "policy": {"smtp_tls_security_level": "may", "smtp_tls_policy_maps": policy % "policy"},
        "policybare": {"smtp_tls_security_level": "may", "smtp_tls_policy_maps": policy % "bare"},
        "policybad": {"smtp_tls_security_level": "may", "smtp_tls_policy_maps": policy % "bad"},
        "policysecure": {"smtp_tls_security_level": "none", "smtp_tls_CAfile": CA,
                         "smtp_tls_policy_maps": policy % "secure"},
        "wrapencrypt": {"smtp_tls_security_level": "encrypt", "smtp_tls_wrappermode": "yes"},
        "wrapmay": {"smtp_tls_security_level": "may", "smtp_tls_wrappermode": "yes"},
        "wrapverify": {"smtp_tls_security_level": "verify", "smtp_tls_wrappermode": "yes",
                       "smtp_tls_CAfile": CA},
        "oldnone": {"smtp_tls_security_level": "", "smtp_use_tls": "no"},
        "olduse": {"smtp_tls_security_level": "", "smtp_use_tls": "yes"},
        "oldenforce": {"smtp_tls_security_level": "", "smtp_enforce_tls": "yes",
                       "smtp_tls_CAfile": CA},
        "oldnopeer": {"smtp_tls_security_level": "", "smtp_enforce_tls": "yes",
                      "smtp_tls_enforce_peername": "no"},
        "sitemust": {"smtp_tls_security_level": "none", "smtp_tls_CAfile": CA,
                     "smtp_tls_per_site": policy % "must"},
        "sitemay": {"smtp_tls_security_level": "encrypt", "smtp_tls_per_site": policy % "may"},
        "sitenone": {"smtp_tls_security_level": "encrypt", "smtp_tls_per_site": policy % "none"},
        "login": dict(LOGIN, smtp_tls_security_level="may",
                      smtp_sasl_password_maps=policy % "byhost"),
        "loginhop": dict(LOGIN, smtp_tls_security_level="may",
                         smtp_sasl_password_maps=policy % "byhop"),
        "loginmiss": dict(LOGIN, smtp_tls_security_level="may",
                          smtp_sasl_password_maps=policy % "bymiss"),
        "loginboth": dict(LOGIN, smtp_tls_security_level="encrypt",
                          smtp_sasl_password_maps=policy % "byboth"),
        "loginsender": dict(LOGIN, smtp_tls_security_level="may",
                            smtp_sender_dependent_authentication="yes",
                            smtp_sasl_password_maps=policy % "bysender"),
        "loginplain": {"smtp_tls_security_level": "may", "smtp_sasl_auth_enable": "yes",
                       "smtp_sasl_password_maps": policy % "byhost"},
        "logintls": {"smtp_tls_security_level": "may", "smtp_sasl_auth_enable": "yes",
                     "smtp_sasl_tls_security_options": "noanonymous",
                     "smtp_sasl_password_maps": policy % "byhost"},
    }
    return found


def write_tables(etc, hops):
    every = lambda value: "".join("%s %s\n" % (hop, value) for hop in hops)
    tables = {
        "policy": every("encrypt"), "bare": servers.NAME + " encrypt\n",
        "bad": every("encrypt protcols=x"), "secure": every("secure match=" + servers.NAME),
        "must": servers.NAME + " MUST\n", "may": every("MAY"), "none": every("NONE"),
        "byhost": servers.NAME + " user1:secret\n", "byhop": every("user2:secret"),
        "bymiss": "other.example user3:secret\n",
        "byboth": servers.NAME + " user1:secret\n" + every("user2:secret"),
        "bysender": "bob@out.example user4:secret\n" + servers.NAME + " user1:secret\n",
    }
    for name, text in tables.items():
        with open(os.path.join(etc, name), "w", encoding="ascii") as out:
            out.write(text)


def master_line(name, settings):
    return "%s unix - - n - - smtp%s\n" % (name, "".join(
        " -o { %s = %s }" % item for item in settings.items()))


def write_configuration(tree, made, ports):
    """the configuration of all profiles; the addresses"""
    etc = tree.path + ETC
    hops = {kind: "[%s]:%d" % (servers.NAME, port) for kind, port in ports.items()}
    digest = subprocess.run(["openssl", "x509", "-in", made + "/good.crt", "-noout", "-fingerprint",
                             "-sha256"], stdout=subprocess.PIPE, text=True, check=True).stdout
    every = profiles(hops, digest.strip().split("=")[1])
    addresses = ["%s.%s@out.example" % (name, kind) for name in every for kind in ports]
    write_tables(etc, hops.values())
    shutil.copy(made + "/ca.pem", etc)
    with open(etc + "/transport", "w", encoding="ascii") as out:
        for address in addresses:
            name, kind = address.split("@")[0].split(".")
            out.write("%s %s:%s\n" % (address, name, hops[kind]))
    with open(etc + "/main.cf", "w", encoding="ascii") as out:
        out.write("compatibility_level = 2\nmyhostname = mail.example.com\nmydestination =\n"
                  "inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nsmtp_host_lookup = native\n"
                  "transport_maps = texthash:%s/transport\nsmtpd_peername_lookup = no\n"
                  "in_flow_delay = 0s\nsmtp_helo_timeout = 5s\nsmtp_starttls_timeout = 5s\n"
                  "default_process_limit = 300\n" % ETC)
    with open(os.path.dirname(os.path.abspath(__file__)) + "/cases/nested/master.cf",
              encoding="ascii") as file:
        master = file.read()
    with open(etc + "/master.cf", "w", encoding="ascii") as out:
        out.write(master + "".join(master_line(*item) for item in every.items()) +
                  (ask.ENTRY % tree.port).replace("ACTIONS", ""))
    with open(tree.path + "/etc/hosts", "w", encoding="ascii") as out:
        out.write("127.0.0.1 localhost\n127.0.0.1 %s\n" % servers.NAME)
    return addresses


# --- what is said, of the profile and of the server ---------------------------------------------

def expect(hop, kind):
    """(end, by TLS, user) that our destination means with a server of this kind"""
    certificate, special = servers.KINDS[kind]
    if "why" in hop:
        return "deferred", False, ""
    tls, verified = hop["tls"], hop["verified"]
    wrapped = hop["wrapped"]
    if tls == "fails":
        return "deferred", False, ""
    if wrapped != (special == "wrapped"):
        return "deferred", False, ""
    by_tls = wrapped or (tls != "none" and bool(certificate))
    if by_tls and special == "broken":
        return "deferred", False, ""
    if by_tls and special == "refuses":
        by_tls = False
    if tls == "required" and not by_tls:
        return "deferred", False, ""
    if by_tls and verified:
        good = {"fingerprint": ("good",)}.get(hop["level"], ("good",))
        if certificate not in good or "fpbad" in hop["profile"]:
            return "deferred", False, ""
    offers = special == "auth" and (by_tls or not certificate) or special == "cram"
    user = hop["login"] if offers else ""
    if user and special == "auth" and not hop["plain_with_tls" if by_tls else "plain_without_tls"]:
        return "deferred", False, ""
    return "sent", by_tls, user


def ask_ours(tree, addresses):
    done = subprocess.run(
        [tree.postmend, "route", "--platform", tree.platform, "--format", "json", "--port",
         str(tree.port), "--from", "bob@out.example", tree.path + ETC, "-"],
        input="\n".join(addresses), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        check=False)
    hops = {}
    for walk in json.loads(done.stdout):
        delivery = walk["deliveries"][0]
        if delivery["destinations"]:
            hops[walk["address"]] = dict(delivery["destinations"][0],
                                         profile=delivery["transport"])
        else:
            hops[walk["address"]] = {"tls": "fails", "why": delivery["sentence"]}
    return hops


def ask_real(tree, addresses, listening):
    process = tree.start()
    if process is None:
        sys.exit("this Postfix does not start")
    seen = ask.Deliveries()
    deferred, reasons = set(), {}
    try:
        client = ask.smtplib.SMTP("127.0.0.1", tree.port, timeout=60)
        client.ehlo("client.example")
        for number, address in enumerate(addresses):
            ask.send_one(client, number, "bob@out.example", address)
        end = time.monotonic() + 150
        while time.monotonic() < end:
            for program, text in tree.log.read(0.5):
                if os.environ.get("ROUTES_LOG"):
                    print("    %s: %s" % (program, text), flush=True)
                match = ask.re.search(r"to=<(.*?)>.*status=(\w+) \((.*)\)", text)
                if match and match[2] != "sent":
                    deferred.add(match[1])
                    reasons[match[1]] = match[3]
                seen.take(program, text)
            got = {address for server in listening.values() for address in server.got}
            if len(got | deferred) >= len(addresses):
                break
    finally:
        tree.stop(process)
    answers = {}
    for address in addresses:
        kind = address.split("@")[0].split(".")[1]
        tls, user = listening[kind].got.get(address, (False, ""))
        answers[address] = (("sent", tls, user) if address in listening[kind].got else
                            ("deferred" if address in deferred else "nothing", False, ""))
    return answers, reasons


def main():
    tree = ask.Tree(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
    made = "/tmp/outgoing.%d" % tree.port
    shutil.rmtree(made, ignore_errors=True)
    os.makedirs(made)
    servers.make_certificates(made)
    if len(sys.argv) > 5:
        place = tree.path + "/usr/lib/x86_64-linux-gnu/sasl2"
        for name in os.listdir(sys.argv[5]):
            if name.startswith(("libplain", "liblogin", "libcrammd5")):
                shutil.copy(os.path.join(sys.argv[5], name), place)
    first = tree.port + 10000
    ports = {kind: first + number for number, kind in enumerate(servers.KINDS)}
    listening = {kind: servers.Server(kind, made, port) for kind, port in ports.items()}
    os.system("rm -rf %s%s/*" % (tree.path, ETC))
    addresses = write_configuration(tree, made, ports)
    real, reasons = ask_real(tree, addresses, listening)
    ours = ask_ours(tree, addresses)
    passed = failed = 0
    for address in addresses:
        kind = address.split("@")[0].split(".")[1]
        mine = expect(ours[address], kind)
        if mine == real[address]:
            passed += 1
            continue
        failed += 1
        print("not ok - %s\n    Postfix: %s %s\n    ours:    %s from %s" % (
            address, real[address], reasons.get(address, ""), mine, ours[address]))
    print(passed, failed)


if __name__ == "__main__":
    main()
