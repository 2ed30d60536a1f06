/*
 * Restrictions that ask lists in DNS (DNSBL, RHSBL, DNSWL).
 */
#include <string.h>

#include "parser/text/token.h"
#include "smtp/policy/check_walk.h"
#include "smtp/policy/restriction.h"

static const char *const answers_list[] = {"none", "listed", "fail"};

static bool is_unknown(struct str name)
{
    return str_is_nocase(name, "unknown");
}

/* zone_name - "zone.example=127.0.0.[2..4]" without its pattern */
static struct str zone_name(struct str zone)
{
    return str_slice(zone, 0, str_find(zone, '=', 0));
}

static struct str ask(struct check *check, struct str what, struct str zone)
{
    struct str subject = arena_printf(check->arena, "%.*s at %.*s", STR_ARG(what), STR_ARG(zone));

    return str_of(check_ask(check, QUESTION_DNSBL, subject, answers_list, 3));
}

/* asked_domain - of an address or a host name; STR_NONE where smtpd asks for none */
static struct str asked_domain(struct str what)
{
    struct str domain = check_domain(what);

    if (domain.at == NULL)
        domain = what;
    else if (domain.len > 0 && domain.at[0] == '[')
        return STR_NONE;
    const char *dot = domain.len == 0 ? NULL : memrchr(domain.at, '.', domain.len);
    struct str last =
        dot == NULL ? domain : str_slice(domain, (size_t)(dot - domain.at) + 1, domain.len);
    return domain.len == 0 || str_is_digits(last) || !restriction_valid_hostname(domain, true)
               ? STR_NONE
               : domain;
}

/* --- the reply ----------------------------------------------------------------------- */

struct reply_names {
    struct check *check;
    struct str zone, what;
    const char *reply_class;
};

/* address_value - $sender, $sender_name, $sender_domain; SUFFIX is what follows "sender" */
static bool address_value(struct str address, struct str suffix, struct str *value)
{
    struct str domain = check_domain(address);

    if (str_is(suffix, "_domain"))
        *value = domain.at == NULL ? str_of("") : domain;
    else if (str_is(suffix, "_name"))
        *value = domain.at == NULL ? address
                                   : str_slice(address, 0, (size_t)(domain.at - address.at) - 1);
    else if (suffix.len == 0)
        *value = address;
    else
        return false;
    if (address.at != NULL && address.len == 0 && !str_is(suffix, "_domain"))
        *value = str_of("<>");
    if (value->at == NULL)
        *value = str_of("");
    return true;
}

static enum expand_found find_name(void *context, struct str name, struct str *value)
{
    const struct reply_names *names = context;
    struct check *check = names->check;
    const struct state *state = check->state;

    if (str_is(name, "rbl_code"))
        *value = arena_printf(check->arena, "%d", check_code(check, "maps_rbl_reject_code"));
    else if (str_is(name, "rbl_domain"))
        *value = zone_name(names->zone);
    else if (str_is(name, "rbl_reason") || str_is(name, "rbl_txt"))
        *value = str_of("");
    else if (str_is(name, "rbl_what"))
        *value = names->what;
    else if (str_is(name, "rbl_class"))
        *value = str_of(names->reply_class);
    else if (str_is(name, "server_name"))
        *value = policy_str(state->service, "myhostname");
    else if (str_is(name, "client"))
        *value = check_client(check);
    else if (str_is(name, "client_address"))
        *value = state->client_address;
    else if (str_is(name, "client_name"))
        *value = state->client_name;
    else if (str_is(name, "client_port"))
        *value = state->client_port;
    else if (str_is(name, "reverse_client_name"))
        *value = state->reverse_client_name;
    else if (str_is(name, "helo_name"))
        *value = state->helo.at == NULL ? str_of("") : state->helo;
    else if (str_starts(name, "sender"))
        return address_value(state->sender, str_slice(name, 6, name.len), value) ? EXPAND_RAW_TEXT
                                                                                 : EXPAND_UNDEFINED;
    else if (str_starts(name, "recipient"))
        return address_value(check->recipient, str_slice(name, 9, name.len), value)
                   ? EXPAND_RAW_TEXT
                   : EXPAND_UNDEFINED;
    else
        return EXPAND_UNDEFINED;
    if (value->at == NULL)
        *value = str_of("");
    return EXPAND_RAW_TEXT;
}

/* template_of - rbl_reply_maps, else default_rbl_reply; STR_NONE where the walk was left */
static struct str template_of(struct check *check, struct str zone)
{
    const struct policy_service *service = check->state->service;
    struct str maps = policy_str(service, "rbl_reply_maps"), name = zone_name(zone);
    struct lookup lookup = {.status = LOOKUP_NONE};

    if (maps.at != NULL && maps.len > 0)
        lookup = tables_find(service->policy->tables, check->arena, maps, zone, TABLE_FOLD);
    if (maps.len > 0 && lookup.status == LOOKUP_NONE && name.len < zone.len &&
        check_has(check, "rbl-reply-by-zone"))
        lookup = tables_find(service->policy->tables, check->arena, maps, name, TABLE_FOLD);
    if (lookup.status == LOOKUP_ERROR) {
        check_server_error(check);
        return STR_NONE;
    }
    if (lookup.status == LOOKUP_FOUND)
        return lookup.value;
    /* its $name are those of the session, not parameters */
    return config_find(service->policy->config, service->service, str_of("default_rbl_reply"))
        .value;
}

