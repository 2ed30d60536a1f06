/* livetest_ask - the questions, by subject: see smtp/livetest/make.h */
#include <string.h>

#include "smtp/livetest/make.h"
#include "smtp/tls/parts.h"

static const char stranger_helo[] = "stranger.example";
/* a name that needs no DNS: reject_unknown_helo_hostname is content with it */
static const char literal_helo[] = "[198.51.100.7]";
static const struct str none = STR("");

static struct str text(const char *constant)
{
    return str_of(constant);
}

/* --- greeting and capabilities ------------------------------------------------------- */

void maker_ask_greetings(struct maker *maker)
{
    enum plan_tls first = maker->with_tls == PLAN_TLS_IMPLICIT ? PLAN_TLS_IMPLICIT : PLAN_TLS_NONE;
    struct plan_session *session = maker_session(maker, "banner", text("the greeting"), first, "");

    maker_say(maker, session, "QUIT");
    session = maker_session(maker, "capabilities", text("what EHLO offers"), first, stranger_helo);
    maker_say(maker, session, "QUIT");
    if (maker->with_tls == PLAN_TLS_STARTTLS) {
        session = maker_session(maker, "starttls", text("what EHLO offers behind STARTTLS"),
                                PLAN_TLS_STARTTLS, stranger_helo);
        maker_say(maker, session, "STARTTLS");
    }
    session = maker_session(maker, "capabilities", text("HELO, the old way"), first, "");
    maker_say(maker, session, "HELO %s", stranger_helo);
}

/* --- TLS ----------------------------------------------------------------------------- */

static void ask_protocols(struct maker *maker)
{
    static const char *const versions[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct str ask = arena_printf(maker->arena, "a client that speaks %s alone", versions[i]);
        struct plan_session *session =
            maker_session(maker, "protocol", ask, maker->with_tls, stranger_helo);
        session->min_protocol = session->max_protocol = text(versions[i]);
    }
}

/* ask_wrapper - what each kind of client gets on a port with TLS from the first byte, or not */
static void ask_wrapper(struct maker *maker)
{
    if (maker->with_tls == PLAN_TLS_IMPLICIT) {
        maker_session(maker, "implicit", text("a client in plain text, where TLS is expected"),
                      PLAN_TLS_NONE, stranger_helo);
        maker_session(maker, "implicit", text("a client that waits to say STARTTLS"),
                      PLAN_TLS_STARTTLS, stranger_helo);
    } else {
        maker_session(maker, "implicit", text("a client that begins with TLS"), PLAN_TLS_IMPLICIT,
                      stranger_helo);
    }
}

/* ask_login - AUTH before TLS has a password that is none; it must not matter */
static void ask_login(struct maker *maker)
{
    static const char wrong_password[] = "AUTH PLAIN AGxpdmV0ZXN0AHdyb25n";
    struct plan_session *session;

    if (maker->with_tls != PLAN_TLS_IMPLICIT) {
        session =
            maker_session(maker, "auth", text("AUTH without TLS"), PLAN_TLS_NONE, stranger_helo);
        maker_say(maker, session, "%s", wrong_password);
    }
    if (maker->with_tls != PLAN_TLS_NONE) {
        session = maker_session(maker, "auth", text("AUTH with a wrong password"), maker->with_tls,
                                stranger_helo);
        maker_say(maker, session, "%s", wrong_password);
        maker_say(maker, session, "AUTH NOSUCH");
        maker_say(maker, session, "AUTH PLAIN =");
        maker_say(maker, session, "AUTH");
    }
    for (int i = 0; i < 2; i++) {
        static const char *const mechanisms[] = {"PLAIN", "LOGIN"};
        struct str ask = arena_printf(maker->arena, "AUTH %s", mechanisms[i]);
        session = maker_session(maker, "auth", ask, maker->with_tls, stranger_helo);
        session->user = maker->plan->users[0].name;
        plan_add_step(session, maker->arena, PLAN_AUTH, text(mechanisms[i]));
        maker_say(maker, session, "AUTH PLAIN");
    }
}

void maker_ask_tls(struct maker *maker)
{
    ask_wrapper(maker);
    if (maker->with_tls == PLAN_TLS_STARTTLS && maker->usual != PLAN_TLS_NONE) {
        struct plan_session *session = maker_session(maker, "plaintext", text("mail without TLS"),
                                                     PLAN_TLS_NONE, stranger_helo);
        maker_say(maker, session, "MAIL FROM:<>");
        maker_say(maker, session, "VRFY postmaster");
        maker_say(maker, session, "RSET");
        maker_say(maker, session, "NOOP");
    }
    if (maker->with_tls != PLAN_TLS_NONE)
        ask_protocols(maker);
    ask_login(maker);
}

