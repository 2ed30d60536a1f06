#include "cmd/report/postconf.h"

#include <stdlib.h>
#include <string.h>

#include "parser/postfix/names.h"
#include "parser/postfix/written.h"
#include "parser/text/token.h"

struct printing {
    const struct config *config;
    const struct postconf_request *request;
    struct buffer *out;
    struct buffer *complaints;
    bool failed;
};

/* print_words - TEXT with every run of white space as one space */
static void print_words(struct buffer *out, struct str text)
{
    struct str word;
    bool first = true;

    while (token_next_plain(&text, TOKEN_BLANKS, &word)) {
        if (!first)
            buffer_add_char(out, ' ');
        buffer_add(out, word);
        first = false;
    }
}

/* note_failure - an expansion that ends postconf */
static void note_failure(struct printing *p, int flags, const struct expand_error *error)
{
    if (!(flags & EXPAND_FAILED) || p->failed)
        return;
    buffer_printf(p->complaints, "cannot expand \"%.*s\": %.*s\n", STR_ARG(error->place),
                  STR_ARG(error->message));
    p->failed = true;
}

/* expand_value - with -x; else VALUE itself */
static struct str expand_value(struct printing *p, const struct service *service, struct str value)
{
    int flags;
    struct expand_error error;

    if (!p->request->expand)
        return value;
    if (p->request->view == POSTCONF_DEFAULT)
        return config_expand_default(p->config, value);
    struct str text = config_expand(p->config, service, value, &flags, &error);
    note_failure(p, flags, &error);
    return p->failed ? str_slice(text, 0, 0) : text;
}

/* --- what postconf expands before it prints ---------------------------------------------- */

/* the settings of a service, or with NULL those of main.cf */
struct settings {
    const struct config *config;
    const struct service *service;
};

/* find_written - what a name is set to there; defaults do not count */
static enum expand_found find_written(void *context, struct str name, struct str *value)
{
    const struct settings *settings = context;
    const struct master_override *o = NULL;
    const struct main_cf_entry *entry = NULL;

    if (settings->service != NULL)
        o = service_override_named(settings->service, name);
    else
        entry = main_cf_get(&settings->config->main_cf, name);
    if (o == NULL && entry == NULL)
        return EXPAND_UNDEFINED;
    *value = o != NULL ? o->value : entry->value;
    return EXPAND_TEXT;
}

/* check_classes - the names of the restriction classes count as used */
static void check_classes(struct printing *p, const struct service *service)
{
    struct settings settings = {p->config, service};
    const struct expand_names names = {.find = find_written,
                                       .context = &settings,
                                       .release = p->config->release,
                                       .left = p->config->expansion_left};
    struct expand_error error;
    struct buffer classes;
    struct str value;

    if (find_written(&settings, parameter_name(PARAM_SMTPD_RESTRICTION_CLASSES), &value) !=
        EXPAND_TEXT)
        return;
    buffer_init(&classes, p->config->arena);
    note_failure(p, expand(&names, value, &classes, &error), &error);
}

/* check_tables - each value that Postfix reads is searched for tables in the old style */
static void check_tables(struct printing *p, const struct service *service, struct str name,
                         struct str value)
{
    const struct parameter *parameter = facts_parameter(name);
    enum name_class class = config_name_class(p->config, NULL, name);
    struct expand_error error;
    int flags;

    if ((class != NAME_BUILTIN && class != NAME_SERVICE) ||
        (parameter != NULL && parameter->type == PARAMETER_RAW))
        return;
    config_expand(p->config, service, value, &flags, &error);
    note_failure(p, flags, &error);
}

/* check_settings - what postconf cannot expand ends it in every view but that of the defaults */
static void check_settings(struct printing *p)
{
    const struct config *config = p->config;
    struct written_walk walk = {.config = config};
    struct written written;

    for (size_t i = 0; i < config->master_cf.count; i++)
        check_classes(p, config->master_cf.services[i]);
    check_classes(p, NULL);
    while (written_next(&walk, &written))
        check_tables(p, written.service, written.name, written.value);
}

/* --- main.cf ---------------------------------------------------------------------------- */

static bool is_shown(const struct config *config, struct str name)
{
    enum name_class class = config_name_class(config, NULL, name);

    return class != NAME_UNKNOWN && class != NAME_READ_ONLY;
}

/* find_shown_value - what the view shows for NAME; STR_NONE where it shows nothing */
static struct str find_shown_value(const struct printing *p, const struct service *service,
                                   struct str name)
{
    struct setting setting = p->request->view == POSTCONF_DEFAULT
                                 ? config_default_named(p->config, name)
                                 : config_find_named(p->config, service, name);

    if (p->request->view == POSTCONF_NONDEFAULT && setting.origin != ORIGIN_MAIN_CF &&
        !str_is(name, "config_directory"))
        return STR_NONE;
    if (setting.origin != ORIGIN_NONE && setting.value.at == NULL)
        return arena_printf(p->config->arena, "$%.*s", STR_ARG(name));
    return setting.value;
}

