#include "parser/postfix/names.h"

#include "parser/postfix/written.h"
#include "parser/text/token.h"

/* --- the references of all values ------------------------------------------------------ */

struct scan {
    struct config *config;
    const struct line *line;
    const struct service *service;
};

static void add_reference(void *context, struct str name, struct str text)
{
    const struct scan *scan = context;
    struct names *names = scan->config->names;
    struct arena *arena = scan->config->arena;

    names->references = arena_grow(arena, names->references, names->count, &names->capacity,
                                   sizeof *names->references);
    names->references[names->count++] = (struct reference){
        .name = name, .text = text, .line = scan->line, .service = scan->service};
    if (scan->service == NULL)
        map_put(&names->in_main, name, names);
}

/* scan_value - adds the references of the value of NAME */
static void scan_value(struct scan *scan, struct str name, struct str value,
                       const struct parameter *parameter)
{
    struct config *config = scan->config;
    struct names *names = config->names;
    struct expand_error error;

    if (!expand_needed(value))
        return;
    if (parameter != NULL &&
        (parameter->type == PARAMETER_RAW || parameter->type == PARAMETER_READ_ONLY))
        return;
    if (!expand_scan(config->release, config->arena, value, add_reference, scan, &error))
        return;
    names->bad = arena_grow(config->arena, names->bad, names->bad_count, &names->bad_capacity,
                            sizeof *names->bad);
    names->bad[names->bad_count++] = (struct bad_expression){
        .error = error, .name = name, .line = scan->line, .service = scan->service};
}

/* is_defined - does NAME have a value in a file that SERVICE (NULL: main.cf) reads? */
static bool is_defined(const struct config *config, const struct service *service, struct str name)
{
    if (service != NULL && service_override_named(service, name) != NULL)
        return true;
    if (main_cf_get(&config->main_cf, name) != NULL)
        return true;
    if (service != NULL)
        return false;
    for (size_t i = 0; i < config->master_cf.count; i++)
        if (service_override_named(config->master_cf.services[i], name) != NULL)
            return true;
    return false;
}

/* find_known_class - the meaning that the release, or a service, gives NAME */
static enum name_class find_known_class(const struct config *config, struct str name)
{
    const struct parameter *parameter = facts_parameter(name);

    if (parameter != NULL && platform_has(config->platform, parameter)) {
        if (parameter->type == PARAMETER_READ_ONLY)
            return NAME_READ_ONLY;
        return NAME_BUILTIN;
    }
    if (parameter != NULL && parameter_legacy_in(parameter, config->release))
        return NAME_LEGACY;
    return config_service_parameter(config, name, NULL) != NULL ? NAME_SERVICE : NAME_UNKNOWN;
}

/* add_service - notes a service that may define parameters */
static void add_service(struct names *names, struct arena *arena, const struct service *service)
{
    size_t count;
    struct named_service *first = map_get(&names->services, service->name);
    const struct service_suffix *suffixes = facts_service_suffixes(service->command, &count);

    if (suffixes == NULL)
        return;
    for (const struct named_service *known = first; known != NULL; known = known->next)
        if (facts_service_suffixes(known->service->command, &count) == suffixes)
            return;
    struct named_service *named = arena_alloc_raw(arena, sizeof *named);
    *named = (struct named_service){.service = service, .next = first};
    map_put(&names->services, service->name, named);
}

void names_build(struct config *config)
{
    struct names *names = config->names = arena_alloc(config->arena, sizeof *names);
    struct written_walk walk = {.config = config};
    struct written written;

    map_init(&names->services, config->arena);
    for (size_t i = 0; i < config->master_cf.count; i++)
        add_service(names, config->arena, config->master_cf.services[i]);
    map_init(&names->in_main, config->arena);
    while (written_next(&walk, &written)) {
        struct scan scan = {config, written.line, written.service};
        scan_value(&scan, written.name, written.value, written.parameter);
    }
    map_init(&names->by_name, config->arena);
    for (size_t i = 0; i < names->count; i++) {
        struct reference *reference = &names->references[i];
        reference->same_name = map_get(&names->by_name, reference->name);
        map_put(&names->by_name, reference->name, reference);
        reference->undefined = find_known_class(config, reference->name) == NAME_UNKNOWN &&
                               !is_defined(config, reference->service, reference->name);
    }
}

/* --- names made by users --------------------------------------------------------------- */

/* a table in the old style, "type:prefix", whose settings are parameters named prefix_... */
struct old_table {
    const struct table_type *type;
    struct old_table *next; /* another type with the same prefix, in the same file or service */
};

