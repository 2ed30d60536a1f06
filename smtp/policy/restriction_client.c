/*
 * restriction_client - restrictions on the client: name, address, certificate, login
 */
#include "parser/text/token.h"
#include "smtp/policy/restriction_builtin.h"
#include "smtp/policy/restriction_walk.h"

enum restriction_status restriction_forbid_permit(struct restriction_walk *walk,
                                                  enum restriction_status status)
{
    if (walk->jumped || status != RESTRICTION_OK || walk->state->checks.discard)
        return status;
    restriction_explain(walk, "the result OK is not allowed here");
    return restriction_server_error(walk);
}

static enum restriction_status reject_unknown_client_hostname(struct restriction_walk *walk)
{
    struct state *state = walk->state;

    restriction_resolve_client_name(walk);
    if (state->client_name_status == NAME_OK)
        return RESTRICTION_DUNNO;
    return restriction_reject(
        walk, ERROR_POLICY,
        state->client_name_status == NAME_TEMPORARY
            ? 450
            : restriction_code(walk, PARAM_UNKNOWN_CLIENT_REJECT_CODE),
        restriction_has_feature(walk, FEATURE_RFC7372_CODES) ? "4.7.25" : "4.7.1",
        "Client host rejected: cannot find your hostname, [%.*s]", STR_ARG(state->client_address));
}

static enum restriction_status reject_unknown_reverse_client_hostname(struct restriction_walk *walk)
{
    struct state *state = walk->state;

    restriction_resolve_client_name(walk);
    if (state->reverse_client_name_status == NAME_OK)
        return RESTRICTION_DUNNO;
    return restriction_reject(walk, ERROR_POLICY,
                              state->reverse_client_name_status == NAME_PERMANENT
                                  ? restriction_code(walk, PARAM_UNKNOWN_CLIENT_REJECT_CODE)
                                  : 450,
                              "4.7.1",
                              "Client host rejected: cannot find your reverse hostname, [%.*s]",
                              STR_ARG(state->client_address));
}

static enum restriction_status permit_inet_interfaces(struct restriction_walk *walk)
{
    struct state *state = walk->state;
    bool own = match_own_address(state, state->client_address);

    restriction_explain(walk, "%.*s is %s address of this host", STR_ARG(state->client_address),
                        own ? "an" : "not an");
    return own ? RESTRICTION_OK : RESTRICTION_DUNNO;
}

enum restriction_status restriction_permit_mynetworks(struct restriction_walk *walk)
{
    struct state *state = walk->state;
    struct str list = policy_str(state->service, PARAM_MYNETWORKS);
    struct str address = state->client_address;

    /* if the interfaces are not known, a client that is not local counts as a stranger */
    if (list.at == NULL && !network_is_loopback(address))
        return RESTRICTION_DUNNO;
    enum match match = match_client(state, list, PARAM_MYNETWORKS, state->client_name, address);
    if (list.at == NULL)
        list = (struct str)STR("the default");
    restriction_explain(walk, "%.*s is %s mynetworks (%.*s)", STR_ARG(state->client_address),
                        match == MATCH_YES ? "in" : "not in", STR_ARG(list));
    return match == MATCH_YES     ? RESTRICTION_OK
           : match == MATCH_ERROR ? RESTRICTION_LOOKUP_ERROR
                                  : RESTRICTION_DUNNO;
}

static enum restriction_status check_client_access(struct restriction_walk *walk)
{
    struct state *state = walk->state;

    return access_check(walk, ACCESS_CLIENT, state->client_name, state->client_address,
                        restriction_client(walk), class_client);
}

static enum restriction_status check_reverse_client_hostname_access(struct restriction_walk *walk)
{
    struct state *state = walk->state;
    struct str name = restriction_has_feature(walk, FEATURE_REVERSE_NAME_IN_REPLIES)
                          ? state->reverse_client_name
                          : restriction_client(walk);

    return restriction_forbid_permit(
        walk, access_check(walk, ACCESS_CLIENT, state->reverse_client_name, state->client_address,
                           name, class_reverse_client));
}

/* --- certificates and logins --------------------------------------------------------- */

enum restriction_status restriction_permit_certificates(struct restriction_walk *walk, bool all)
{
    const struct state_tls *tls = &walk->state->tls;
    struct str list = policy_str(walk->state->service, PARAM_RELAY_CLIENTCERTS);

