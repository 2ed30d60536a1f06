/*
 * old_names - *_use_tls, *_enforce_tls and *_tls_enforce_peername become a level
 *
 * The old names count as long as the level is empty; a level that is set hides them.
 * In each place (main.cf, or the -o of one service) the first old line becomes the
 * level that the program resolves there, and the others go.  The result is then read
 * as a configuration of its own: where any program of any service would have another
 * level than before, nothing of it is proposed.
 */
#include "parser/postfix/names.h"
#include "rules/names/written.h"
#include "rules/tls/tls.h"

enum old_name_action {
    ACTION_REPLACE, /* it becomes the level */
    ACTION_MERGE,   /* it goes: another line becomes the level */
    ACTION_HIDDEN,  /* it goes: the level is set and hides it */
    ACTION_IDLE,    /* it goes: it only says what holds anyway */
    ACTION_FIXED,   /* it goes: a fix of its own sets the level */
};

struct old_name {
    enum tls_family_number family;
    const struct deprecation *deprecation;
    const struct service *service; /* NULL: in main.cf */
    const struct line *line;
    struct str place; /* the whole -o */
    const struct parameter *parameter;
    struct str name, value;
    enum old_name_action action;
    enum security_level level; /* what its place resolves to */
    struct finding fix;        /* holds the edits until they are known to be good */
};

struct old_names {
    struct check *check;
    struct old_name *items;
    size_t count, capacity;
};

/* --- finding them ----------------------------------------------------------------------------- */

/* family_of - whose old name it is; false where it is none */
static bool family_of(enum parameter_number name, enum tls_family_number *number)
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
    item.deprecation = facts_deprecation(item.name);
    if (item.deprecation == NULL || item.deprecation->kind != DEPRECATION_TLS_LEVEL ||
        item.parameter == NULL || !family_of(item.parameter->number, &item.family))
        return;
    names->items = arena_grow(names->check->arena, names->items, names->count, &names->capacity,
                              sizeof *names->items);
    names->items[names->count++] = item;
}

static void collect(struct old_names *names)
{
    const struct config *config = names->check->config;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        const struct main_cf_entry *entry = config->main_cf.entries[i];
        add_name(names, (struct old_name){.line = &entry->line,
                                          .parameter = entry->parameter,
                                          .name = entry->name,
                                          .value = entry->value});
    }
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
            add_name(names, (struct old_name){.service = service,
                                              .line = &service->line,
                                              .place = o->place,
                                              .parameter = o->parameter,
                                              .name = o->name,
                                              .value = o->value});
    }
}

/* --- what becomes of each -------------------------------------------------------------------- */

/* level_is_set - is the level itself not empty there? */
static bool level_is_set(const struct old_names *names, const struct old_name *item)
{
    const struct config *config = names->check->config;
    enum parameter_number level = tls_level_parameter(config, &tls_families[item->family]);

    return config_value(config, item->service, level, NULL, NULL).len > 0;
}

/* level_is_written - is there a line or -o for the level itself, be it empty? */
static bool level_is_written(const struct old_names *names, const struct old_name *item)
{
    const struct config *config = names->check->config;
    enum parameter_number level = tls_level_parameter(config, &tls_families[item->family]);

    if (item->service != NULL)
        return service_override(item->service, level) != NULL;
    return config_entry(config, level) != NULL;
}

/* is_fixed_elsewhere - does another fix write the level there? */
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

/* says_something - do the old names of the place say more than the defaults? */
static bool says_something(const struct old_names *names, const struct old_name *item)
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

static enum old_name_action action_of(const struct old_names *names, size_t index)
{
    const struct old_name *item = &names->items[index];

    if (level_is_set(names, item))
        return ACTION_HIDDEN;
    if (is_fixed_elsewhere(names->check, item))
        return ACTION_FIXED;
    if (!says_something(names, item))
        return ACTION_IDLE;
    for (size_t i = 0; i < index; i++)
        if (same_place(&names->items[i], item))
            return ACTION_MERGE;
    return ACTION_REPLACE;
}

