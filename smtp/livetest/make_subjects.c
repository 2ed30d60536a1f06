/* make_subjects - the sessions of a plan, by subject: see smtp/livetest/make.h */
#include <string.h>

#include "smtp/livetest/make.h"
#include "smtp/start/start.h"
#include "smtp/tls/parts.h"

static const char stranger_helo[] = "stranger.example";
static const struct str none = STR("");
const char livetest_unknown_user[] = "no-such-user";

/* maker_literal - for EHLO; it needs no DNS: reject_unknown_helo_hostname accepts it */
static const char *maker_literal(struct maker *maker)
{
    return arena_printf(maker->arena, "[%.*s]", STR_ARG(maker->stranger)).at;
}

/* --- greeting and capabilities ------------------------------------------------------- */

void maker_add_greetings(struct maker *maker)
{
    enum plan_tls first = maker->with_tls == PLAN_TLS_IMPLICIT ? PLAN_TLS_IMPLICIT : PLAN_TLS_NONE;
    struct plan_session *session =
        maker_add_session(maker, "banner", str_of("the greeting"), first, "");

    maker_add_command(maker, session, "QUIT");
    session =
        maker_add_session(maker, "capabilities", str_of("what EHLO offers"), first, stranger_helo);
    maker_add_command(maker, session, "QUIT");
    if (maker->with_tls == PLAN_TLS_STARTTLS) {
        session = maker_add_session(maker, "starttls", str_of("what EHLO offers after STARTTLS"),
                                    PLAN_TLS_STARTTLS, stranger_helo);
        maker_add_command(maker, session, "STARTTLS");
    }
    session = maker_add_session(maker, "capabilities", str_of("HELO instead of EHLO"), first, "");
    maker_add_command(maker, session, "HELO %s", stranger_helo);
}

/* --- TLS ----------------------------------------------------------------------------- */

static void add_protocols(struct maker *maker)
{
    static const char *const versions[] = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct str ask = arena_printf(maker->arena, "a client that supports only %s", versions[i]);
        struct plan_session *session =
            maker_add_session(maker, "protocol", ask, maker->with_tls, stranger_helo);
        session->min_protocol = session->max_protocol = str_of(versions[i]);
    }
}

/* add_wrapper_mode - clients that use TLS differently from the port */
static void add_wrapper_mode(struct maker *maker)
{
    if (maker->with_tls == PLAN_TLS_IMPLICIT) {
        maker_add_session(maker, "implicit", str_of("a plaintext client where TLS is expected"),
                          PLAN_TLS_NONE, stranger_helo);
        maker_add_session(maker, "implicit", str_of("a client that waits for STARTTLS"),
                          PLAN_TLS_STARTTLS, stranger_helo);
    } else {
        maker_add_session(maker, "implicit", str_of("a client that starts with TLS"),
                          PLAN_TLS_IMPLICIT, stranger_helo);
    }
}

/* add_logins - AUTH without TLS has a wrong password, so that no secret is sent */
static void add_logins(struct maker *maker)
{
    static const char wrong_password[] = "AUTH PLAIN AGxpdmV0ZXN0AHdyb25n";
    struct plan_session *session;

    if (maker->with_tls != PLAN_TLS_IMPLICIT) {
        session = maker_add_session(maker, "auth", str_of("AUTH without TLS"), PLAN_TLS_NONE,
                                    stranger_helo);
        maker_add_command(maker, session, "%s", wrong_password);
    }
    if (maker->with_tls != PLAN_TLS_NONE) {
        session = maker_add_session(maker, "auth", str_of("AUTH with a wrong password"),
                                    maker->with_tls, stranger_helo);
        maker_add_command(maker, session, "%s", wrong_password);
        maker_add_command(maker, session, "AUTH NOSUCH");
        maker_add_command(maker, session, "AUTH PLAIN =");
        maker_add_command(maker, session, "AUTH");
    }
    for (int i = 0; i < 2; i++) {
        static const char *const mechanisms[] = {"PLAIN", "LOGIN"};
        struct str ask = arena_printf(maker->arena, "AUTH %s", mechanisms[i]);
        session = maker_add_session(maker, "auth", ask, maker->with_tls, stranger_helo);
        session->user = maker->plan->users[0].name;
        plan_add_step(session, maker->arena, PLAN_AUTH, str_of(mechanisms[i]));
        maker_add_command(maker, session, "AUTH PLAIN");
    }
}

