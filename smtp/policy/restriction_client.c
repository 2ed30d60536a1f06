/*
 * Restrictions on the client: its name, its address, its certificate, its login.
 */
#include "parser/text/token.h"
#include "smtp/policy/check_walk.h"
#include "smtp/policy/restriction.h"

/* forbid_permit - tables that a stranger's DNS chooses the key of may not permit */
enum check_status restriction_forbid_permit(struct check *check, enum check_status status)
{
    if (check->jumped || status != CHECK_OK || check->state->checks.discard)
        return status;
    check_why(check, "a result of OK is not allowed here");
    return check_server_error(check);
}

static enum check_status reject_unknown_client_hostname(struct check *check)
{
    struct state *state = check->state;

    check_client_name(check);
    if (state->client_name_status == NAME_OK)
        return CHECK_DUNNO;
    return check_reject(check, ERROR_POLICY,
                        state->client_name_status == NAME_TEMPORARY
                            ? 450
                            : check_code(check, "unknown_client_reject_code"),
                        check_has(check, "rfc7372-codes") ? "4.7.25" : "4.7.1",
                        "Client host rejected: cannot find your hostname, [%.*s]",
                        STR_ARG(state->client_address));
}

static enum check_status reject_unknown_reverse_client_hostname(struct check *check)
{
    struct state *state = check->state;

    check_client_name(check);
    if (state->reverse_client_name_status == NAME_OK)
        return CHECK_DUNNO;
    return check_reject(check, ERROR_POLICY,
                        state->reverse_client_name_status == NAME_PERMANENT
                            ? check_code(check, "unknown_client_reject_code")
                            : 450,
                        "4.7.1", "Client host rejected: cannot find your reverse hostname, [%.*s]",
                        STR_ARG(state->client_address));
}

static enum check_status permit_inet_interfaces(struct check *check)
{
    struct state *state = check->state;
    bool own = match_own_address(state, state->client_address);

    check_why(check, "%.*s is %s address of this machine", STR_ARG(state->client_address),
              own ? "an" : "no");
    return own ? CHECK_OK : CHECK_DUNNO;
}

enum check_status restriction_permit_mynetworks(struct check *check)
{
    struct state *state = check->state;
    struct str list = policy_str(state->service, "mynetworks");
    struct str address = state->client_address;

    /* with interfaces that we were not told, a client from elsewhere counts as a stranger */
    if (list.at == NULL && !str_starts(address, "127.") && !str_is(address, "::1"))
        return CHECK_DUNNO;
    enum match match = match_client(state, list, "mynetworks", state->client_name, address);
    if (list.at == NULL)
        list = (struct str)STR("the machine's own");
    check_why(check, "%.*s is %s mynetworks (%.*s)", STR_ARG(state->client_address),
              match == MATCH_YES ? "in" : "not in", STR_ARG(list));
    return match == MATCH_YES ? CHECK_OK : match == MATCH_ERROR ? CHECK_LOOKUP_ERROR : CHECK_DUNNO;
}

static enum check_status check_client_access(struct check *check)
{
    struct state *state = check->state;

    return access_check(check, ACCESS_CLIENT, state->client_name, state->client_address,
                        check_client(check), class_client);
}

static enum check_status check_reverse_client_hostname_access(struct check *check)
{
    struct state *state = check->state;
    struct str name = check_has(check, "reverse-name-in-replies") ? state->reverse_client_name
                                                                  : check_client(check);

    return restriction_forbid_permit(
        check, access_check(check, ACCESS_CLIENT, state->reverse_client_name, state->client_address,
                            name, class_reverse_client));
}

/* --- certificates and logins --------------------------------------------------------- */

enum check_status restriction_permit_certificates(struct check *check, bool all)
{
    const struct state_tls *tls = &check->state->tls;
    struct str list = policy_str(check->state->service, "relay_clientcerts");