    if (!tls->active || !tls->has_certificate) {
        restriction_explain(walk, "the client has no certificate");
        return RESTRICTION_DUNNO;
    }
    if (all && tls->certificate_trusted)
        return RESTRICTION_OK;
    bool key_first = restriction_has_feature(walk, FEATURE_RAW_PUBLIC_KEYS);
    struct str prints[] = {key_first ? tls->key_fingerprint : tls->fingerprint,
                           key_first ? tls->fingerprint : tls->key_fingerprint};
    for (size_t i = 0; i < 2; i++) {
        if (list.at == NULL || prints[i].len == 0)
            continue;
        struct lookup lookup = tables_find(walk->state->service->policy->tables, walk->arena, list,
                                           prints[i], TABLE_FOLD);
        lookup = state_assume(walk->state, lookup, list, prints[i]);
        if (lookup.status == LOOKUP_ERROR)
            return RESTRICTION_LOOKUP_ERROR;
        if (lookup.status == LOOKUP_FOUND) {
            walk->table_span = lookup.span;
            return RESTRICTION_OK;
        }
    }
    restriction_explain(walk, "the certificate is not in relay_clientcerts");
    return RESTRICTION_DUNNO;
}

static enum restriction_status permit_tls_clientcerts(struct restriction_walk *walk)
{
    return restriction_permit_certificates(walk, false);
}

static enum restriction_status permit_tls_all_clientcerts(struct restriction_walk *walk)
{
    return restriction_permit_certificates(walk, true);
}

static enum restriction_status check_ccert_access(struct restriction_walk *walk)
{
    const struct state_tls *tls = &walk->state->tls;
    const struct restriction_item *item = walk->argument;
    bool braces = item->text.at[0] == '{';

    if (item->map_search == NULL ||
        (braces && !restriction_has_feature(walk, FEATURE_BRACED_CCERT_ACCESS)))
        return restriction_server_error(walk);
    if (!tls->active || !tls->has_certificate) {
        restriction_explain(walk, "the client has no certificate");
        return RESTRICTION_DUNNO;
    }
    for (const enum certificate_key *key = item->search; *key != KEY_NONE; key++) {
        struct str print = *key == KEY_CERTIFICATE ? tls->fingerprint : tls->key_fingerprint;
        bool found;
        if (*key == KEY_OTHER)
            return restriction_reject(walk, ERROR_SOFTWARE, 451, "4.3.5",
                                      "Server configuration error");
        if (print.len == 0)
            continue;
        enum restriction_status status =
            access_check_table(walk, item->map_search, item->map_search->text, print,
                               tls->subject_cn, class_certificate, &found);
        if (walk->jumped || status != RESTRICTION_DUNNO)
            return status;
    }
    return RESTRICTION_DUNNO;
}

static enum restriction_status permit_sasl_authenticated(struct restriction_walk *walk)
{
    const struct state *state = walk->state;
    bool asked =
        walk->lists->sasl_enabled || restriction_has_feature(walk, FEATURE_XCLIENT_LOGIN_PERMITS);

    if (!asked || state->sasl_username.at == NULL ||
        (state->sasl_method.at != NULL && str_is_nocase(state->sasl_method, "anonymous"))) {
        restriction_explain(walk, "the client is not logged in");
        return RESTRICTION_DUNNO;
    }
    restriction_explain(walk, "logged in as %.*s", STR_ARG(state->sasl_username));
    return RESTRICTION_OK;
}

static enum restriction_status check_sasl_access(struct restriction_walk *walk)
{
    struct str user = walk->state->sasl_username;

    if (!walk->lists->sasl_enabled || user.at == NULL || user.len == 0)
        return RESTRICTION_DUNNO;
    return access_check(walk, ACCESS_EXACT, user, STR_NONE, user, class_login);
}

const struct restriction_builtin restrictions_client[] = {
    {"reject_unknown_client_hostname", reject_unknown_client_hostname},
    {"reject_unknown_client", reject_unknown_client_hostname},
    {"reject_unknown_reverse_client_hostname", reject_unknown_reverse_client_hostname},
    {"permit_inet_interfaces", permit_inet_interfaces},
    {"permit_mynetworks", restriction_permit_mynetworks},
    {"check_client_access", check_client_access},
    {"check_reverse_client_hostname_access", check_reverse_client_hostname_access},
    {"check_ccert_access", check_ccert_access},
    {"check_sasl_access", check_sasl_access},
    {"permit_sasl_authenticated", permit_sasl_authenticated},
    {"permit_tls_clientcerts", permit_tls_clientcerts},
    {"permit_tls_all_clientcerts", permit_tls_all_clientcerts},
    {NULL, NULL},
};
