#include "parser/tables/client.h"

/* the settings of one table */
struct client_settings {
    struct arena *arena;
    const struct table_type *type;
    const struct source *source; /* of the file, or of main.cf */
    struct str prefix;           /* in main.cf: "people_" */
    const struct main_cf *file;
    void (*seen)(void *context, const struct client_fault *fault);
    void *context;
};

/* one of them */
struct client_setting {
    struct str name, value;
    struct span span;
};

static void report(const struct client_settings *settings, struct span span, bool exits,
                   struct str what, const char *advice)
{
    const struct client_fault fault = {exits, span, what, advice};

    settings->seen(settings->context, &fault);
}

/* --- one value -------------------------------------------------------------------------------- */

/* is_flag - yes or no, as get_mail_conf_bool() reads it */
static bool is_flag(struct str value)
{
    return str_is_nocase(value, "yes") || str_is_nocase(value, "no");
}

static bool is_number(struct str value)
{
    return value.len > 0 && str_is_digits(str_slice(value, value.at[0] == '-', value.len));
}

/* is_open - does another setting decide: "$name", or a value that is left out? */
static bool is_open(struct str value)
{
    return value.len == 0 || str_find(value, '$', 0) < value.len;
}

static void check_type(const struct client_settings *settings, const struct client_setting *setting)
{
    bool flag = str_list_has(&settings->type->flags, setting->name);
    bool number = str_list_has(&settings->type->numbers, setting->name);
    struct str value = setting->value;

    if ((!flag && !number) || is_open(value) || (flag && is_flag(value)) ||
        (number && is_number(value)))
        return;
    report(settings, setting->span, true,
           arena_printf(settings->arena, "\"%.*s\" is not %s", STR_ARG(value),
                        flag ? "yes or no" : "a number"),
           flag ? "use yes or no" : "use a whole number");
}

/* find_bad_key - the first "%x" that stands for nothing; *KEYS: is there one that does? */
static struct str find_bad_key(struct str text, bool *keys)
{
    *keys = false;
    for (size_t at = str_find(text, '%', 0); at < text.len; at = str_find(text, '%', at + 2)) {
        struct str key = str_slice(text, at, at + 2);
        if (key.len < 2 || strchr("%usdUSD123456789", key.at[1]) == NULL)
            return key;
        *keys = *keys || key.at[1] != '%';
    }
    return STR_NONE;
}

/* check_template - in queries and results, % begins what the key is put in for: db_common_parse()
 */
static void check_template(const struct client_settings *settings,
                           const struct client_setting *setting)
{
    bool query = str_list_has(&settings->type->queries, setting->name), keys;

    if (!query && !str_list_has(&settings->type->templates, setting->name))
        return;
    struct str key = find_bad_key(setting->value, &keys);
    if (key.at != NULL)
        report(settings, setting->span, true,
               arena_printf(settings->arena, "\"%.*s\" in %.*s stands for nothing", STR_ARG(key),
                            STR_ARG(setting->name)),
               "write %% for a percent sign, and %s for the key");
    else if (query && !keys && setting->value.len > 0)
        report(settings, setting->span, false,
               arena_printf(settings->arena, "every look-up gives the same: the key is not in %.*s",
                            STR_ARG(setting->name)),
               "put %s where the key belongs");
}

/* --- all of them ------------------------------------------------------------------------------ */

static bool next_setting(const struct client_settings *settings, size_t *at,
                         struct client_setting *setting)
{
    while (*at < settings->file->count) {
        const struct main_cf_entry *entry = settings->file->entries[(*at)++];
        size_t length = settings->prefix.len;
        if (entry->overridden || entry->name.len <= length ||
            !str_eq(str_slice(entry->name, 0, length), settings->prefix))
            continue;
        *setting = (struct client_setting){str_slice(entry->name, length, entry->name.len),
                                           entry->value, line_span(&entry->line, entry->value)};
        return true;
    }
    return false;
}

static bool has_setting(const struct client_settings *settings, struct str name)
{
    struct client_setting setting;

    for (size_t at = 0; next_setting(settings, &at, &setting);)
        if (str_eq(setting.name, name) && setting.value.len > 0)
            return true;
    return false;
}

/* check_query - without a query, SQL clients make one of what they had before there were queries */
static void check_query(const struct client_settings *settings)
{
    const struct str_list *old = &settings->type->old_query, *queries = &settings->type->queries;

    if (old->count == 0 || has_setting(settings, queries->items[0]) || settings->prefix.len > 0)
        return;
    for (size_t i = 0; i < old->count; i++) {
        if (has_setting(settings, old->items[i]))
            continue;
        report(settings, (struct span){settings->source, 0, 0}, true,
               arena_printf(settings->arena, "there is neither \"%.*s\" nor \"%.*s\"",
                            STR_ARG(queries->items[0]), STR_ARG(old->items[i])),
               "set query");
        return;
    }
}

static void check_settings(const struct client_settings *settings)
{
    struct client_setting setting;

    for (size_t at = 0; next_setting(settings, &at, &setting);) {
        check_type(settings, &setting);
        check_template(settings, &setting);
    }
    check_query(settings);
}

void client_faults(struct arena *arena, const struct config *config, const struct table_type *type,
                   struct str name, void (*seen)(void *context, const struct client_fault *fault),
                   void *context)
{
    struct client_settings settings = {
        .arena = arena, .type = type, .file = &config->main_cf, .seen = seen, .context = context};
    struct main_cf own;
    struct str path;

    if (name.len > 0 && name.at[0] == '/') {
        if (!config_owns_file(config, name, &path) ||
            (settings.source = config_read(config, arena, path)) == NULL)
            return;
        main_cf_parse(&own, arena, settings.source);
        settings.file = &own;
    } else {
        settings.source = config->main_cf.source;
        settings.prefix = arena_printf(arena, "%.*s_", STR_ARG(name));
    }
    check_settings(&settings);
}
