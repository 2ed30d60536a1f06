#include "smtp/policy/cleanup.h"

#include "parser/text/token.h"
#include "smtp/address/find.h"

static const enum parameter_number sender_maps[] = {PARAM_SENDER_CANONICAL_MAPS,
                                                    PARAM_CANONICAL_MAPS, PARAM_SENDER_BCC_MAPS};
static const enum parameter_number recipient_maps[] = {
    PARAM_RECIPIENT_CANONICAL_MAPS, PARAM_CANONICAL_MAPS, PARAM_RECIPIENT_BCC_MAPS,
    PARAM_VIRTUAL_ALIAS_MAPS};

static bool has_option(const struct state *state, const char *wanted)
{
    struct str options = policy_str(state->service, PARAM_RECEIVE_OVERRIDE_OPTIONS);
    struct str option;

    while (token_next_plain(&options, TOKEN_COMMAS, &option))
        if (str_is_nocase(option, wanted))
            return true;
    return false;
}

/* can_map_address - does no table fail for ADDRESS? */
static bool can_map_address(struct state *view, struct str address,
                            const enum parameter_number *maps, size_t count)
{
    struct str rewritten = STR_NONE;

    for (size_t i = 0; i < count; i++) {
        const struct address_search search = {maps[i], KEYS_ADDRESS, QUESTION_TABLE, TABLE_FOLD};
        struct str list = policy_str(view->service, maps[i]);
        if (list.at != NULL && list.len == 0)
            continue;
        if (rewritten.at == NULL)
            rewritten = address_rewrite(view, address);
        if (address_find(view, &search, rewritten).status == LOOKUP_ERROR)
            return false;
    }
    return true;
}

/* can_check_content - do the tables of header_checks and body_checks work? */
static bool can_check_content(struct state *view, enum parameter_number parameter)
{
    struct str list = policy_str(view->service, parameter);
    struct str name;

    while (list.at != NULL && token_next(&list, TOKEN_COMMAS, &name)) {
        const struct table *table = table_open(view->service->policy->tables, name, TABLE_FOLD);
        if (table->status == LOOKUP_ERROR ||
            (table->status == LOOKUP_UNKNOWN && !state_table_works(view, name, parameter)))
            return false;
    }
    return true;
}

bool cleanup_accepts(struct state *state, const struct str *recipients, size_t count)
{
    struct state view = *state;

    view.service = policy_cleanup_of(state->service);
    if (!has_option(state, "no_header_body_checks") &&
        (!can_check_content(&view, PARAM_HEADER_CHECKS) ||
         !can_check_content(&view, PARAM_BODY_CHECKS)))
        return false;
    if (has_option(state, "no_address_mappings"))
        return true;
    if (state->sender.len > 0 && !can_map_address(&view, state->sender, sender_maps,
                                                  sizeof sender_maps / sizeof *sender_maps))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!can_map_address(&view, recipients[i], recipient_maps,
                             sizeof recipient_maps / sizeof *recipient_maps))
            return false;
    return true;
}
