/* broken - the table or file that cannot be opened, where smtpd answers that it has a local error
 */
#include "parser/text/token.h"
#include "smtp/address/match_list.h"
#include "smtp/verdict/judge.h"

static const struct str none = STR("");

static const enum parameter_number lists[] = {
    PARAM_MYNETWORKS,
    PARAM_MYDESTINATION,
    PARAM_VIRTUAL_ALIAS_DOMAINS,
    PARAM_VIRTUAL_MAILBOX_DOMAINS,
    PARAM_RELAY_DOMAINS,
    PARAM_SMTPD_SASL_EXCEPTIONS_NETWORKS,
    PARAM_SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS,
};

/* values with tables among other words */
static const enum parameter_number values[] = {
    PARAM_SMTPD_CLIENT_RESTRICTIONS,
    PARAM_SMTPD_HELO_RESTRICTIONS,
    PARAM_SMTPD_SENDER_RESTRICTIONS,
    PARAM_SMTPD_RELAY_RESTRICTIONS,
    PARAM_SMTPD_RECIPIENT_RESTRICTIONS,
    PARAM_SMTPD_DATA_RESTRICTIONS,
    PARAM_SMTPD_SENDER_LOGIN_MAPS,
    PARAM_SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS,
    PARAM_SMTPD_COMMAND_FILTER,
    PARAM_CANONICAL_MAPS,
    PARAM_RECIPIENT_CANONICAL_MAPS,
    PARAM_SENDER_CANONICAL_MAPS,
    PARAM_VIRTUAL_ALIAS_MAPS,
    PARAM_VIRTUAL_MAILBOX_MAPS,
    PARAM_LOCAL_RECIPIENT_MAPS,
    PARAM_RELAY_RECIPIENT_MAPS,
    PARAM_RELOCATED_MAPS,
    PARAM_TRANSPORT_MAPS,
};

/* may_fail - the users of the machine can always be asked */
static bool may_fail(const struct table *table, enum lookup_status status)
{
    return table->status == status &&
           (status == LOOKUP_ERROR || str_search(table->text, "unix:") == table->text.len);
}

/* in_list - the first item of a list that cannot be opened */
static struct str in_list(const struct judge *judge, const struct policy_service *service,
                          enum parameter_number parameter, enum lookup_status status)
{
    struct str text = policy_str(service, parameter);
    struct world world;
    struct state state;

    if (text.at == NULL)
        return none;
    world_init(&world, judge->arena, judge->input->assumptions);
    state_init(&state, service, judge->arena, &world);
    const struct match_list *list = match_list_read(&state, parameter);
    for (size_t i = 0; i < list->count; i++) {
        const struct match_item *item = &list->items[i];
        if ((item->kind == MATCH_ITEM_BROKEN && item->text.len > 0 && status == LOOKUP_ERROR) ||
            (item->kind == MATCH_ITEM_TABLE && may_fail(item->table, status)))
            return item->text;
    }
    return none;
}

static struct str in_value(const struct policy_service *service, enum parameter_number parameter,
                           enum lookup_status status)
{
    struct str rest = policy_str(service, parameter);
    struct str word;

    while (rest.at != NULL && token_next(&rest, TOKEN_COMMAS, &word)) {
        size_t colon = str_find(word, ':', 0);
        if (colon < word.len && facts_table_type(str_slice(word, 0, colon)) != NULL &&
            may_fail(table_open(service->policy->tables, word, TABLE_FOLD), status))
            return word;
    }
    return none;
}

struct str judge_broken_table(const struct judge *judge, const struct policy_service *service)
{
    /* what cannot be read, and else what another program has to answer */
    static const enum lookup_status order[] = {LOOKUP_ERROR, LOOKUP_UNKNOWN};
    struct str found = none;

    for (size_t k = 0; k < 2 && found.len == 0; k++) {
        for (size_t i = 0; i < sizeof lists / sizeof *lists && found.len == 0; i++)
            found = in_list(judge, service, lists[i], order[k]);
        for (size_t i = 0; i < sizeof values / sizeof *values && found.len == 0; i++)
            found = in_value(service, values[i], order[k]);
    }
    return found;
}
