/* certificates - is the configured one valid, and for the server's name? */
#include "smtp/tls/parts.h"
#include "smtp/verdict/judge.h"

enum { SOON = 14 }; /* days */

static const struct str none = STR("");

/* describe_validity - what is wrong with it; empty: nothing */
static struct str describe_validity(const struct judge *judge, const struct verdict_port *port,
                                    const struct tls_validity *validity, struct str name,
                                    enum verdict_state *state)
{
    *state = judge_is_for_users(port) ? VERDICT_FAIL : VERDICT_WARN;
    if (!validity->begun)
        return str_of("the certificate on $p is not valid yet");
    if (validity->days < 0)
        return str_of("the certificate on $p has expired");
    *state = VERDICT_WARN;
    if (validity->days < SOON)
        return arena_printf(judge->arena, "the certificate on $p expires in %ld days",
                            validity->days);
    if (!validity->names_host)
        return arena_printf(judge->arena, "the certificate on $p does not name %.*s",
                            STR_ARG(name));
    return none;
}

static void judge_certificate(struct judge *judge, const struct verdict_port *port)
{
    struct str name = policy_str(port->policy, PARAM_MYHOSTNAME);
    struct tls_validity validity;
    struct note note = {.kind = "certificate", .subject = none, .port = port};
    enum tls_loaded loaded = tls_read_validity(judge->arena, port->policy, name, &validity);

    if (loaded == TLS_UNUSABLE)
        return; /* TLS does not work, which is said already */
    if (loaded == TLS_ABSENT) {
        note.state = VERDICT_UNKNOWN;
        note.text = str_of("whether the certificate is valid: it is not among the files");
        note.port = NULL;
    } else {
        note.text = describe_validity(judge, port, &validity, name, &note.state);
        note.place = judge_place(judge, port, PARAM_SMTPD_TLS_CERT_FILE);
        if (note.text.len == 0)
            note = (struct note){.kind = "certificate",
                                 .state = VERDICT_OK,
                                 .text = arena_printf(judge->arena,
                                                      "the certificate on $p is valid for %.*s",
                                                      STR_ARG(name)),
                                 .subject = none,
                                 .port = port};
    }
    judge_note(judge, &note);
}

void judge_certificates(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        const struct verdict_port *port = &judge->ports[i];
        if (port->policy != NULL && port->outside && port->role != PORT_OTHER &&
            tls_offered(port->policy) && tls_names_certificate(port->policy))
            judge_certificate(judge, port);
    }
}
