/* remote_login - as whom smtp(8) logs in at a destination (smtp_sasl_glue.c, xsasl) */
#include "parser/text/token.h"
#include "smtp/address/match.h"
#include "smtp/delivery/remote_parts.h"

/* --- mechanisms --------------------------------------------------------------------------------
 */

/* find_exclusion - the option that excludes PLAIN and LOGIN; STR_NONE: none does */
static struct str find_exclusion(struct str options)
{
    static const char *const names[] = {"noplaintext", "mutual_auth", "forward_secrecy"};
    struct str option;

    while (token_next_plain(&options, TOKEN_COMMAS, &option))
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (str_is_nocase(option, names[i]))
                return option;
    return STR_NONE;
}

/* note_mechanisms - servers of providers have PLAIN and LOGIN alone */
static void note_mechanisms(struct remote_work *work, struct remote_hop *hop)
{
    struct client_parameter plain = CLIENT_PARAMETER(SASL_SECURITY_OPTIONS);
    struct client_parameter tls = hop->is_verified
                                      ? CLIENT_PARAMETER(SASL_TLS_VERIFIED_SECURITY_OPTIONS)
                                      : CLIENT_PARAMETER(SASL_TLS_SECURITY_OPTIONS);
    struct str without = find_exclusion(client_str(work, plain));
    struct str within = find_exclusion(client_str(work, tls));
    struct str filter = client_str(work, CLIENT_PARAMETER(SASL_MECHANISM_FILTER));

    hop->plain_with_tls = within.at == NULL;
    hop->plain_without_tls = without.at == NULL;
    if (within.at != NULL && hop->tls != REMOTE_PLAIN)
        remote_note(work,
                    "%.*s has %.*s%s, which forbids PLAIN and LOGIN inside TLS too: a server "
                    "with no other mechanisms gets no mail (4.7.0 no mechanism available)",
                    STR_ARG(parameter_name(client_number(work, tls))), STR_ARG(within),
                    config_find(work->state->service->policy->config, work->state->service->service,
                                client_number(work, tls))
                                .line == NULL
                        ? " by default"
                        : "");
    else if (without.at != NULL && (hop->tls == REMOTE_PLAIN || hop->tls == REMOTE_OPPORTUNISTIC))
        remote_note(work,
                    "without TLS, %.*s in %.*s forbids PLAIN and LOGIN: a server with no "
                    "other mechanisms gets no mail",
                    STR_ARG(without), STR_ARG(parameter_name(client_number(work, plain))));
    else if (hop->tls == REMOTE_PLAIN || hop->tls == REMOTE_OPPORTUNISTIC)
        remote_note(work, "the password is sent unencrypted %s",
                    hop->tls == REMOTE_PLAIN ? "at each login"
                                             : "to a server that does not offer TLS");
    if (filter.len > 0 && match_string(work->state, filter, str_of("PLAIN")) != MATCH_YES &&
        match_string(work->state, filter, str_of("LOGIN")) != MATCH_YES)
        remote_note(work, "smtp_sasl_mechanism_filter leaves out PLAIN and LOGIN");
}

/* --- the password map --------------------------------------------------------------------------
 */

/* take_found - the login in a result; STR_NONE: the table cannot be read */
static void take_found(struct remote_work *work, struct remote_hop *hop, struct str key,
                       const struct address_found *found)
{
    struct str delimiter = client_str(work, CLIENT_PARAMETER(SASL_PASSWORD_RESULT_DELIMITER));
    char at = delimiter.len > 0 ? delimiter.at[0] : ':';

    hop->key = key;
    hop->user = found->value.at == NULL ? STR_NONE
                                        : str_slice(found->value, 0, str_find(found->value, at, 0));
}

static struct address_found find_by_sender(struct remote_work *work)
{
    const struct address_search search = {PARAM_SMTP_SASL_PASSWORD_MAPS, KEYS_ADDRESS,
                                          QUESTION_TABLE, TABLE_FOLD};
    struct address_found found = address_find(work->state, &search, work->sender);

    remote_step(work, search.parameter,
                arena_printf(work->arena, "%.*s: %s", STR_ARG(work->sender),
                             found.status == LOOKUP_FOUND ? "found" : "not found"),
                found.span);
    return found;
}

/* find_password - asks for the sender, the host, the next hop, in this order; true: found, or the
   table does not work */
static bool find_password(struct remote_work *work, struct remote_hop *hop,
                          struct address_found *found, struct str *key)
{
    if (!work->lmtp && work->sender.len > 0 &&
        policy_flag(work->state->service, PARAM_SMTP_SENDER_DEPENDENT_AUTHENTICATION)) {
        *key = work->sender;
        *found = find_by_sender(work);
        if (found->status != LOOKUP_NONE)
            return true;
    }
    *key = hop->host;
    if (hop->is_socket)
        *key = policy_str(work->state->service, PARAM_MYHOSTNAME);
    if (!hop->has_mx) {
        *found = client_find(work, CLIENT_PARAMETER(SASL_PASSWORD_MAPS), *key);
        if (found->status != LOOKUP_NONE)
            return true;
    }
    *key = hop->text;
    *found = client_find(work, CLIENT_PARAMETER(SASL_PASSWORD_MAPS), *key);
    return found->status != LOOKUP_NONE;
}

void remote_set_login(struct remote_work *work, struct remote_hop *hop)
{
    struct client_parameter maps = CLIENT_PARAMETER(SASL_PASSWORD_MAPS);
    struct address_found found;
    struct str key;

    hop->user = str_of("");
    if (!client_flag(work, CLIENT_PARAMETER(SASL_AUTH_ENABLE)) && client_str(work, maps).len > 0)
        remote_note(
            work, "no login: %.*s is set, and %.*s is no",
            STR_ARG(parameter_name(client_number(work, maps))),
            STR_ARG(parameter_name(client_number(work, CLIENT_PARAMETER(SASL_AUTH_ENABLE)))));
    if (!client_flag(work, CLIENT_PARAMETER(SASL_AUTH_ENABLE)) || hop->tls == REMOTE_FAILS)
        return;
    if (!find_password(work, hop, &found, &key)) {
        if (hop->has_mx)
            remote_note(work,
                        "%.*s is asked first for the name of the server, which the MX "
                        "records of %.*s have",
                        STR_ARG(parameter_name(client_number(work, maps))), STR_ARG(hop->host));
        else
            remote_note(work, "no login: %.*s has neither %.*s nor %.*s",
                        STR_ARG(parameter_name(client_number(work, maps))), STR_ARG(hop->host),
                        STR_ARG(hop->text));
        return;
    }
    if (found.status == LOOKUP_ERROR) {
        hop->tls = REMOTE_FAILS;
        hop->tls_text = arena_printf(work->arena, "%.*s does not work",
                                     STR_ARG(parameter_name(client_number(work, maps))));
        return;
    }
    take_found(work, hop, key, &found);
    note_mechanisms(work, hop);
}
