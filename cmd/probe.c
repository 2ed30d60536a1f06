/* probe - checks a server, and says which setting is wrong */
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/probe_print.h"

static const char help[] =
    "usage: postmend probe [--port N] [--tls none|starttls|implicit] [--name NAME]\n"
    "                      [--ca-file FILE] [--platform P] [--format text|json] HOST\n"
    "\n"
    "Connects to the SMTP server on HOST (a name or an address), checks what it offers, its\n"
    "TLS and its certificates, and names the Postfix setting that is probably wrong.\n"
    "It sends no mail and no password.\n"
    "  --port N        default: 25, 587 and 465\n"
    "  --tls MODE      default: implicit on port 465, starttls elsewhere\n"
    "  --name NAME     the name that the certificate must have (default: HOST)\n"
    "  --ca-file FILE  the CAs to trust (default: those of OpenSSL)\n"
    "  --platform P    trust the CA bundle of that platform, if it is on this machine\n"
    "Exit status: 0 no problem found, 1 problems found, 2 wrong use.\n";

enum { PORT_RELAY = 25, PORT_SUBMISSION = 587, PORT_SUBMISSIONS = 465 };

/* --- one port ------------------------------------------------------------------------------- */

static void add_finding(struct probe_result *result, const char *kind, struct str what,
                        struct str advice)
{
    result->findings[result->count++] = (struct probe_finding){kind, what, advice};
}

/* find_own_name - for EHLO: the host name, else an address literal (RFC 5321, 4.1.3) */
static struct str find_own_name(struct arena *arena)
{
    char name[256] = "";

    if (gethostname(name, sizeof name - 1) != 0 || strchr(name, '.') == NULL)
        return str_of("[127.0.0.1]");
    return arena_copy(arena, str_of(name));
}

/* send_ehlo - the keywords, without the first line, which is the server's name; or STR_NONE */
static struct str send_ehlo(struct client *client, struct arena *arena)
{
    struct str name = find_own_name(arena);
    struct reply reply = client_command(client, arena_printf(arena, "EHLO %.*s", STR_ARG(name)));

    if (reply.code != 250)
        return STR_NONE;
    size_t first = str_find(reply.text, '\n', 0);
    return first < reply.text.len ? str_slice(reply.text, first + 1, reply.text.len) : str_of("");
}

static void hold_session(struct client *client, struct arena *arena, struct probe_result *result)
{
    if (client_failure(client) != CLIENT_GOOD)
        return;
    if (result->greeting.code != 220) {
        add_finding(result, "greeting",
                    arena_printf(arena, "the server rejects this client: %d %.*s",
                                 result->greeting.code, STR_ARG(result->greeting.text)),
                    str_of("smtpd_client_restrictions with smtpd_delay_reject = no, or postscreen, "
                           "rejects this client; see the server's log"));
        return;
    }
    if (result->tls != CLIENT_IMPLICIT)
        result->before = send_ehlo(client, arena);
    if (result->tls == CLIENT_STARTTLS && client_starttls(client).code != 220)
        return;
    if (result->tls != CLIENT_PLAIN)
        result->after = send_ehlo(client, arena);
    client_command(client, str_of("QUIT"));
}

static void judge_session(const struct client *client, struct probe_result *result)
{
    enum client_failure failure = client_failure(client);

    /* a server may close the connection at QUIT: by then everything is answered */
    bool answered =
        result->tls == CLIENT_PLAIN ? result->before.at != NULL : result->after.at != NULL;
    if (failure != CLIENT_GOOD && !answered)
        add_finding(result, client_failure_name(failure), client_detail(client),
                    client_advice(failure, result->tls, result->port));
    else if (!answered && result->count == 0)
        add_finding(result, "ehlo", str_of("EHLO is rejected"),
                    str_of("see smtpd_helo_restrictions and the server's log"));
    if (result->report.protocol.len > 0 && result->report.trust != TRUST_GOOD)
        add_finding(result, client_trust_name(result->report.trust), result->report.trust_detail,
                    client_trust_advice(result->report.trust));
    if (probe_keyword(result->before, "AUTH").at != NULL)
        add_finding(
            result, "auth-before-tls", str_of("AUTH is offered before TLS"),
            str_of("set smtpd_tls_auth_only = yes for this service; without it, passwords can be "
                   "sent unencrypted"));
}