/* --- mail ---------------------------------------------------------------------------- */

/* try_envelope - one transaction up to RCPT, and back */
static void try_envelope(struct maker *maker, struct plan_session *session, const char *sender,
                         struct str recipient)
{
    maker_say(maker, session, "MAIL FROM:<%s>", sender);
    maker_say(maker, session, "RCPT TO:<%.*s>", STR_ARG(recipient));
    maker_say(maker, session, "RSET");
}

static struct str at_own(struct maker *maker, const char *local)
{
    return arena_printf(maker->arena, "%s@%.*s", local, STR_ARG(maker->own));
}

/* ask_relay - the ways in which strangers try it */
static void ask_relay(struct maker *maker)
{
    struct plan_session *session =
        maker_session(maker, "relay", text("a stranger may not relay"), maker->usual, literal_helo);

    try_envelope(maker, session, "", text("b@example.net"));
    try_envelope(maker, session, at_own(maker, "a").at, text("b@example.net"));
    try_envelope(maker, session, "a@example.org", text("b@example.net"));
    session = maker_session(maker, "relay", text("a stranger may not relay by tricks"),
                            maker->usual, literal_helo);
    try_envelope(maker, session, "", at_own(maker, "b%example.net"));
    try_envelope(maker, session, "", at_own(maker, "\"b@example.net\""));
    try_envelope(maker, session, "", at_own(maker, "example.net!b"));
    try_envelope(maker, session, "",
                 arena_printf(maker->arena, "@%.*s:b@example.net", STR_ARG(maker->own)));
    try_envelope(maker, session, "", text("b@[198.51.100.25]"));
    session = maker_session(maker, "relay", text("a stranger without a name in DNS"), maker->usual,
                            literal_helo);
    maker_client(session, stranger_address, none);
    try_envelope(maker, session, "", text("b@example.net"));
    try_envelope(maker, session, "", at_own(maker, "postmaster"));
}

/* ask_recipients - a domain of each class: one that is there, one that is not, and the duties */
static void ask_recipients(struct maker *maker)
{
    static const char *const locals[] = {"postmaster", "abuse", "no-such-user"};

    for (size_t i = 0; i < maker->domains.count; i++) {
        struct str domain = maker->domains.items[i];
        struct str ask = arena_printf(maker->arena, "mail of a stranger for %.*s", STR_ARG(domain));
        struct plan_session *session =
            maker_session(maker, "recipient", ask, maker->usual, literal_helo);
        for (size_t k = 0; k < sizeof locals / sizeof *locals; k++)
            try_envelope(maker, session, "",
                         arena_printf(maker->arena, "%s@%.*s", locals[k], STR_ARG(domain)));
        try_envelope(maker, session, "someone@example.org",
                     arena_printf(maker->arena, "postmaster@%.*s", STR_ARG(domain)));
    }
    for (size_t i = 0; i < maker->recipients.count; i++) {
        struct str recipient = maker->recipients.items[i];
        struct str ask =
            arena_printf(maker->arena, "mail of a stranger for %.*s", STR_ARG(recipient));
        try_envelope(maker, maker_session(maker, "recipient", ask, maker->usual, literal_helo), "",
                     recipient);
    }
    struct plan_session *session =
        maker_session(maker, "recipient", text("the bare postmaster"), maker->usual, literal_helo);
    try_envelope(maker, session, "", text("postmaster"));
    try_envelope(maker, session, "", text("no-such-user"));
}

/* deliver - the rest of a session that has its envelope */
static void deliver(struct maker *maker, struct plan_session *session, const char *sender,
                    struct str recipient)
{
    struct str message = arena_printf(maker->arena,
                                      "From: <%.*s>\nTo: <%.*s>\nSubject: postmend livetest\n"
                                      "Message-ID: <livetest.%zu@%.*s>\n\n.a line with a dot\n",
                                      STR_ARG(recipient), STR_ARG(recipient),
                                      maker->plan->session_count, STR_ARG(stranger_name));

    maker_say(maker, session, "MAIL FROM:<%s>", sender);
    maker_say(maker, session, "RCPT TO:<%.*s>", STR_ARG(recipient));
    maker_say(maker, session, "DATA");
    plan_add_step(session, maker->arena, PLAN_MESSAGE, message);
    maker_say(maker, session, "QUIT");
}