static void decide(struct old_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        names->items[i].level =
            tls_level(names->check->config, names->items[i].service, names->items[i].family);
    for (size_t i = 0; i < names->count; i++)
        names->items[i].action = action_of(names, i);
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

/* drop_edits - nothing is proposed for the families of the group */
static void drop_edits(struct old_names *names, int group)
{
    for (size_t i = 0; i < names->count; i++)
        if (tls_families[names->items[i].family].group == group) {
            names->items[i].fix.edits = NULL;
            names->items[i].fix.edit_count = 0;
        }
}

/* cannot_fold - is the item's value or level beyond what can be written down? */
static bool cannot_fold(const struct old_names *names, const struct old_name *item)
{
    const struct config *config = names->check->config;
    const struct tls_family *family = &tls_families[item->family];
    const struct parameter *level = facts_parameter_at(tls_level_parameter(config, family));
    bool flag = str_is_nocase(item->value, "yes") || str_is_nocase(item->value, "no");

    if (item->level == TLS_UNDECIDED || !parameter_in(level, config->release))
        return true;
    if (item->action == ACTION_REPLACE && level_is_written(names, item))
        return true; /* an empty level stands in the way */
    return !flag || written_is_referred_to(config, item->name) ||
           written_is_referred_to(config, level->name);
}

/* --- proving them ----------------------------------------------------------------------------- */

/* applied - SOURCE with the edits of the group */
static const struct source *applied(const struct old_names *names, int group,
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

/* is_decided_elsewhere - is the service's level the matter of another fix, or no matter? */
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
    return is_decided_elsewhere(check, service, number) ||
           tls_level(check->config, service, number) == tls_level(after, service_after, number);
}

/* same_levels - has every program of every service the level that it had? */
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

/* is_proven - reads what the edits make, and compares */
static bool is_proven(const struct old_names *names, int group)
{
    const struct config *config = names->check->config;
    struct config_input input = {
        .path = config->path,
        .platform = config->platform,
        .host = config->host,
        .main_source = applied(names, group, config->main_cf.source),
        .master_source = applied(names, group, config->master_cf.source),
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

/* fold_group - makes the edits of a group; false where none are good */
static bool fold_group(struct old_names *names, int group)
{
    bool good = true;

    for (size_t i = 0; i < names->count; i++) {
        struct old_name *item = &names->items[i];
        if (tls_families[item->family].group != group)
            continue;
        good = good && !cannot_fold(names, item);
        make_edits(names, item);
    }
    if (good && is_proven(names, group))
        return true;
    drop_edits(names, group);
    return false;
}

bool tls_old_names_can_go(struct check *check, enum tls_family_number number)
{
    struct old_names names = {.check = check};
    int group = tls_families[number].group;

    collect(&names);
    if (!has_group(&names, group))
        return true;
    decide(&names);
    return fold_group(&names, group);
}

/* --- findings --------------------------------------------------------------------------------- */

static struct str level_name(const struct old_names *names, const struct old_name *item)
{
    return parameter_name(tls_level_parameter(names->check->config, &tls_families[item->family]));
}

static struct str message_of(const struct old_names *names, const struct old_name *item)
{
    struct arena *arena = names->check->arena;
    struct str level = level_name(names, item);

    switch (item->action) {
    case ACTION_HIDDEN:
        return arena_printf(arena, "%.*s is obsolete, and without effect here: %.*s is set",
                            STR_ARG(item->name), STR_ARG(level));
    case ACTION_IDLE:
        return arena_printf(arena, "%.*s is obsolete, and without effect as it stands here",
                            STR_ARG(item->name));
    case ACTION_REPLACE:
    case ACTION_MERGE:
    case ACTION_FIXED:
        break;
    }
    return arena_printf(arena, "%.*s is obsolete: %.*s says it all", STR_ARG(item->name),
                        STR_ARG(level));
}

static struct str advice_of(const struct old_names *names, const struct old_name *item)
{
    struct arena *arena = names->check->arena;
    struct str level = level_name(names, item);

    if (item->fix.edit_count == 0)
        return arena_printf(arena,
                            "%.*s  Do it by hand: a service, or an expression, makes of it "
                            "something that one line cannot replace",
                            STR_ARG(item->deprecation->advice));
    if (item->action != ACTION_REPLACE)
        return str_of("remove it");
    return arena_printf(arena, "write %.*s = %s, which means the same", STR_ARG(level),
                        tls_level_name(item->level));
}

static void report(struct old_names *names, const struct old_name *item)
{
    struct check *check = names->check;
    struct finding *finding = check_report(check, line_span(item->line, item->name),
                                           message_of(names, item), advice_of(names, item));

    if (item->deprecation->warns_since > check->config->release->index)
        finding->severity = SEVERITY_ADVICE;
    finding->edits = item->fix.edits;
    finding->edit_count = item->fix.edit_count;
}

void tls_check_old_names(struct check *check)
{
    struct old_names names = {.check = check};

    collect(&names);
    decide(&names);
    for (int group = 0; group < TLS_GROUP_COUNT; group++)
        if (has_group(&names, group))
            fold_group(&names, group);
    for (size_t i = 0; i < names.count; i++)
        report(&names, &names.items[i]);
}
