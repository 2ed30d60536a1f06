/*
 * restriction_dnsbl - restrictions that look up DNS lists (DNSBL, RHSBL, DNSWL)
 */
#include <string.h>

#include "parser/text/hostname.h"
#include "parser/text/token.h"
#include "parser/value/pattern.h"
#include "smtp/policy/restriction_builtin.h"
#include "smtp/policy/restriction_walk.h"

static const char *const answers_list[] = {"none", "listed", "fail"};

static bool is_unknown(struct str name)
{
    return str_is_nocase(name, "unknown");
}

/* strip_pattern - "zone.example=127.0.0.[2..4]" without its pattern */
static struct str strip_pattern(struct str zone)
{
    return str_slice(zone, 0, str_find(zone, '=', 0));
}

const char *restriction_pattern_fault(struct str zone)
{
    size_t equals = str_find(zone, '=', 0);

    return equals == zone.len ? NULL : address_pattern_fault(str_slice(zone, equals + 1, zone.len));
}

/* exits_for - smtpd reads the pattern of a zone when it asks the zone, and exits if it is invalid
 */
static bool exits_for(struct restriction_walk *walk, struct str zone)
{
    const char *fault = restriction_pattern_fault(zone);

    if (fault == NULL)
        return false;
    restriction_explain(walk, "smtpd exits: the pattern of %.*s %s", STR_ARG(zone), fault);
    restriction_exit(walk);
    return true;
}

static struct str ask_zone(struct restriction_walk *walk, struct str what, struct str zone)
{
    struct str subject = arena_printf(walk->arena, "%.*s at %.*s", STR_ARG(what), STR_ARG(zone));

    return str_of(restriction_ask(walk, QUESTION_DNSBL, subject, answers_list, 3));
}

/* find_domain - of an address or a host name; STR_NONE: smtpd looks up nothing */
static struct str find_domain(struct str what)
{
    struct str domain = restriction_domain(what);

    if (domain.at == NULL)
        domain = what;
    else if (domain.len > 0 && domain.at[0] == '[')
        return STR_NONE;
    const char *dot = domain.len == 0 ? NULL : memrchr(domain.at, '.', domain.len);
    struct str last =
        dot == NULL ? domain : str_slice(domain, (size_t)(dot - domain.at) + 1, domain.len);
    return domain.len == 0 || str_is_digits(last) || hostname_fault(domain, true) != NULL ? STR_NONE
                                                                                          : domain;
}

/* --- the reply ----------------------------------------------------------------------- */

struct reply_names {
    struct restriction_walk *walk;
    struct str zone, what;
    const char *reply_class;
};