static void print_parameter(struct printing *p, struct str name)
{
    struct str value = find_shown_value(p, NULL, name);
    const struct parameter *parameter = facts_parameter(name);

    if (value.at == NULL)
        return;
    if (parameter == NULL || parameter->type != PARAMETER_RAW)
        value = expand_value(p, NULL, value);
    if (p->failed)
        return;
    print_words(p->out,
                arena_printf(p->config->arena, "%.*s = %.*s", STR_ARG(name), STR_ARG(value)));
    buffer_add_char(p->out, '\n');
}

/* a list of names that grows */
struct name_list {
    struct str *items;
    size_t count, capacity;
};

static void add_name(struct name_list *list, struct arena *arena, struct str name)
{
    list->items = arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = name;
}

static int compare_names(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* add_service_names - the parameters that the services define */
static void add_service_names(const struct config *config, struct name_list *list)
{
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        size_t count;
        const struct service_suffix *suffixes = facts_service_suffixes(service->command, &count);
        for (size_t k = 0; suffixes != NULL && k < count; k++) {
            struct str name = arena_printf(config->arena, "%.*s%.*s", STR_ARG(service->name),
                                           STR_ARG(suffixes[k].suffix));
            if (config_service_parameter(config, name, NULL) == &suffixes[k])
                add_name(list, config->arena, name);
        }
    }
}

/* add_own_names - users' names in main.cf, and old names that only an -o sets */
static void add_own_names(const struct config *config, struct name_list *list)
{
    struct written_walk walk = {.config = config};
    struct written written;

    while (written_next(&walk, &written))
        if (written.service == NULL ? is_shown(config, written.name)
                                    : written.parameter != NULL &&
                                          parameter_legacy_in(written.parameter, config->release))
            add_name(list, config->arena, written.name);
}

/* sort_names - in order, each once */
static void sort_names(struct name_list *list)
{
    size_t kept = 0;

    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, compare_names);
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || !str_eq(list->items[kept - 1], list->items[i]))
            list->items[kept++] = list->items[i];
    list->count = kept;
}

/* list_names - all names that the view may show; LEGACY: old names too, even if nothing sets them
 */
static struct name_list list_names(const struct printing *p, bool legacy)
{
    const struct config *config = p->config;
    struct name_list list = {0};

    for (int number = PARAM_NONE + 1; number < PARAM_END; number++) {
        const struct parameter *parameter = facts_parameter_at((enum parameter_number)number);
        if (platform_has(config->platform, parameter) ||
            (legacy && parameter_legacy_in(parameter, config->release)))
            add_name(&list, config->arena, parameter->name);
    }
    add_service_names(config, &list);
    if (p->request->view != POSTCONF_DEFAULT)
        add_own_names(config, &list);
    sort_names(&list);
    return list;
}

static void print_main(struct printing *p)
{
    const struct postconf_request *request = p->request;

    for (size_t i = 0; i < request->filter_count && !p->failed; i++) {
        struct str name = request->filters[i];
        if (config_name_class(p->config, NULL, name) == NAME_UNKNOWN)
            buffer_printf(p->complaints, "%.*s: unknown parameter\n", STR_ARG(name));
        else
            print_parameter(p, name);
    }
    if (request->filter_count > 0)
        return;
    struct name_list list = list_names(p, false);
    for (size_t i = 0; i < list.count && !p->failed; i++)
        print_parameter(p, list.items[i]);
}

/* --- master.cf -------------------------------------------------------------------------- */

static bool has_space(struct str text)
{
    return str_span_not(text, 0, TOKEN_BLANKS) < text.len;
}

/* print_braced - TEXT, in braces if it contains white space */
static void print_braced(struct buffer *out, struct str text)
{
    buffer_printf(out, has_space(text) ? "{%.*s}" : "%.*s", STR_ARG(text));
}

static void print_arguments(struct printing *p, const struct service *service)
{
    bool options = true;

    for (size_t i = 0; i < service->argument_count; i++) {
        const struct master_argument *argument = &service->arguments[i];
        buffer_add_char(p->out, ' ');
        if (argument->is_value)
            print_braced(p->out, str_is(argument[-1].text, "-o")
                                     ? expand_value(p, service, argument->text)
                                     : argument->text);
        else if (argument->option || options) /* postconf omits the braces of the first */
            buffer_add(p->out, argument->text);
        else
            print_braced(p->out, argument->text);
        options = options && argument->option;
    }
}