void maker_add_tls(struct maker *maker)
{
    add_wrapper_mode(maker);
    if (maker->with_tls == PLAN_TLS_STARTTLS && maker->usual != PLAN_TLS_NONE) {
        struct plan_session *session = maker_add_session(
            maker, "plaintext", str_of("mail without TLS"), PLAN_TLS_NONE, stranger_helo);
        maker_add_command(maker, session, "MAIL FROM:<>");
        maker_add_command(maker, session, "VRFY postmaster");
        maker_add_command(maker, session, "RSET");
        maker_add_command(maker, session, "NOOP");
    }
    if (maker->with_tls != PLAN_TLS_NONE)
        add_protocols(maker);
    add_logins(maker);
}

/* --- mail ---------------------------------------------------------------------------- */

/* add_envelope - a transaction up to RCPT, and RSET */
static void add_envelope(struct maker *maker, struct plan_session *session, const char *sender,
                         struct str recipient)
{
    maker_add_command(maker, session, "MAIL FROM:<%s>", sender);
    maker_add_command(maker, session, "RCPT TO:<%.*s>", STR_ARG(recipient));
    maker_add_command(maker, session, "RSET");
}

static struct str make_own_address(struct maker *maker, const char *local)
{
    return arena_printf(maker->arena, "%s@%.*s", local, STR_ARG(maker->own));
}

/* add_relay - attempts of a stranger to relay */
static void add_relay(struct maker *maker)
{
    struct plan_session *session = maker_add_session(
        maker, "relay", str_of("a stranger may not relay"), maker->usual, maker_literal(maker));

    add_envelope(maker, session, "", str_of("b@example.net"));
    add_envelope(maker, session, make_own_address(maker, "a").at, str_of("b@example.net"));
    add_envelope(maker, session, "a@example.org", str_of("b@example.net"));
    session = maker_add_session(maker, "relay", str_of("a stranger may not relay by tricks"),
                                maker->usual, maker_literal(maker));
    add_envelope(maker, session, "", make_own_address(maker, "b%example.net"));
    add_envelope(maker, session, "", make_own_address(maker, "\"b@example.net\""));
    add_envelope(maker, session, "", make_own_address(maker, "example.net!b"));
    add_envelope(maker, session, "",
                 arena_printf(maker->arena, "@%.*s:b@example.net", STR_ARG(maker->own)));
    add_envelope(maker, session, "", str_of("b@[198.51.100.25]"));
    session = maker_add_session(maker, "relay", str_of("a stranger without a name in DNS"),
                                maker->usual, maker_literal(maker));
    maker_set_client(session, maker->stranger, none);
    add_envelope(maker, session, "", str_of("b@example.net"));
    add_envelope(maker, session, "", make_own_address(maker, "postmaster"));
}

/* add_domain - existing, unknown and required addresses, and a bounce */
static void add_domain(struct maker *maker, struct str domain)
{
    static const char *const locals[] = {"postmaster", "abuse", livetest_unknown_user};
    struct str ask = arena_printf(maker->arena, "mail from a stranger to %.*s", STR_ARG(domain));
    struct plan_session *session =
        maker_add_session(maker, "domain", ask, maker->usual, maker_literal(maker));
    struct str known = maker_find_recipient(maker, domain);

    if (known.len > 0)
        add_envelope(maker, session, "someone@example.org", known);
    for (size_t k = 0; k < sizeof locals / sizeof *locals; k++)
        add_envelope(maker, session, "someone@example.org",
                     arena_printf(maker->arena, "%s@%.*s", locals[k], STR_ARG(domain)));
    add_envelope(maker, session, "",
                 known.len > 0 ? known
                               : arena_printf(maker->arena, "postmaster@%.*s", STR_ARG(domain)));
}