/* address_value - $sender, $sender_name, $sender_domain; SUFFIX is what follows "sender" */
static bool address_value(struct str address, struct str suffix, struct str *value)
{
    struct str domain = restriction_domain(address);

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

static enum expand_found find_attribute(void *context, struct str name, struct str *value)
{
    const struct reply_names *names = context;
    struct restriction_walk *walk = names->walk;
    const struct state *state = walk->state;

    if (str_is(name, "rbl_code"))
        *value =
            arena_printf(walk->arena, "%d", restriction_code(walk, PARAM_MAPS_RBL_REJECT_CODE));
    else if (str_is(name, "rbl_domain"))
        *value = strip_pattern(names->zone);
    else if (str_is(name, "rbl_reason") || str_is(name, "rbl_txt"))
        *value = str_of("");
    else if (str_is(name, "rbl_what"))
        *value = names->what;
    else if (str_is(name, "rbl_class"))
        *value = str_of(names->reply_class);
    else if (str_is(name, "server_name"))
        *value = policy_str(state->service, PARAM_MYHOSTNAME);
    else if (str_is(name, "client"))
        *value = restriction_client(walk);
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
        return address_value(walk->recipient, str_slice(name, 9, name.len), value)
                   ? EXPAND_RAW_TEXT
                   : EXPAND_UNDEFINED;
    else
        return EXPAND_UNDEFINED;
    if (value->at == NULL)
        *value = str_of("");
    return EXPAND_RAW_TEXT;
}

/* find_template - in rbl_reply_maps, or default_rbl_reply; STR_NONE if the evaluation ended */
static struct str find_template(struct restriction_walk *walk, struct str zone)
{
    const struct policy_service *service = walk->state->service;
    struct str maps = policy_str(service, PARAM_RBL_REPLY_MAPS), name = strip_pattern(zone);
    struct lookup lookup = {.status = LOOKUP_NONE};

    if (maps.at != NULL && maps.len > 0)
        lookup = tables_find(service->policy->tables, walk->arena, maps, zone, TABLE_FOLD);
    if (maps.len > 0 && lookup.status == LOOKUP_NONE && name.len < zone.len &&
        restriction_has_feature(walk, FEATURE_RBL_REPLY_BY_ZONE))
        lookup = tables_find(service->policy->tables, walk->arena, maps, name, TABLE_FOLD);
    if (lookup.status == LOOKUP_ERROR ||
        (lookup.status == LOOKUP_UNKNOWN &&
         !state_table_works(walk->state, maps, PARAM_RBL_REPLY_MAPS))) {
        restriction_server_error(walk);
        return STR_NONE;
    }
    if (lookup.status == LOOKUP_FOUND)
        return lookup.value;
    /* not expanded: its $name are attributes of the session, not parameters */
    return config_find(service->policy->config, service->service, PARAM_DEFAULT_RBL_REPLY).value;
}

static enum restriction_status reject_listed(struct restriction_walk *walk, struct str zone,
                                             struct str what, const char *reply_class)
{
    struct reply_names names = {walk, zone, what, reply_class};
    const struct expand_names expand_names = {find_attribute, &names,
                                              walk->state->service->policy->config->release, NULL};
    struct str template = find_template(walk, zone);
    struct buffer out;

    if (walk->jumped)
        return walk->left;
    buffer_init(&out, walk->arena);
    if (template.at != NULL)
        expand(&expand_names, template, &out, NULL);
    struct str text = buffer_str(&out);
    if (text.len < 4 || (text.at[0] != '4' && text.at[0] != '5') || text.at[3] != ' ' ||
        !str_is_digits(str_slice(text, 0, 3)))
        return restriction_reject(walk, ERROR_POLICY, 450, "4.7.1", "Service unavailable");
    int code = (text.at[0] - '0') * 100 + (text.at[1] - '0') * 10 + (text.at[2] - '0');
    text = str_slice(text, 4, text.len);
    const char *enhanced = restriction_enhanced_code(walk, "4.7.1", &text, reply_class);
    if (text.len == 0)
        text = str_of("Service unavailable");
    return restriction_reject(walk, ERROR_POLICY, code, enhanced, "%.*s", STR_ARG(text));
}

/* --- restrictions -------------------------------------------------------------------- */

static enum restriction_status reject_address(struct restriction_walk *walk, struct str zone)
{
    struct str address = walk->state->client_address;

    if (exits_for(walk, zone))
        return walk->left;
    if (!str_is(ask_zone(walk, address, zone), "listed"))
        return RESTRICTION_DUNNO;
    return reject_listed(walk, zone, address, class_client);
}

static enum restriction_status reject_domain(struct restriction_walk *walk, struct str what,
                                             const char *reply_class)
{
    struct str domain = find_domain(what), zone = walk->argument->text;

    if (domain.at != NULL && exits_for(walk, zone))
        return walk->left;
    if (domain.at == NULL || !str_is(ask_zone(walk, domain, zone), "listed"))
        return RESTRICTION_DUNNO;
    return reject_listed(walk, zone, what, reply_class);
}

static enum restriction_status reject_rbl_client(struct restriction_walk *walk)
{
    return reject_address(walk, walk->argument->text);
}

/* reject_maps_rbl - the zones of maps_rbl_domains; removed in a later release */
static enum restriction_status reject_maps_rbl(struct restriction_walk *walk)
{
    struct str rest = policy_str(walk->state->service, PARAM_MAPS_RBL_DOMAINS), zone;
    enum restriction_status status = RESTRICTION_DUNNO;

    if (restriction_is_gone(walk, "reject_maps_rbl"))
        return restriction_server_error(walk);
    while (rest.at != NULL && status == RESTRICTION_DUNNO &&
           token_next_plain(&rest, TOKEN_COMMAS, &zone))
        status = reject_address(walk, zone);
    return status;
}

static enum restriction_status reject_rhsbl_client(struct restriction_walk *walk)
{
    struct str name = walk->state->client_name;

    return is_unknown(name) ? RESTRICTION_DUNNO : reject_domain(walk, name, class_client);
}

static enum restriction_status reject_rhsbl_reverse_client(struct restriction_walk *walk)
{
    struct str name = walk->state->reverse_client_name;

    return is_unknown(name) ? RESTRICTION_DUNNO : reject_domain(walk, name, class_reverse_client);
}

static enum restriction_status reject_rhsbl_helo(struct restriction_walk *walk)
{
    struct str name = walk->state->helo;

    return name.at == NULL ? RESTRICTION_DUNNO : reject_domain(walk, name, class_helo);
}

static enum restriction_status reject_rhsbl_sender(struct restriction_walk *walk)
{
    struct str name = walk->state->sender;

    return name.len == 0 ? RESTRICTION_DUNNO : reject_domain(walk, name, class_sender);
}

static enum restriction_status reject_rhsbl_recipient(struct restriction_walk *walk)
{
    struct str name = walk->recipient;

    return name.at == NULL ? RESTRICTION_DUNNO : reject_domain(walk, name, class_recipient);
}

/* permit_listed - only for recipients to which anyone may send */
static enum restriction_status permit_listed(struct restriction_walk *walk, struct str what,
                                             struct str asked)
{
    if (walk->stage == STAGE_RCPT && walk->recipient.at != NULL) {
        enum restriction_status status = restriction_authorized(walk);
        if (walk->jumped || status != RESTRICTION_OK)
            return walk->jumped ? status : RESTRICTION_DUNNO;
    }
    if (asked.at == NULL)
        return RESTRICTION_DUNNO;
    if (exits_for(walk, walk->argument->text))
        return walk->left;
    struct str answer = ask_zone(walk, asked, walk->argument->text);
    if (str_is(answer, "fail"))
        return restriction_defer_if_reject(walk, 450, "4.7.1",
                                           "<%.*s>: %s rejected: Service unavailable",
                                           STR_ARG(what), class_client);
    return str_is(answer, "listed") ? RESTRICTION_OK : RESTRICTION_DUNNO;
}

static enum restriction_status permit_dnswl_client(struct restriction_walk *walk)
{
    return permit_listed(walk, walk->state->client_address, walk->state->client_address);
}

static enum restriction_status permit_rhswl_client(struct restriction_walk *walk)
{
    struct str name = walk->state->client_name;

    return is_unknown(name) ? RESTRICTION_DUNNO : permit_listed(walk, name, find_domain(name));
}

const struct restriction_builtin restrictions_dnsbl[] = {
    {"reject_rbl_client", reject_rbl_client},
    {"reject_rbl", reject_rbl_client},
    {"reject_maps_rbl", reject_maps_rbl},
    {"reject_rhsbl_client", reject_rhsbl_client},
    {"reject_rhsbl_reverse_client", reject_rhsbl_reverse_client},
    {"reject_rhsbl_helo", reject_rhsbl_helo},
    {"reject_rhsbl_sender", reject_rhsbl_sender},
    {"reject_rhsbl_recipient", reject_rhsbl_recipient},
    {"permit_dnswl_client", permit_dnswl_client},
    {"permit_rhswl_client", permit_rhswl_client},
    {NULL, NULL},
};
