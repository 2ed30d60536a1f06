"""sendmail_questions - kinds of questions that few fixtures ask; see sendmail_plan.py"""
import ssl
import time

from sendmail_world import context_of

FILTER_STAGES = ("connect", "helo", "mail", "rcpt", "data", "eoh", "eom")


class Questions:
    """the part of Asker (sendmail.py) for them"""

    def session(self, question):
        return self.client(question.words[0], int(question.options.get("port", 25)))

    def ask_offers(self, question):
        client, _ = self.session(question)
        _, lines = self.enter(client, "client.example", question.options.get("tls") == "yes")
        words = {line[4:].split()[0].upper() for line in lines if line[4:].split()}
        for keyword in question.words[1:]:
            options = "".join(" %s=%s" % item for item in question.options.items())
            self.note("offers", "%s%s: %s" % (question.words[0], options, keyword),
                      keyword in words, "\n".join(lines))
        client.close()

    def ask_greets(self, question):
        client, _ = self.session(question)
        # Sendmail puts its own ESMTP beside one that is there
        text = client.lines[0].split(";")[0].split("/")[0].replace("ESMTP ESMTP", "ESMTP")
        self.note("greets", question.text(), text)
        client.close()

    def ask_handshake(self, question):
        client, _ = self.session(question)
        try:
            client.send("EHLO client.example")
            code = client.send("STARTTLS")
            answer = "code %d" % code
            if code == 220:
                client.tls(context_of(*question.words[1:3]))
                answer = " ".join(client.socket.cipher()[:2]) + " %d" % client.send("NOOP")
            client.close()
        except (ssl.SSLError, OSError, ValueError) as error:
            answer, said = "no", str(error)
        else:
            said = ""
        self.note("handshake", question.text(), answer, said)

    def mail(self, question):
        """gives a mail; the codes of the recipients and of the dot"""
        client, _ = self.session(question)
        client.send("EHLO client.example")
        client.send("MAIL FROM:<%s>" % question.words[1].replace("<>", ""))
        codes = [client.send("RCPT TO:<%s>" % one) // 100 for one in question.words[2:]]
        if 2 in codes:
            client.send("DATA")
            codes.append(client.send("From: %s\r\nSubject: test\r\n\r\ntext\r\n." % question.words[1]))
        client.close()
        return codes

    def ask_deliver(self, question):
        before = len(self.server.delivered())
        codes = self.mail(question)
        ran, until = [], time.monotonic() + 8
        while len(ran) < codes.count(2) and time.monotonic() < until:
            time.sleep(0.2)
            ran = self.server.delivered()[before:]
        time.sleep(0.3)
        self.note("deliver", question.text(), sorted(self.server.delivered()[before:]), str(codes))

    def ask_filtered(self, question):
        mark = len(self.filtered)
        self.mail(question)
        time.sleep(0.3)
        told = self.filtered[mark:]
        for stage in FILTER_STAGES:
            self.note("filtered", "%s: %s" % (question.text(), stage),
                      sorted({text for name, text in told if name == stage}),
                      "\n".join("%s %s" % row for row in told))