/* add_recipients - in each domain, and those of tables */
static void add_recipients(struct maker *maker)
{
    for (size_t i = 0; i < maker->domains.count; i++)
        add_domain(maker, maker->domains.items[i]);
    for (size_t i = 0; i < maker->recipients.count; i++) {
        struct str recipient = maker->recipients.items[i];
        struct str ask =
            arena_printf(maker->arena, "mail from a stranger to %.*s", STR_ARG(recipient));
        add_envelope(maker,
                     maker_add_session(maker, "recipient", ask, maker->usual, maker_literal(maker)),
                     "", recipient);
    }
    struct plan_session *session =
        maker_add_session(maker, "recipient", str_of("postmaster without a domain"), maker->usual,
                          maker_literal(maker));
    add_envelope(maker, session, "", str_of("postmaster"));
    add_envelope(maker, session, "", str_of("no-such-user"));
}

/* add_message - a transaction with a message */
static void add_message(struct maker *maker, struct plan_session *session, const char *sender,
                        struct str recipient)
{
    struct str message = arena_printf(maker->arena,
                                      "From: <%.*s>\nTo: <%.*s>\nSubject: postmend livetest\n"
                                      "Message-ID: <livetest.%zu@%.*s>\n\n.a line with a dot\n",
                                      STR_ARG(recipient), STR_ARG(recipient),
                                      maker->plan->session_count, STR_ARG(stranger_name));

    maker_add_command(maker, session, "MAIL FROM:<%s>", sender);
    maker_add_command(maker, session, "RCPT TO:<%.*s>", STR_ARG(recipient));
    maker_add_command(maker, session, "DATA");
    plan_add_step(session, maker->arena, PLAN_MESSAGE, message);
    maker_add_command(maker, session, "QUIT");
}

/* add_programs - a user of each mail program: only what it says in EHLO differs */
static void add_programs(struct maker *maker, struct str user, struct str sender)
{
    size_t count;
    const struct mail_program *programs = facts_mail_programs(&count);

    for (size_t i = 0; i < count; i++) {
        struct plan_session *session =
            maker_add_session(maker, "program", programs[i].name, maker->with_tls,
                              arena_cstr(maker->arena, programs[i].helo));
        session->user = user;
        plan_add_step(session, maker->arena, PLAN_AUTH, str_of("PLAIN"));
        add_envelope(maker, session, sender.at, str_of("b@example.net"));
    }
}

/* add_users - who log in and send, as the owner of their sender's address */
static void add_users(struct maker *maker)
{
    struct str user = maker->plan->users[0].name;
    struct str sender = maker_find_sender(maker, &user);
    struct plan_session *session =
        maker_add_session(maker, "login", str_of("an authenticated user sends mail"),
                          maker->with_tls, maker_literal(maker));

    session->user = user;
    plan_add_step(session, maker->arena, PLAN_AUTH, str_of("PLAIN"));
    add_message(maker, session, sender.at, str_of("b@example.net"));
    if (maker->service->port == SUBMISSION_PORT || maker->service->port == SUBMISSIONS_PORT)
        add_programs(maker, user, sender);
}

/* add_several - two recipients in one transaction; smtpd counts an address twice */
static void add_several(struct maker *maker, struct str recipient)
{
    struct plan_session *session =
        maker_add_session(maker, "recipients", str_of("a message for two recipients"), maker->usual,
                          maker_literal(maker));

    maker_add_command(maker, session, "MAIL FROM:<someone@example.org>");
    for (int i = 0; i < 2; i++)
        maker_add_command(maker, session, "RCPT TO:<%.*s>", STR_ARG(recipient));
    maker_add_command(maker, session, "RSET");
}

/* an address reserved for documentation, by RFC 3849 */
static const struct str stranger6_address = STR("2001:db8::7");

static void add_ipv6(struct maker *maker, struct str recipient)
{
    struct plan_session *session =
        maker_add_session(maker, "ipv6", str_of("a stranger with an IPv6 address"), maker->usual,
                          "[IPv6:2001:db8::7]");

    maker_set_client(session, stranger6_address, stranger_name);
    add_envelope(maker, session, "someone@example.org", recipient);
}