/* the names that users made for main.cf, or for one service */
struct user_scope {
    struct map classes; /* restriction classes, once CLASSES_READ */
    bool classes_read;
    struct map tables; /* a prefix to its struct old_table, from the overrides or main.cf */
};

/* where the names that users made are used */
struct user_names {
    struct user_scope *
        *scopes; /* by the number of the service, the last: main.cf; NULL: not used */
    struct map
        in_defaults; /* names that the defaults in effect refer to, once they are asked for */
};

/* find_scope - the place of the scope of SERVICE, or of main.cf */
static struct user_scope **find_scope(const struct config *config, const struct user_names *user,
                                      const struct service *service)
{
    return &user->scopes[service == NULL ? config->master_cf.count : service->number];
}

static struct user_scope *get_scope(const struct config *config, const struct user_names *user,
                                    const struct service *service)
{
    struct user_scope **scope = find_scope(config, user, service);

    if (*scope == NULL) {
        *scope = arena_alloc(config->arena, sizeof **scope);
        map_init(&(*scope)->classes, config->arena);
        map_init(&(*scope)->tables, config->arena);
    }
    return *scope;
}

/* what is being collected */
struct collection {
    const struct config *config;
    const struct service *service;
    struct user_names *user;
};

enum { TABLE_DEPTH_MAX = 20 };

static void add_table(const struct collection *to, const struct table_type *type, struct str prefix)
{
    struct map *tables = &get_scope(to->config, to->user, to->service)->tables;
    struct old_table *first = map_get(tables, prefix);

    for (const struct old_table *table = first; table != NULL; table = table->next)
        if (table->type == type)
            return;
    struct old_table *table = arena_alloc_raw(to->config->arena, sizeof *table);
    *table = (struct old_table){.type = type, .next = first};
    map_put(tables, prefix, table);
}

/* add_tables - adds the tables "type:prefix" in VALUE, including those inside others */
static void add_tables(const struct collection *to, struct str value, int depth)
{
    struct str word, inside;

    while (token_next(&value, TOKEN_COMMAS, &word)) {
        size_t colon = str_find(word, ':', 0);
        while (colon < word.len && (str_is(str_slice(word, 0, colon), "proxy") ||
                                    str_is(str_slice(word, 0, colon), "debug"))) {
            word = str_slice(word, colon + 1, word.len);
            colon = str_find(word, ':', 0);
        }
        struct str rest = str_slice(word, colon + 1, word.len);
        struct str braced = word.len > 0 && word.at[0] == '{' ? word : rest;
        if (braced.len > 0 && braced.at[0] == '{') {
            token_unbrace(braced, false, &inside);
            if (depth > 0)
                add_tables(to, inside, depth - 1);
            continue;
        }
        const struct table_type *type = facts_table_type(str_slice(word, 0, colon));
        if (type == NULL || type->settings.count == 0 || rest.len == 0 || rest.at[0] == '/' ||
            rest.at[0] == '.')
            continue;
        add_table(to, type, rest);
    }
}

/* add_tables_of - the same for the value of a parameter that Postfix reads and expands */
static void add_tables_of(const struct collection *to, struct str name, struct str value)
{
    const struct parameter *parameter = facts_parameter(name);

    if (parameter != NULL && parameter->type == PARAMETER_RAW)
        return;
    if (str_find(value, ':', 0) == value.len && !expand_needed(value))
        return;
    enum name_class class = find_known_class(to->config, name);
    if (class == NAME_BUILTIN || class == NAME_SERVICE)
        add_tables(to, config_expand(to->config, to->service, value, NULL, NULL), TABLE_DEPTH_MAX);
}

static void add_default_name(void *context, struct str name, struct str text)
{
    struct user_names *user = context;

    (void)text;
    map_put(&user->in_defaults, name, user);
}

/* add_defaults - adds the names in the defaults of the parameters that main.cf does not set */
static void add_defaults(const struct config *config, struct user_names *user)
{
    map_init(&user->in_defaults, config->arena);
    for (int number = PARAM_NONE + 1; number < PARAM_END; number++) {
        const struct parameter *parameter = facts_parameter_at((enum parameter_number)number);
        struct str value = platform_upstream_default(config->platform, parameter);
        if (value.at == NULL || config_entry(config, parameter->number) != NULL ||
            parameter->type == PARAMETER_RAW || !expand_needed(value))
            continue;
        expand_scan(config->release, config->arena, value, add_default_name, user, NULL);
    }
}

