/*
 * old_names - replaces *_use_tls, *_enforce_tls and *_tls_enforce_peername with a security level
 *
 * Postfix reads the old parameters if the level is empty; if it is set, it hides them.  In each
 * place (main.cf, or the -o of one service) the first old parameter becomes the level that the
 * program resolves there, and the others are removed.  The result is then read as a configuration
 * of its own: if any program of any service would have a different level, no edit is proposed.
 */
#include "parser/postfix/names.h"
#include "parser/postfix/written.h"
#include "rules/names/deprecation.h"
#include "rules/tls/tls.h"

enum old_name_action {
    ACTION_REPLACE, /* turn it into the level */
    ACTION_MERGE,   /* remove it: another line becomes the level */
    ACTION_HIDDEN,  /* remove it: the level is set and hides it */
    ACTION_IDLE,    /* remove it: it is the default */
    ACTION_FIXED,   /* remove it: another fix sets the level */
};

struct old_name {
    enum tls_family_number family;
    const struct service *service; /* NULL: in main.cf */
    const struct line *line;
    struct str place; /* the whole -o */
    const struct parameter *parameter;
    struct str name, value;
    enum old_name_action action;
    enum security_level level; /* that the program resolves at its place */
    struct finding fix;        /* keeps the edits until they are known to be correct */
};

struct old_names {
    struct check *check;
    struct old_name *items;
    size_t count, capacity;
};

/* --- finding them ----------------------------------------------------------------------------- */

/* find_family - the family that NAME is an old parameter of; false if it is not one */
static bool find_family(enum parameter_number name, enum tls_family_number *number)
{
    for (int i = 0; i < TLS_FAMILY_COUNT; i++) {
        const struct tls_family *family = &tls_families[i];
        if (name != family->use && name != family->enforce && name != family->peername)
            continue;
        *number = (enum tls_family_number)i;
        return true;
    }
    return false;
}

static void add_name(struct old_names *names, struct old_name item)
{
    if (item.parameter == NULL || item.parameter->deprecation == NULL ||
        item.parameter->deprecation->kind != DEPRECATION_TLS_LEVEL ||
        !find_family(item.parameter->number, &item.family))
        return;
    names->items = arena_grow(names->check->arena, names->items, names->count, &names->capacity,
                              sizeof *names->items);
    names->items[names->count++] = item;
}

static void collect_names(struct old_names *names)
{
    struct written_walk walk = {.config = names->check->config, .all = true};
    struct written written;

    while (written_next(&walk, &written))
        add_name(names, (struct old_name){
                            .service = written.service,
                            .line = written.line,
                            .place = written.override != NULL ? written.override->place : STR_NONE,
                            .parameter = written.parameter,
                            .name = written.name,
                            .value = written.value});
}

/* --- what to do with each -------------------------------------------------------------------- */

/* level_is_set - does the level itself have a value there? */
static bool level_is_set(const struct old_names *names, const struct old_name *item)
{
    const struct config *config = names->check->config;
    enum parameter_number level = tls_level_parameter(config, &tls_families[item->family]);

    return config_value(config, item->service, level, NULL, NULL).len > 0;
}

/* level_is_written - is there a line or -o for the level itself, even an empty one? */
static bool level_is_written(const struct old_names *names, const struct old_name *item)
{
    const struct config *config = names->check->config;
    enum parameter_number level = tls_level_parameter(config, &tls_families[item->family]);

    if (item->service != NULL)
        return service_override(item->service, level) != NULL;
    return config_entry(config, level) != NULL;
}

/* is_fixed_elsewhere - does another fix set the level there? */
static bool is_fixed_elsewhere(const struct check *check, const struct old_name *item)
{
    if (item->family == TLS_SMTPD)
        return item->service != NULL && tls_submission_is_fixed(check, item->service);
    return item->family == TLS_SMTP && tls_relay_is_fixed(check, item->service);
}

static bool same_place(const struct old_name *a, const struct old_name *b)
{
    return a->family == b->family && a->service == b->service;
}

/* differs_from_default - do the old names of the place differ from the defaults? */
static bool differs_from_default(const struct old_names *names, const struct old_name *item)
{
    if (item->service != NULL || item->level != TLS_NONE)
        return true;
    if (level_is_written(names, item))
        return false;
    for (size_t i = 0; i < names->count; i++)
        if (same_place(&names->items[i], item) &&
            names->items[i].parameter->number == tls_families[item->family].use)
            return true;
    return false;
}

static enum old_name_action choose_action(const struct old_names *names, size_t index)
{
    const struct old_name *item = &names->items[index];

