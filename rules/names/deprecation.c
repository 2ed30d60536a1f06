#include "rules/names/deprecation.h"

#include "parser/postfix/names.h"

bool deprecation_removed(const struct config *config, const struct deprecation *deprecation)
{
    return deprecation->removed_in >= 0 && deprecation->removed_in <= config->release->index;
}

static bool has_parameter(const struct config *config, struct str name)
{
    const struct parameter *parameter = facts_parameter(name);

    return parameter != NULL && platform_has(config->platform, parameter);
}

bool deprecation_applies(const struct config *config, const struct deprecation *deprecation)
{
    switch (deprecation->kind) {
    case DEPRECATION_RENAME:
    case DEPRECATION_POLICY_TABLE:
    case DEPRECATION_DNS_LEVEL:
        return has_parameter(config, deprecation->target);
    case DEPRECATION_DROP:
    case DEPRECATION_TLS_LEVEL:
        return has_parameter(config, deprecation->name);
    case DEPRECATION_RESTRICTION:
        return true;
    }
    return false;
}

struct str deprecation_advice(struct arena *arena, const struct deprecation *deprecation)
{
    struct str advice = deprecation->advice;

    if (str_ends(advice, "."))
        advice.len--;
    if (advice.len == 0 || advice.at[0] < 'A' || advice.at[0] > 'Z')
        return advice;
    return arena_printf(arena, "%c%.*s", advice.at[0] - 'A' + 'a',
                        STR_ARG(str_slice(advice, 1, advice.len)));
}

/* --- renames ------------------------------------------------------------------------------- */

/* is_set_for - do the files set NAME where WRITTEN is set? */
static bool is_set_for(const struct config *config, const struct written *written, struct str name)
{
    if (written->service != NULL && service_override_named(written->service, name) != NULL)
        return true;
    return main_cf_get(&config->main_cf, name) != NULL;
}

/* can_edit_references - may the references to the old name be edited too? */
static bool can_edit_references(const struct config *config, const struct written *written)
{
    for (size_t i = 0; i < config->names->count; i++) {
        const struct reference *reference = &config->names->references[i];
        struct str owner, value;
        if (!str_eq(reference->name, written->name))
            continue;
        /* the values of main.cf do not see a service's own value */
        if (written->service != NULL && main_cf_get(&config->main_cf, written->name) == NULL)
            return false;
        if (split_name_value(reference->line->text, &owner, &value) == NULL &&
            facts_deprecation(owner) != NULL)
            return false;
    }
    return true;
}

static enum deprecation_fate choose_removal(const struct config *config,
                                            const struct written *written)
{
    return written_is_referred_to(config, written->name) ? FATE_NONE : FATE_REMOVE;
}

enum deprecation_fate deprecation_rename_fate(const struct check *check,
                                              const struct written *written,
                                              const struct deprecation *deprecation)
{
    const struct config *config = check->config;

    if (is_set_for(config, written, deprecation->target))
        return choose_removal(config, written);
    struct str value = config_expand(config, written->service, written->value, NULL, NULL);
    struct str takes =
        config_value_named(config, written->service, deprecation->target, NULL, NULL);
    if (takes.at != NULL && str_eq(value, takes))
        return can_edit_references(config, written) ? FATE_RENAME : FATE_NONE;
    /* the old name has an effect only if it is not empty */
    if (value.len > 0 ||
        (written->service != NULL && main_cf_get(&config->main_cf, written->name) != NULL))
        return FATE_NONE;
    return choose_removal(config, written);
}

/* --- edits --------------------------------------------------------------------------------- */

/* has_table - may another rule edit part of the value? */
static bool has_table(struct str value)
{
    return str_find(value, ':', 0) < value.len || str_find(value, '/', 0) < value.len;
}

/* comment_out - turns each physical line of a setting into a comment */
static void comment_out(struct check *check, struct finding *finding, const struct line *line)
{
    const struct line_piece *pieces = line->pieces != NULL ? line->pieces : &line->first_piece;

    for (size_t i = 0; i < line->piece_count; i++)
        finding_edit(check, finding, (struct span){line->source, pieces[i].source_at, 0},
                     (struct str)STR("#"));
}

static void edit_entry(struct check *check, struct finding *finding,
                       const struct main_cf_entry *entry, enum deprecation_fate fate,
                       struct str new_name)
{
    if (fate == FATE_RENAME)
        finding_edit(check, finding, line_span(&entry->line, entry->name), new_name);
    else if (has_table(entry->value))
        comment_out(check, finding, &entry->line);
    else
        finding_remove_line(check, finding, &entry->line);
}

static void edit_override(struct check *check, struct finding *finding,
                          const struct service *service, const struct master_override *o,
                          enum deprecation_fate fate, struct str new_name)
{
    if (fate == FATE_RENAME)
        finding_edit(check, finding, line_span(&service->line, o->name), new_name);
    else if (!has_table(o->value))
        finding_remove_argument(check, finding, service, o->place);
}

static void edit_references(struct check *check, struct finding *finding, struct str old_name,
                            struct str new_name)
{
    const struct names *names = check->config->names;

    for (size_t i = 0; i < names->count; i++)
        if (str_eq(names->references[i].name, old_name))
            finding_edit(check, finding,
                         line_span(names->references[i].line, names->references[i].name), new_name);
}

void deprecation_edit(struct check *check, struct finding *finding, const struct written *written,
                      enum deprecation_fate fate, struct str new_name)
{
    if (fate == FATE_NONE)
        return;
    if (written->service != NULL) {
        for (const struct master_override *o = written->override; o != NULL; o = o->earlier)
            edit_override(check, finding, written->service, o, fate, new_name);
        return;
    }
    for (const struct main_cf_entry *entry = written->entry; entry != NULL; entry = entry->earlier)
        edit_entry(check, finding, entry, fate, new_name);
    if (fate == FATE_RENAME)
        edit_references(check, finding, written->name, new_name);
}