static struct probe_result probe_port(struct arena *arena, const struct client_options *options,
                                      enum client_tls tls)
{
    struct probe_result result = {
        .port = options->port, .tls = tls, .before = STR_NONE, .after = STR_NONE};
    struct client *client = client_open(arena, options, tls);

    result.reachable = client_failure(client) != CLIENT_NO_CONNECTION;
    result.greeting = client_greeting(client);
    hold_session(client, arena, &result);
    result.report = *client_report(client);
    judge_session(client, &result);
    client_close(client);
    return result;
}

/* --- the command ------------------------------------------------------------------------------ */

/* parse_mode - false: not a mode */
static bool parse_mode(struct str text, int port, enum client_tls *mode)
{
    if (text.len == 0)
        *mode = port == PORT_SUBMISSIONS ? CLIENT_IMPLICIT : CLIENT_STARTTLS;
    else if (str_is(text, "none"))
        *mode = CLIENT_PLAIN;
    else if (str_is(text, "starttls"))
        *mode = CLIENT_STARTTLS;
    else if (str_is(text, "implicit"))
        *mode = CLIENT_IMPLICIT;
    else
        return false;
    return true;
}

/* trust_platform - its CA bundle, if this machine has it */
static bool trust_platform(struct arena *arena, const struct options *options,
                           struct client_options *asked)
{
    struct str error = STR_NONE;

    if (options->platform.len == 0 || options->ca_file.len > 0)
        return true;
    const struct platform *platform = platform_named(arena, options->platform, &error);
    if (platform == NULL) {
        complain("probe", "%.*s", STR_ARG(error));
        return false;
    }
    if (platform->ca_file.len > 0 && access(arena_cstr(arena, platform->ca_file), R_OK) == 0)
        asked->ca_file = platform->ca_file;
    else
        complain("probe", "the CA bundle of %.*s is not on this machine; using that of OpenSSL",
                 STR_ARG(platform->name));
    return true;
}

static int run_probe(struct arena *arena, struct options *options)
{
    static const int usual[] = {PORT_RELAY, PORT_SUBMISSION, PORT_SUBMISSIONS};
    struct probe_result results[sizeof usual / sizeof *usual];
    size_t count = options->port > 0 ? 1 : sizeof usual / sizeof *usual, wrong = 0;
    bool json = str_is(options->format, "json");
    enum client_tls mode;

    if (options->operand_count != 1) {
        complain("probe", "expected one host");
        return STATUS_WRONG_USE;
    }
    if (!parse_mode(options->tls_mode, PORT_RELAY, &mode)) {
        complain("probe", "--tls: invalid value \"%.*s\" (expected none, starttls or implicit)",
                 STR_ARG(options->tls_mode));
        return STATUS_WRONG_USE;
    }
    struct client_options asked = {
        .host = options->operands[0], .name = options->name, .ca_file = options->ca_file};
    if (!trust_platform(arena, options, &asked))
        return STATUS_WRONG_USE;
    for (size_t i = 0; i < count; i++) {
        asked.port = options->port > 0 ? options->port : usual[i];
        parse_mode(options->tls_mode, asked.port, &mode);
        results[i] = probe_port(arena, &asked, mode);
        wrong += results[i].count;
        if (!json)
            probe_print_text(arena, asked.host, &results[i]);
    }
    if (json)
        probe_print_json(arena, asked.host, results, count);
    else
        printf("%zu finding%s\n", wrong, wrong == 1 ? "" : "s");
    return wrong == 0 ? STATUS_GOOD : STATUS_FINDINGS;
}

const struct command command_probe = {
    .name = "probe",
    .summary = "check a running server and name the setting that is wrong",
    .help = help,
    .takes = TAKES_PROBE | TAKES_FORMAT,
    .run = run_probe,
};