static void ask_deliveries(struct maker *maker)
{
    struct str recipient =
        maker->recipients.count > 0 ? maker->recipients.items[0] : at_own(maker, "postmaster");
    struct plan_session *session = maker_session(maker, "delivery", text("a message of a stranger"),
                                                 maker->usual, literal_helo);

    deliver(maker, session, "", recipient);
    if (maker->usual != maker->with_tls) {
        session = maker_session(maker, "delivery", text("a message of a stranger by TLS"),
                                maker->with_tls, literal_helo);
        deliver(maker, session, "", recipient);
    }
    session = maker_session(maker, "login", text("a user who logged in sends mail"),
                            maker->with_tls, literal_helo);
    session->user = maker->plan->users[0].name;
    plan_add_step(session, maker->arena, PLAN_AUTH, text("PLAIN"));
    deliver(maker, session, at_own(maker, "livetest").at, text("b@example.net"));
    session = maker_session(maker, "network", text("the machine itself sends mail"), maker->usual,
                            "localhost");
    maker_client(session, text("127.0.0.1"), text("localhost"));
    deliver(maker, session, at_own(maker, "root").at, text("b@example.net"));
    if (maker->neighbour.len == 0)
        return;
    session = maker_session(maker, "network", text("a client in mynetworks sends mail"),
                            maker->usual, literal_helo);
    maker_client(session, maker->neighbour, text("neighbour.example"));
    deliver(maker, session, at_own(maker, "a").at, text("b@example.net"));
}

static void ask_sizes(struct maker *maker)
{
    long limit = policy_number(maker->service, PARAM_MESSAGE_SIZE_LIMIT);
    struct plan_session *session =
        maker_session(maker, "size", text("messages by their size"), maker->usual, literal_helo);

    maker_say(maker, session, "MAIL FROM:<> SIZE=1000");
    maker_say(maker, session, "RSET");
    if (limit > 0)
        maker_say(maker, session, "MAIL FROM:<> SIZE=%ld", limit + 1);
    maker_say(maker, session, "RSET");
    maker_say(maker, session, "MAIL FROM:<> SIZE=x");
    maker_say(maker, session, "MAIL FROM:<> SIZE=99999999999999999999");
}

void maker_ask_mail(struct maker *maker)
{
    ask_relay(maker);
    ask_recipients(maker);
    ask_deliveries(maker);
    ask_sizes(maker);
}

/* --- HELO, senders, recipients and clients that the configuration speaks of ---------- */

static void ask_helo(struct maker *maker, struct str helo)
{
    struct str ask = arena_printf(maker->arena, "a client that says EHLO %.*s", STR_ARG(helo));
    struct plan_session *session =
        maker_session(maker, "helo", ask, maker->usual, arena_cstr(maker->arena, helo));

    try_envelope(maker, session, "", at_own(maker, "postmaster"));
}

static void ask_helos(struct maker *maker)
{
    static const char *const names[] = {"localhost",    "pc",          "bad_name!",
                                        "192.0.2.7",    "[192.0.2.7]", "stranger.example",
                                        "-bad-.example"};
    struct str hostname = policy_str(maker->service, PARAM_MYHOSTNAME);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ask_helo(maker, text(names[i]));
    if (hostname.len > 0)
        ask_helo(maker, hostname);
    ask_helo(maker, maker->own);
    for (size_t i = 0; i < maker->asked[SAMPLE_HELO].count; i++)
        ask_helo(maker, maker->asked[SAMPLE_HELO].items[i]);
    struct plan_session *session =
        maker_session(maker, "helo", text("a client that says no HELO"), maker->usual, "");
    if (maker->usual != PLAN_TLS_STARTTLS)
        try_envelope(maker, session, "", at_own(maker, "postmaster"));
}

static void ask_sender(struct maker *maker, const char *sender)
{
    struct str ask = arena_printf(maker->arena, "mail from <%s>", sender);
    struct plan_session *session = maker_session(maker, "sender", ask, maker->usual, literal_helo);

    try_envelope(maker, session, sender, at_own(maker, "postmaster"));
}

static void ask_clients(struct maker *maker)
{
    const struct sample_list *clients = &maker->asked[SAMPLE_CLIENT];

    for (size_t i = 0; i < clients->count; i++) {
        struct str word = clients->items[i];
        if (str_is_nocase(word, "unknown"))
            continue; /* is no name: a client without one is asked anyway */
        bool address =
            str_span(word, 0, "0123456789.") == word.len || str_find(word, ':', 0) < word.len;
        struct str ask = arena_printf(maker->arena, "a client known as %.*s", STR_ARG(word));
        struct plan_session *session =
            maker_session(maker, "client", ask, maker->usual, literal_helo);
        if (address)
            maker_client(session, word, stranger_name);
        else
            maker_client(session, stranger_address, word);
        try_envelope(maker, session, "", at_own(maker, "postmaster"));
        try_envelope(maker, session, "", text("b@example.net"));
    }
}