    if (level_is_set(names, item))
        return ACTION_HIDDEN;
    if (is_fixed_elsewhere(names->check, item))
        return ACTION_FIXED;
    if (!differs_from_default(names, item))
        return ACTION_IDLE;
    for (size_t i = 0; i < index; i++)
        if (same_place(&names->items[i], item))
            return ACTION_MERGE;
    return ACTION_REPLACE;
}

static void choose_actions(struct old_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        names->items[i].level =
            tls_level(names->check->config, names->items[i].service, names->items[i].family);
    for (size_t i = 0; i < names->count; i++)
        names->items[i].action = choose_action(names, i);
}

/* --- edits ------------------------------------------------------------------------------------ */

static void make_edits(struct old_names *names, struct old_name *item)
{
    struct check *check = names->check;
    enum parameter_number level = tls_level_parameter(check->config, &tls_families[item->family]);

    if (item->action == ACTION_REPLACE) {
        finding_edit(check, &item->fix, line_span(item->line, item->name), parameter_name(level));
        finding_edit(check, &item->fix, line_span(item->line, item->value),
                     str_of(tls_level_name(item->level)));
    } else if (item->service != NULL) {
        finding_remove_argument(check, &item->fix, item->service, item->place);
    } else {
        finding_remove_line(check, &item->fix, item->line);
    }
}

/* drop_edits - proposes nothing for the families of the group */
static void drop_edits(struct old_names *names, int group)
{
    for (size_t i = 0; i < names->count; i++)
        if (tls_families[names->items[i].family].group == group) {
            names->items[i].fix.edits = NULL;
            names->items[i].fix.edit_count = 0;
        }
}

/* cannot_replace - is there no level that could replace the item? */
static bool cannot_replace(const struct old_names *names, const struct old_name *item)
{
    const struct config *config = names->check->config;
    const struct tls_family *family = &tls_families[item->family];
    const struct parameter *level = facts_parameter_at(tls_level_parameter(config, family));
    bool flag = str_is_nocase(item->value, "yes") || str_is_nocase(item->value, "no");

    if (item->level == TLS_UNDECIDED || !platform_has(config->platform, level))
        return true;
    if (item->action == ACTION_REPLACE && level_is_written(names, item))
        return true; /* the level is set to an empty value, which would override the new one */
    return !flag || written_is_referred_to(config, item->name) ||
           written_is_referred_to(config, level->name);
}

/* --- verifying them --------------------------------------------------------------------------- */

/* apply_edits - SOURCE with the edits of the group */
static const struct source *apply_edits(const struct old_names *names, int group,
                                        const struct source *source)
{
    struct arena *arena = names->check->arena;
    struct edit *edits = NULL;
    size_t count = 0, capacity = 0;
    struct str bytes;

    if (source == NULL)
        return NULL;
    for (size_t i = 0; i < names->count; i++) {
        const struct old_name *item = &names->items[i];
        if (tls_families[item->family].group != group)
            continue;
        for (size_t k = 0; k < item->fix.edit_count; k++) {
            edits = arena_grow(arena, edits, count, &capacity, sizeof *edits);
            edits[count++] = item->fix.edits[k];
        }
    }
    if (!edit_apply(arena, source, edits, count, &bytes, NULL))
        return NULL;
    return source_of(arena, source->path, bytes);
}

/* is_decided_elsewhere - is the level set by another fix, or is it not used? */
static bool is_decided_elsewhere(const struct check *check, const struct service *service,
                                 enum tls_family_number number)
{
    if (number == TLS_SMTPD && service != NULL)
        return tls_is_wrapped(check, service) || tls_submission_is_fixed(check, service);
    if (number != TLS_SMTP && number != TLS_TLSPROXY_CLIENT)
        return false;
    return tls_relay_is_fixed(check, NULL) ||
           (service != NULL && tls_relay_is_fixed(check, service));
}

static bool same_level(const struct check *check, const struct config *after,
                       const struct service *service, const struct service *service_after,
                       enum tls_family_number number)
{
    return tls_level(check->config, service, number) == tls_level(after, service_after, number) ||
           is_decided_elsewhere(check, service, number);
}