static enum check_status reject_listed(struct check *check, struct str zone, struct str what,
                                       const char *reply_class)
{
    struct reply_names names = {check, zone, what, reply_class};
    const struct expand_names expand_names = {find_name, &names,
                                              check->state->service->policy->config->release, NULL};
    struct str template = template_of(check, zone);
    struct buffer out;

    if (check->jumped)
        return check->left;
    buffer_init(&out, check->arena);
    if (template.at != NULL)
        expand(&expand_names, template, &out, NULL);
    struct str text = buffer_str(&out);
    if (text.len < 4 || (text.at[0] != '4' && text.at[0] != '5') || text.at[3] != ' ' ||
        !str_is_digits(str_slice(text, 0, 3)))
        return check_reject(check, ERROR_POLICY, 450, "4.7.1", "Service unavailable");
    int code = (text.at[0] - '0') * 100 + (text.at[1] - '0') * 10 + (text.at[2] - '0');
    text = str_slice(text, 4, text.len);
    const char *enhanced = check_enhanced(check, "4.7.1", &text, reply_class);
    if (text.len == 0)
        text = str_of("Service unavailable");
    return check_reject(check, ERROR_POLICY, code, enhanced, "%.*s", STR_ARG(text));
}

/* --- restrictions -------------------------------------------------------------------- */

static enum check_status reject_address(struct check *check, struct str zone)
{
    struct str address = check->state->client_address;

    if (!str_is(ask(check, address, zone), "listed"))
        return CHECK_DUNNO;
    return reject_listed(check, zone, address, class_client);
}

static enum check_status reject_domain(struct check *check, struct str what,
                                       const char *reply_class)
{
    struct str domain = asked_domain(what), zone = check->argument->text;

    if (domain.at == NULL || !str_is(ask(check, domain, zone), "listed"))
        return CHECK_DUNNO;
    return reject_listed(check, zone, what, reply_class);
}

static enum check_status reject_rbl_client(struct check *check)
{
    return reject_address(check, check->argument->text);
}

/* reject_maps_rbl - the zones of maps_rbl_domains; gone since a release */
static enum check_status reject_maps_rbl(struct check *check)
{
    struct str rest = policy_str(check->state->service, "maps_rbl_domains"), zone;
    enum check_status status = CHECK_DUNNO;

    if (restriction_is_gone(check, "reject_maps_rbl"))
        return check_server_error(check);
    while (rest.at != NULL && status == CHECK_DUNNO && token_next_plain(&rest, TOKEN_COMMAS, &zone))
        status = reject_address(check, zone);
    return status;
}

static enum check_status reject_rhsbl_client(struct check *check)
{
    struct str name = check->state->client_name;

    return is_unknown(name) ? CHECK_DUNNO : reject_domain(check, name, class_client);
}

static enum check_status reject_rhsbl_reverse_client(struct check *check)
{
    struct str name = check->state->reverse_client_name;

    return is_unknown(name) ? CHECK_DUNNO : reject_domain(check, name, class_reverse_client);
}

static enum check_status reject_rhsbl_helo(struct check *check)
{
    struct str name = check->state->helo;

    return name.at == NULL ? CHECK_DUNNO : reject_domain(check, name, class_helo);
}

static enum check_status reject_rhsbl_sender(struct check *check)
{
    struct str name = check->state->sender;

    return name.len == 0 ? CHECK_DUNNO : reject_domain(check, name, class_sender);
}

static enum check_status reject_rhsbl_recipient(struct check *check)
{
    struct str name = check->recipient;

    return name.at == NULL ? CHECK_DUNNO : reject_domain(check, name, class_recipient);
}

/* permit_listed - nobody may relay because he is on such a list */
static enum check_status permit_listed(struct check *check, struct str what, struct str asked)
{
    if (check->stage == STAGE_RCPT && check->recipient.at != NULL) {
        enum check_status status = restriction_authorized(check);
        if (check->jumped || status != CHECK_OK)
            return check->jumped ? status : CHECK_DUNNO;
    }
    if (asked.at == NULL)
        return CHECK_DUNNO;
    struct str answer = ask(check, asked, check->argument->text);
    if (str_is(answer, "fail"))
        return check_defer_if_reject(check, 450, "4.7.1",
                                     "<%.*s>: %s rejected: Service unavailable", STR_ARG(what),
                                     class_client);
    return str_is(answer, "listed") ? CHECK_OK : CHECK_DUNNO;
}

static enum check_status permit_dnswl_client(struct check *check)
{
    return permit_listed(check, check->state->client_address, check->state->client_address);
}

static enum check_status permit_rhswl_client(struct check *check)
{
    struct str name = check->state->client_name;

    return is_unknown(name) ? CHECK_DUNNO : permit_listed(check, name, asked_domain(name));
}

const struct builtin restrictions_dnsbl[] = {
    {"reject_rbl_client", ARGUMENT_DOMAIN, reject_rbl_client},
    {"reject_rbl", ARGUMENT_DOMAIN, reject_rbl_client},
    {"reject_maps_rbl", ARGUMENT_NONE, reject_maps_rbl},
    {"reject_rhsbl_client", ARGUMENT_DOMAIN, reject_rhsbl_client},
    {"reject_rhsbl_reverse_client", ARGUMENT_DOMAIN, reject_rhsbl_reverse_client},
    {"reject_rhsbl_helo", ARGUMENT_DOMAIN, reject_rhsbl_helo},
    {"reject_rhsbl_sender", ARGUMENT_DOMAIN, reject_rhsbl_sender},
    {"reject_rhsbl_recipient", ARGUMENT_DOMAIN, reject_rhsbl_recipient},
    {"permit_dnswl_client", ARGUMENT_DOMAIN, permit_dnswl_client},
    {"permit_rhswl_client", ARGUMENT_DOMAIN, permit_rhswl_client},
    {NULL, ARGUMENT_NONE, NULL},
};