/* find_recipient - that exists, as far as the files tell */
static struct str find_recipient(struct maker *maker)
{
    for (size_t i = 0; i < maker->domains.count; i++) {
        struct str found = maker_find_recipient(maker, maker->domains.items[i]);
        if (found.len > 0)
            return found;
    }
    return maker->recipients.count > 0 ? maker->recipients.items[0]
                                       : make_own_address(maker, "postmaster");
}

static void add_deliveries(struct maker *maker)
{
    struct str recipient = find_recipient(maker), why;
    struct plan_session *session = maker_add_session(
        maker, "delivery", str_of("a message from a stranger"), maker->usual, maker_literal(maker));

    add_message(maker, session, "", recipient);
    if (maker->usual != maker->with_tls) {
        session = maker_add_session(maker, "delivery", str_of("a message from a stranger with TLS"),
                                    maker->with_tls, maker_literal(maker));
        add_message(maker, session, "", recipient);
    }
    add_several(maker, recipient);
    if (start_reaches(maker->service, stranger6_address, &why))
        add_ipv6(maker, recipient);
    add_users(maker);
    session = maker_add_session(maker, "network", str_of("the host itself sends mail"),
                                maker->usual, "[127.0.0.1]");
    maker_set_client(session, str_of("127.0.0.1"), str_of("localhost"));
    add_message(maker, session, make_own_address(maker, "root").at, str_of("b@example.net"));
    if (maker->neighbour.len == 0)
        return;
    session = maker_add_session(maker, "network", str_of("a client in mynetworks sends mail"),
                                maker->usual, maker_literal(maker));
    maker_set_client(session, maker->neighbour, str_of("neighbour.example"));
    add_message(maker, session, make_own_address(maker, "a").at, str_of("b@example.net"));
}

static void add_sizes(struct maker *maker)
{
    long limit = policy_number(maker->service, PARAM_MESSAGE_SIZE_LIMIT);
    struct plan_session *session = maker_add_session(maker, "size", str_of("message sizes"),
                                                     maker->usual, maker_literal(maker));

    maker_add_command(maker, session, "MAIL FROM:<> SIZE=1000");
    maker_add_command(maker, session, "RSET");
    if (limit > 0)
        maker_add_command(maker, session, "MAIL FROM:<> SIZE=%ld", limit + 1);
    maker_add_command(maker, session, "RSET");
    maker_add_command(maker, session, "MAIL FROM:<> SIZE=x");
    maker_add_command(maker, session, "MAIL FROM:<> SIZE=99999999999999999999");
}

void maker_add_mail(struct maker *maker)
{
    add_relay(maker);
    add_recipients(maker);
    add_deliveries(maker);
    add_sizes(maker);
}

/* --- HELO, senders, recipients and clients from the configuration -------------------- */

static void add_helo(struct maker *maker, struct str helo)
{
    struct str ask = arena_printf(maker->arena, "a client with EHLO %.*s", STR_ARG(helo));
    struct plan_session *session =
        maker_add_session(maker, "helo", ask, maker->usual, arena_cstr(maker->arena, helo));

    add_envelope(maker, session, "", make_own_address(maker, "postmaster"));
}

static void add_helos(struct maker *maker)
{
    static const char *const names[] = {"localhost",    "pc",          "bad_name!",
                                        "192.0.2.7",    "[192.0.2.7]", "stranger.example",
                                        "-bad-.example"};
    struct str hostname = policy_str(maker->service, PARAM_MYHOSTNAME);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        add_helo(maker, str_of(names[i]));
    if (hostname.len > 0)
        add_helo(maker, hostname);
    add_helo(maker, maker->own);
    for (size_t i = 0; i < maker->samples[SAMPLE_HELO].count; i++)
        add_helo(maker, maker->samples[SAMPLE_HELO].items[i]);
    struct plan_session *session =
        maker_add_session(maker, "helo", str_of("a client without HELO"), maker->usual, "");
    if (maker->usual != PLAN_TLS_STARTTLS)
        add_envelope(maker, session, "", make_own_address(maker, "postmaster"));
}

static void add_sender(struct maker *maker, const char *sender)
{
    struct str ask = arena_printf(maker->arena, "mail from <%s>", sender);
    struct plan_session *session =
        maker_add_session(maker, "sender", ask, maker->usual, maker_literal(maker));

    add_envelope(maker, session, sender, make_own_address(maker, "postmaster"));
}