void maker_ask_access(struct maker *maker)
{
    static const char *const senders[] = {"someone@example.org", "someone", "someone@pc",
                                          "someone@no-such.invalid"};

    ask_helos(maker);
    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++)
        ask_sender(maker, senders[i]);
    ask_sender(maker, at_own(maker, "no-such-user").at);
    for (size_t i = 0; i < maker->asked[SAMPLE_SENDER].count; i++)
        ask_sender(maker, maker->asked[SAMPLE_SENDER].items[i].at);
    for (size_t i = 0; i < maker->asked[SAMPLE_RECIPIENT].count; i++) {
        struct str recipient = maker->asked[SAMPLE_RECIPIENT].items[i];
        struct str ask = arena_printf(maker->arena, "mail to <%.*s>", STR_ARG(recipient));
        try_envelope(maker, maker_session(maker, "recipient", ask, maker->usual, literal_helo), "",
                     recipient);
    }
    ask_clients(maker);
}

/* --- syntax -------------------------------------------------------------------------- */

/* ask_lines - less than ten errors a session: smtpd slows down behind them */
static void ask_lines(struct maker *maker, const char *ask, const char *const *lines)
{
    struct plan_session *session =
        maker_session(maker, "syntax", text(ask), maker->usual, literal_helo);

    for (size_t i = 0; lines[i] != NULL; i++)
        maker_say(maker, session, "%s", lines[i]);
}

static void ask_order(struct maker *maker)
{
    static const char *const early[] = {"RCPT TO:<postmaster>", "DATA",         "RSET", "NOOP",
                                        "MAIL FROM:<>",         "MAIL FROM:<>", "DATA", NULL};
    static const char *const vrfy[] = {"VRFY postmaster",  "VRFY",           "VRFY <a b>", "ETRN",
                                       "ETRN example.net", "ETRN bad_name!", NULL};
    static const char *const others[] = {"EXPN list", "HELP",   "FOO",        "",
                                         "NOOP x",    "RSET x", "STARTTLS x", NULL};
    static const char *const http[] = {"GET / HTTP/1.1", "NOOP", NULL};
    enum plan_tls first = maker->usual == PLAN_TLS_IMPLICIT ? PLAN_TLS_IMPLICIT : PLAN_TLS_NONE;

    ask_lines(maker, "commands out of their order", early);
    ask_lines(maker, "VRFY and ETRN", vrfy);
    ask_lines(maker, "other commands", others);
    ask_lines(maker, "a client that speaks HTTP", http);
    struct plan_session *session =
        maker_session(maker, "syntax", text("HELO without a name"), first, "");
    maker_say(maker, session, "HELO");
    maker_say(maker, session, "EHLO");
}

void maker_ask_syntax(struct maker *maker)
{
    static const char *const senders[] = {"MAIL",
                                          "MAIL FROM",
                                          "MAIL FROM:",
                                          "MAIL FROM:a b",
                                          "MAIL FROM:<a@b",
                                          "MAIL TO:<a@example.org>",
                                          NULL};
    static const char *const more_senders[] = {"MAIL FROM:<a..b@example.org>",
                                               "RSET",
                                               "MAIL FROM:<a@-example->",
                                               "RSET",
                                               "MAIL FROM:<@>",
                                               "RSET",
                                               "MAIL FROM:<> FOO=1",
                                               "MAIL FROM:<> BODY=9BITMIME",
                                               NULL};
    static const char *const recipients[] = {"MAIL FROM:<>",
                                             "RCPT",
                                             "RCPT TO:",
                                             "RCPT TO:<>",
                                             "RCPT TO:<a b>",
                                             "RCPT TO:<\"a b\"@example.net>",
                                             "RCPT TO:<@a:>",
                                             "RCPT TO:<a@example.net> FOO",
                                             "RCPT FROM:<a>",
                                             "RCPT TO:<a@b@example.net>",
                                             NULL};
    static const char *const good[] = {"MAIL FROM:<> BODY=8BITMIME",
                                       "RSET",
                                       "MAIL FROM:<> SMTPUTF8",
                                       "RSET",
                                       "MAIL FROM:<> RET=HDRS ENVID=x",
                                       "RSET",
                                       "mail from: <>",
                                       "rset",
                                       NULL};

    ask_lines(maker, "senders that are none", senders);
    ask_lines(maker, "strange senders", more_senders);
    ask_lines(maker, "recipients that are none", recipients);
    ask_lines(maker, "parameters of MAIL", good);
    ask_order(maker);
}