static struct user_names *find_user_names(const struct config *config)
{
    if (config->names->user != NULL)
        return config->names->user;

    struct user_names *user = arena_alloc(config->arena, sizeof *user);
    struct collection to = {.config = config, .user = user};
    user->scopes =
        arena_alloc(config->arena, (config->master_cf.count + 1) * sizeof(struct user_scope *));
    for (size_t i = 0; i < config->main_cf.count; i++) {
        const struct main_cf_entry *entry = config->main_cf.entries[i];
        if (!entry->overridden)
            add_tables_of(&to, entry->name, entry->value);
    }
    for (size_t i = 0; i < config->master_cf.count; i++) {
        to.service = config->master_cf.services[i];
        for (const struct master_override *o = to.service->overrides; o != NULL; o = o->next)
            add_tables_of(&to, o->name, o->value);
    }
    config->names->user = user;
    return user;
}

static const struct map *find_default_names(const struct config *config)
{
    struct user_names *user = find_user_names(config);

    if (user->in_defaults.arena == NULL)
        add_defaults(config, user);
    return &user->in_defaults;
}

static void read_classes(const struct config *config, const struct service *service,
                         struct user_scope *scope)
{
    struct str value = config_value(config, service, PARAM_SMTPD_RESTRICTION_CLASSES, NULL, NULL);
    struct str word;

    scope->classes_read = true;
    while (token_next_plain(&value, TOKEN_COMMAS, &word))
        map_put(&scope->classes, word, scope);
}

bool config_is_class(const struct config *config, const struct service *service, struct str name)
{
    struct user_scope *scope = get_scope(config, find_user_names(config), service);

    if (!scope->classes_read)
        read_classes(config, service, scope);
    return map_get(&scope->classes, name) != NULL;
}

enum { TABLE_SETTING_LENGTH_MAX = 80 }; /* no table type has longer names */

/* is_table_setting - is NAME a setting "prefix_..." of a table that SERVICE (NULL: main.cf) names?
 */
static bool is_table_setting(const struct config *config, const struct service *service,
                             struct str name)
{
    const struct user_scope *scope = *find_scope(config, find_user_names(config), service);

    if (scope == NULL || scope->tables.count == 0)
        return false;
    for (size_t at = name.len; at-- > 0 && name.len - at <= TABLE_SETTING_LENGTH_MAX;) {
        if (name.at[at] != '_')
            continue;
        const struct old_table *table = map_get(&scope->tables, str_slice(name, 0, at));
        for (; table != NULL; table = table->next)
            if (str_list_has(&table->type->settings, str_slice(name, at + 1, name.len)))
                return true;
    }
    return false;
}

static bool refers_to(const struct config *config, const struct service *service, struct str name)
{
    const struct reference *reference = map_get(&config->names->by_name, name);

    while (reference != NULL && reference->service != service)
        reference = reference->same_name;
    return reference != NULL;
}

/* is_read_by_main - do main.cf or the defaults use NAME, which a user made? */
static bool is_read_by_main(const struct config *config, struct str name)
{
    return map_get(&config->names->in_main, name) != NULL || config_is_class(config, NULL, name) ||
           is_table_setting(config, NULL, name) ||
           map_get(find_default_names(config), name) != NULL;
}

static bool is_read_by_service(const struct config *config, const struct service *service,
                               struct str name)
{
    if (service->overrides == NULL)
        return false;
    return refers_to(config, service, name) ||
           (service_override(service, PARAM_SMTPD_RESTRICTION_CLASSES) != NULL &&
            config_is_class(config, service, name)) ||
           is_table_setting(config, service, name);
}

/* is_used_in_main - is NAME set in main.cf and used there, or by a service that does not override
 * it? */
static bool is_used_in_main(const struct config *config, struct str name)
{
    if (main_cf_get(&config->main_cf, name) == NULL)
        return false;
    if (is_read_by_main(config, name))
        return true;
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        if (service_override_named(service, name) == NULL &&
            is_read_by_service(config, service, name))
            return true;
    }
    return false;
}

enum name_class config_name_class(const struct config *config, const struct service *service,
                                  struct str name)
{
    enum name_class class = find_known_class(config, name);

    if (class != NAME_UNKNOWN)
        return class;
    if (is_used_in_main(config, name))
        return NAME_USER;
    if (service == NULL)
        return NAME_UNKNOWN;
    if (is_read_by_main(config, name) || is_read_by_service(config, service, name))
        return NAME_USER;
    return NAME_UNKNOWN;
}