static void add_clients(struct maker *maker)
{
    const struct sample_list *clients = &maker->samples[SAMPLE_CLIENT];

    for (size_t i = 0; i < clients->count; i++) {
        struct str word = clients->items[i];
        if (str_is_nocase(word, "unknown"))
            continue; /* a client without a name is tested anyway */
        bool address =
            str_span(word, 0, "0123456789.") == word.len || str_find(word, ':', 0) < word.len;
        struct str ask = arena_printf(maker->arena, "a client known as %.*s", STR_ARG(word));
        struct plan_session *session =
            maker_add_session(maker, "client", ask, maker->usual, maker_literal(maker));
        if (address)
            maker_set_client(session, word, stranger_name);
        else
            maker_set_client(session, maker->stranger, word);
        add_envelope(maker, session, "", make_own_address(maker, "postmaster"));
        add_envelope(maker, session, "", str_of("b@example.net"));
    }
}

void maker_add_access(struct maker *maker)
{
    static const char *const senders[] = {"someone@example.org", "someone", "someone@pc",
                                          "someone@no-such.invalid"};

    add_helos(maker);
    for (size_t i = 0; i < sizeof senders / sizeof *senders; i++)
        add_sender(maker, senders[i]);
    add_sender(maker, make_own_address(maker, "no-such-user").at);
    for (size_t i = 0; i < maker->samples[SAMPLE_SENDER].count; i++)
        add_sender(maker, maker->samples[SAMPLE_SENDER].items[i].at);
    for (size_t i = 0; i < maker->samples[SAMPLE_RECIPIENT].count; i++) {
        struct str recipient = maker->samples[SAMPLE_RECIPIENT].items[i];
        struct str ask = arena_printf(maker->arena, "mail to <%.*s>", STR_ARG(recipient));
        add_envelope(maker,
                     maker_add_session(maker, "recipient", ask, maker->usual, maker_literal(maker)),
                     "", recipient);
    }
    add_clients(maker);
}

/* --- syntax -------------------------------------------------------------------------- */

/* add_lines - with fewer than ten errors, after which smtpd delays its replies */
static void add_lines(struct maker *maker, const char *ask, const char *const *lines)
{
    struct plan_session *session =
        maker_add_session(maker, "syntax", str_of(ask), maker->usual, maker_literal(maker));

    for (size_t i = 0; lines[i] != NULL; i++)
        maker_add_command(maker, session, "%s", lines[i]);
}

static void add_command_order(struct maker *maker)
{
    static const char *const early[] = {"RCPT TO:<postmaster>", "DATA",         "RSET", "NOOP",
                                        "MAIL FROM:<>",         "MAIL FROM:<>", "DATA", NULL};
    static const char *const vrfy[] = {"VRFY postmaster",  "VRFY",           "VRFY <a b>", "ETRN",
                                       "ETRN example.net", "ETRN bad_name!", NULL};
    static const char *const others[] = {"EXPN list", "HELP",   "FOO",        "",
                                         "NOOP x",    "RSET x", "STARTTLS x", NULL};
    static const char *const http[] = {"GET / HTTP/1.1", "NOOP", NULL};
    enum plan_tls first = maker->usual == PLAN_TLS_IMPLICIT ? PLAN_TLS_IMPLICIT : PLAN_TLS_NONE;

    add_lines(maker, "commands out of order", early);
    add_lines(maker, "VRFY and ETRN", vrfy);
    add_lines(maker, "other commands", others);
    add_lines(maker, "an HTTP client", http);
    struct plan_session *session =
        maker_add_session(maker, "syntax", str_of("HELO without a name"), first, "");
    maker_add_command(maker, session, "HELO");
    maker_add_command(maker, session, "EHLO");
}

void maker_add_syntax(struct maker *maker)
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

    add_lines(maker, "invalid senders", senders);
    add_lines(maker, "unusual senders", more_senders);
    add_lines(maker, "invalid recipients", recipients);
    add_lines(maker, "parameters of MAIL", good);
    add_command_order(maker);
}