/* same_levels - does every program of every service still have the same level? */
static bool same_levels(const struct check *check, const struct config *after)
{
    const struct master_cf *before = &check->config->master_cf;

    if (after->master_cf.count != before->count)
        return false;
    for (int i = 0; i < TLS_FAMILY_COUNT; i++) {
        enum tls_family_number number = (enum tls_family_number)i;
        if (!same_level(check, after, NULL, NULL, number))
            return false;
        for (size_t k = 0; k < before->count; k++)
            if (service_runs(before->services[k], tls_families[i].daemon) &&
                !same_level(check, after, before->services[k], after->master_cf.services[k],
                            number))
                return false;
    }
    return true;
}

/* keeps_levels - reads the result of the edits, and compares the levels */
static bool keeps_levels(const struct old_names *names, int group)
{
    const struct config *config = names->check->config;
    struct config_input input = {
        .path = config->path,
        .folder = config->folder,
        .failure = config->failure,
        .platform = config->platform,
        .host = config->host,
        .main_source = apply_edits(names, group, config->main_cf.source),
        .master_source = apply_edits(names, group, config->master_cf.source),
    };
    struct config after;
    struct str error;

    if ((input.main_source == NULL) != (config->main_cf.source == NULL) ||
        (input.master_source == NULL) != (config->master_cf.source == NULL))
        return false;
    return config_open(&after, names->check->arena, &input, &error) &&
           same_levels(names->check, &after);
}

static bool has_group(const struct old_names *names, int group)
{
    for (size_t i = 0; i < names->count; i++)
        if (tls_families[names->items[i].family].group == group)
            return true;
    return false;
}

/* replace_group - makes the edits of a group; false, and none, if they would change a level */
static bool replace_group(struct old_names *names, int group)
{
    bool good = true;

    for (size_t i = 0; i < names->count; i++) {
        struct old_name *item = &names->items[i];
        if (tls_families[item->family].group != group)
            continue;
        good = good && !cannot_replace(names, item);
        make_edits(names, item);
    }
    if (good && keeps_levels(names, group))
        return true;
    drop_edits(names, group);
    return false;
}

bool tls_can_replace_old_names(struct check *check, enum tls_family_number number)
{
    struct old_names names = {.check = check};
    int group = tls_families[number].group;

    collect_names(&names);
    if (!has_group(&names, group))
        return true;
    choose_actions(&names);
    return replace_group(&names, group);
}

/* --- findings --------------------------------------------------------------------------------- */

static struct str get_level_name(const struct old_names *names, const struct old_name *item)
{
    return parameter_name(tls_level_parameter(names->check->config, &tls_families[item->family]));
}

static struct str describe_name(const struct old_names *names, const struct old_name *item)
{
    struct arena *arena = names->check->arena;
    struct str level = get_level_name(names, item);

    switch (item->action) {
    case ACTION_HIDDEN:
        return arena_printf(arena, "%.*s is obsolete and has no effect here, because %.*s is set",
                            STR_ARG(item->name), STR_ARG(level));
    case ACTION_IDLE:
        return arena_printf(arena, "%.*s is obsolete and has no effect here: it is the default",
                            STR_ARG(item->name));
    case ACTION_REPLACE:
    case ACTION_MERGE:
    case ACTION_FIXED:
        break;
    }
    return arena_printf(arena, "%.*s is obsolete: %.*s replaces it", STR_ARG(item->name),
                        STR_ARG(level));
}

static struct str choose_advice(const struct old_names *names, const struct old_name *item)
{
    struct arena *arena = names->check->arena;
    struct str level = get_level_name(names, item);

    if (item->fix.edit_count == 0)
        return arena_printf(arena,
                            "%.*s; an override or an expression depends on it; change it by hand",
                            STR_ARG(deprecation_advice(arena, item->parameter->deprecation)));
    if (item->action != ACTION_REPLACE)
        return str_of("remove it");
    return arena_printf(arena, "replace with %.*s = %s, which has the same meaning", STR_ARG(level),
                        tls_level_name(item->level));
}

static void report_name(struct old_names *names, const struct old_name *item)
{
    struct check *check = names->check;
    struct finding *finding = check_report(check, line_span(item->line, item->name),
                                           describe_name(names, item), choose_advice(names, item));

    if (item->parameter->deprecation->warns_since > check->config->release->index)
        finding->severity = SEVERITY_ADVICE;
    finding->edits = item->fix.edits;
    finding->edit_count = item->fix.edit_count;
}

void tls_check_old_names(struct check *check)
{
    struct old_names names = {.check = check};

    collect_names(&names);
    choose_actions(&names);
    for (int group = 0; group < TLS_GROUP_COUNT; group++)
        if (has_group(&names, group))
            replace_group(&names, group);
    for (size_t i = 0; i < names.count; i++)
        report_name(&names, &names.items[i]);
}