    if (!tls->active || !tls->has_certificate) {
        check_why(check, "the client showed no certificate");
        return CHECK_DUNNO;
    }
    if (all && tls->certificate_trusted)
        return CHECK_OK;
    bool key_first = check_has(check, "raw-public-keys");
    struct str prints[] = {key_first ? tls->key_fingerprint : tls->fingerprint,
                           key_first ? tls->fingerprint : tls->key_fingerprint};
    for (size_t i = 0; i < 2; i++) {
        if (list.at == NULL || prints[i].len == 0)
            continue;
        struct lookup lookup = tables_find(check->state->service->policy->tables, check->arena,
                                           list, prints[i], TABLE_FOLD);
        if (lookup.status == LOOKUP_UNKNOWN) {
            struct str subject =
                arena_printf(check->arena, "%.*s %.*s", STR_ARG(list), STR_ARG(prints[i]));
            size_t answer =
                world_ask(check->state->world, QUESTION_TABLE, subject, answers_table, 3);
            lookup.status = answer == 0 ? LOOKUP_NONE : answer == 1 ? LOOKUP_FOUND : LOOKUP_ERROR;
        }
        if (lookup.status == LOOKUP_ERROR)
            return CHECK_LOOKUP_ERROR;
        if (lookup.status == LOOKUP_FOUND) {
            check->table_span = lookup.span;
            return CHECK_OK;
        }
    }
    check_why(check, "the certificate is not in relay_clientcerts");
    return CHECK_DUNNO;
}

static enum check_status permit_tls_clientcerts(struct check *check)
{
    return restriction_permit_certificates(check, false);
}

static enum check_status permit_tls_all_clientcerts(struct check *check)
{
    return restriction_permit_certificates(check, true);
}

static enum check_status check_ccert_access(struct check *check)
{
    const struct state_tls *tls = &check->state->tls;
    const struct check_word *word = check->argument;
    bool braces = word->text.at[0] == '{';

    if (word->map_search == NULL || (braces && !check_has(check, "braced-ccert-access")))
        return check_server_error(check);
    if (!tls->active || !tls->has_certificate) {
        check_why(check, "the client showed no certificate");
        return CHECK_DUNNO;
    }
    for (const enum certificate_key *key = word->search; *key != KEY_NONE; key++) {
        struct str print = *key == KEY_CERTIFICATE ? tls->fingerprint : tls->key_fingerprint;
        bool found;
        if (*key == KEY_OTHER)
            return check_reject(check, ERROR_SOFTWARE, 451, "4.3.5", "Server configuration error");
        if (print.len == 0)
            continue;
        enum check_status status =
            access_check_table(check, word->map_search, word->map_search->text, print,
                               tls->subject_cn, class_certificate, &found);
        if (check->jumped || status != CHECK_DUNNO)
            return status;
    }
    return CHECK_DUNNO;
}

static enum check_status permit_sasl_authenticated(struct check *check)
{
    const struct state *state = check->state;
    bool asked = check->lists->sasl_enabled || check_has(check, "xclient-login-permits");

    if (!asked || state->sasl_username.at == NULL ||
        (state->sasl_method.at != NULL && str_is_nocase(state->sasl_method, "anonymous"))) {
        check_why(check, "the client is not logged in");
        return CHECK_DUNNO;
    }
    check_why(check, "logged in as %.*s", STR_ARG(state->sasl_username));
    return CHECK_OK;
}

static enum check_status check_sasl_access(struct check *check)
{
    struct str user = check->state->sasl_username;

    if (!check->lists->sasl_enabled || user.at == NULL || user.len == 0)
        return CHECK_DUNNO;
    return access_check(check, ACCESS_EXACT, user, STR_NONE, user, class_login);
}

const struct builtin restrictions_client[] = {
    {"reject_unknown_client_hostname", ARGUMENT_NONE, reject_unknown_client_hostname},
    {"reject_unknown_client", ARGUMENT_NONE, reject_unknown_client_hostname},
    {"reject_unknown_reverse_client_hostname", ARGUMENT_NONE,
     reject_unknown_reverse_client_hostname},
    {"permit_inet_interfaces", ARGUMENT_NONE, permit_inet_interfaces},
    {"permit_mynetworks", ARGUMENT_NONE, restriction_permit_mynetworks},
    {"check_client_access", ARGUMENT_TABLE, check_client_access},
    {"check_reverse_client_hostname_access", ARGUMENT_TABLE, check_reverse_client_hostname_access},
    {"check_ccert_access", ARGUMENT_TABLE, check_ccert_access},
    {"check_sasl_access", ARGUMENT_TABLE, check_sasl_access},
    {"permit_sasl_authenticated", ARGUMENT_NONE, permit_sasl_authenticated},
    {"permit_tls_clientcerts", ARGUMENT_NONE, permit_tls_clientcerts},
    {"permit_tls_all_clientcerts", ARGUMENT_NONE, permit_tls_all_clientcerts},
    {NULL, ARGUMENT_NONE, NULL},
};