static void print_service(struct printing *p, const struct service *service)
{
    static const size_t columns[MASTER_FIELD_COUNT] = {0, 11, 17, 25, 33, 41, 49, 57};
    size_t start = p->out->len;

    for (int i = 0; i < MASTER_FIELD_COUNT; i++) {
        if (i > 0)
            do
                buffer_add_char(p->out, ' ');
            while (p->out->len - start < columns[i]);
        buffer_add(p->out, service->fields[i]);
    }
    print_arguments(p, service);
    buffer_add_char(p->out, '\n');
}

static void print_field(struct printing *p, const struct service *service, enum master_field field)
{
    buffer_printf(p->out, "%.*s/%.*s/%s = %.*s", STR_ARG(service->name), STR_ARG(service->type),
                  master_field_name(field), STR_ARG(service->fields[field]));
    if (field == MASTER_COMMAND)
        print_arguments(p, service);
    buffer_add_char(p->out, '\n');
}

/* list_overrides - the names that a service sets; with -PP, all names that have a value for it */
static struct name_list list_overrides(const struct printing *p, const struct service *service)
{
    struct name_list list = {0};

    if (p->request->merged && release_has(p->config->release, FEATURE_POSTCONF_MERGED_SETTINGS))
        list = list_names(p, p->request->filter_count > 0);
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
        add_name(&list, p->config->arena, o->name);
    sort_names(&list);
    return list;
}

static bool print_overrides(struct printing *p, const struct service *service, struct str pattern)
{
    struct name_list list = list_overrides(p, service);
    bool matched = false;

    for (size_t i = 0; i < list.count && !p->failed; i++) {
        if (!str_is(pattern, "*") && !str_eq(pattern, list.items[i]))
            continue;
        matched = true;
        struct str value = expand_value(p, service, find_shown_value(p, service, list.items[i]));
        if (p->failed)
            break;
        print_words(p->out,
                    arena_printf(p->config->arena, "%.*s/%.*s/%.*s = %.*s", STR_ARG(service->name),
                                 STR_ARG(service->type), STR_ARG(list.items[i]), STR_ARG(value)));
        buffer_add_char(p->out, '\n');
    }
    return matched;
}

/* print_one - one service in the requested view; PATTERN is the third part of the filter */
static bool print_one(struct printing *p, const struct service *service, struct str pattern)
{
    bool matched = false;

    switch (p->request->view) {
    case POSTCONF_MASTER:
        print_service(p, service);
        return true;
    case POSTCONF_PARAMETERS:
        return print_overrides(p, service, pattern);
    default:
        for (int i = 0; i < MASTER_FIELD_COUNT; i++)
            if (str_is(pattern, "*") || str_is(pattern, master_field_name((enum master_field)i))) {
                print_field(p, service, (enum master_field)i);
                matched = true;
            }
        return matched;
    }
}

/* split_filter - "service/type/what", in which a missing part is "*" */
static void split_filter(struct str filter, struct str parts[3])
{
    for (int i = 0; i < 3; i++) {
        size_t slash = i < 2 ? str_find(filter, '/', 0) : filter.len;
        parts[i] = str_slice(filter, 0, slash);
        if (parts[i].len == 0)
            parts[i] = (struct str)STR("*");
        filter = str_slice(filter, slash + 1, filter.len);
    }
}

static bool is_match(struct str pattern, struct str text)
{
    return str_is(pattern, "*") || str_eq(pattern, text);
}

static void print_master(struct printing *p)
{
    const struct master_cf *master_cf = &p->config->master_cf;
    const struct postconf_request *request = p->request;
    bool *matched = arena_alloc(p->config->arena, request->filter_count + 1);

    for (size_t i = 0; i < master_cf->count && !p->failed; i++) {
        const struct service *service = master_cf->services[i];
        if (request->filter_count == 0)
            print_one(p, service, (struct str)STR("*"));
        for (size_t k = 0; k < request->filter_count; k++) {
            struct str parts[3];
            split_filter(request->filters[k], parts);
            if (is_match(parts[0], service->name) && is_match(parts[1], service->type))
                matched[k] |= print_one(p, service, parts[2]);
        }
    }
    for (size_t k = 0; k < request->filter_count; k++)
        if (!matched[k])
            buffer_printf(p->complaints, "no service matches \"%.*s\"\n",
                          STR_ARG(request->filters[k]));
}

/* the buffer of postconf's output: what a fatal error finds in it is lost */
enum { WRITTEN_AT_ONCE = 4096 };

bool postconf_print(const struct config *config, const struct postconf_request *request,
                    struct buffer *out, struct buffer *complaints)
{
    struct printing p = {config, request, out, complaints, false};
    size_t from = out->len;

    if (request->view != POSTCONF_DEFAULT)
        check_settings(&p);
    if (p.failed)
        return false;
    if (request->view >= POSTCONF_MASTER)
        print_master(&p);
    else
        print_main(&p);
    if (p.failed)
        out->len = from + (out->len - from) / WRITTEN_AT_ONCE * WRITTEN_AT_ONCE;
    return !p.failed;
}
