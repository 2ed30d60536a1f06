#include "convert/draft/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/terminal.h"

/* how much of a source line is shown */
enum { TEXT_MAX = 160 };

static void destroy_texts(void *texts)
{
    arena_destroy(*(struct arena **)texts);
}

void draft_init(struct draft *draft, struct arena *arena, const struct sendmail *sendmail,
                const struct platform *platform)
{
    *draft = (struct draft){.arena = arena, .sendmail = sendmail, .platform = platform};
    draft->texts = arena_alloc(arena, sizeof *draft->texts);
    *draft->texts = arena_create_like(arena);
    arena_at_end(arena, destroy_texts, draft->texts);
    buffer_init(&draft->words, arena);
    map_init(&draft->known_parts, arena);
    draft->fates = arena_alloc(arena, (sendmail->count + 1) * sizeof *draft->fates);
}

/* --- main.cf ---------------------------------------------------------------------------------- */

static struct draft_setting *find_setting(struct draft_setting *settings, size_t count,
                                          struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(settings[i].name, name))
            return &settings[i];
    return NULL;
}

static void replace_setting(struct draft *draft, const struct sendmail_item *item, struct str name,
                            struct str value, struct str reason)
{
    struct draft_setting *setting = find_setting(draft->settings, draft->setting_count, name);

    if (setting == NULL) {
        draft->settings = arena_grow(draft->arena, draft->settings, draft->setting_count,
                                     &draft->setting_capacity, sizeof *setting);
        setting = &draft->settings[draft->setting_count++];
    }
    *setting = (struct draft_setting){name, value, item, reason};
}

void draft_set(struct draft *draft, const struct sendmail_item *item, enum parameter_number number,
               const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct str value = arena_vprintf(draft->arena, format, arguments);
    va_end(arguments);
    replace_setting(draft, item, parameter_name(number), value, str_of(""));
}

void draft_set_named(struct draft *draft, const struct sendmail_item *item, const char *name,
                     const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct str value = arena_vprintf(draft->arena, format, arguments);
    va_end(arguments);
    replace_setting(draft, item, arena_copy(draft->arena, str_of(name)), value, str_of(""));
}

void draft_map(struct draft *draft, const struct sendmail_item *item, enum parameter_number number,
               const char *format, ...)
{
    struct str name = parameter_name(number);
    va_list arguments;

    va_start(arguments, format);
    struct str value = arena_vprintf(draft->arena, format, arguments);
    va_end(arguments);
    replace_setting(draft, item, name, value, str_of(""));
    draft_fate(draft, item, FATE_MAPPED, "%.*s = %.*s", STR_ARG(name), STR_ARG(value));
}

void draft_reason(struct draft *draft, enum parameter_number number, const char *reason)
{
    struct draft_setting *setting =
        find_setting(draft->settings, draft->setting_count, parameter_name(number));

    if (setting != NULL)
        setting->reason = arena_copy(draft->arena, str_of(reason));
}

struct str draft_value(const struct draft *draft, enum parameter_number number)
{
    return draft_value_named(draft, parameter_name(number));
}

struct str draft_value_named(const struct draft *draft, struct str name)
{
    const struct draft_setting *setting = find_setting(draft->settings, draft->setting_count, name);

    return setting != NULL ? setting->value : STR_NONE;
}

/* add_part - a part of a list, unless it is there already */
static void add_part(struct draft *draft, struct draft_part part, const char *format,
                     va_list arguments)
{
    struct buffer *words = &draft->words;

    words->len = 0;
    buffer_add(words, part.list);
    buffer_add_char(words, '\n');
    buffer_vprintf(words, format, arguments);
    if (map_get(&draft->known_parts, buffer_str(words)) != NULL)
        return;
    struct str key = arena_copy(draft->arena, buffer_str(words));
    map_put(&draft->known_parts, key, draft);
    part.value = str_slice(key, part.list.len + 1, key.len);
    draft->parts = arena_grow(draft->arena, draft->parts, draft->part_count, &draft->part_capacity,
                              sizeof *draft->parts);
    draft->parts[draft->part_count++] = part;
}

void draft_add(struct draft *draft, const struct sendmail_item *item, enum parameter_number list,
               int rank, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add_part(draft, (struct draft_part){.list = parameter_name(list), .rank = rank, .item = item},
             format, arguments);
    va_end(arguments);
}

void draft_add_named(struct draft *draft, const struct sendmail_item *item, const char *list,
                     int rank, const char *format, ...)
{
    struct str name = arena_copy(draft->arena, str_of(list));
    va_list arguments;

    va_start(arguments, format);
    add_part(draft, (struct draft_part){.list = name, .rank = rank, .item = item}, format,
             arguments);
    va_end(arguments);
}

/* compare_parts - by rank; parts of one rank are in the order in which they were added */
static int compare_parts(const void *a, const void *b)
{
    const struct draft_part *x = *(const struct draft_part *const *)a;
    const struct draft_part *y = *(const struct draft_part *const *)b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x < y ? -1 : x > y;
}

size_t draft_parts(const struct draft *draft, struct str list, const struct draft_part ***sorted)
{
    const struct draft_part **parts =
        arena_alloc(draft->arena, (draft->part_count + 1) * sizeof *parts);
    size_t count = 0;

    for (size_t i = 0; i < draft->part_count; i++)
        if (str_eq(draft->parts[i].list, list))
            parts[count++] = &draft->parts[i];
    qsort(parts, count, sizeof *parts, compare_parts);
    *sorted = parts;
    return count;
}

/* join_list - the list as a setting; a value that was set with draft_set() comes before the
   parts */
static void join_list(struct draft *draft, struct str list)
{
    const struct draft_setting *old = find_setting(draft->settings, draft->setting_count, list);
    const struct draft_part **parts;
    size_t count = draft_parts(draft, list, &parts);
    struct buffer value;

    buffer_init(&value, draft->arena);
    if (old != NULL)
        buffer_add(&value, old->value);
    for (size_t i = 0; i < count; i++) {
        if (value.len > 0)
            buffer_add_cstr(&value, ", ");
        buffer_add(&value, parts[i]->value);
    }
    replace_setting(draft, old != NULL ? old->item : parts[0]->item, list, buffer_str(&value),
                    str_of(""));
}

void draft_join_lists(struct draft *draft)
{
    struct map joined;

    map_init(&joined, draft->arena);
    for (size_t i = 0; i < draft->part_count; i++) {
        struct str list = draft->parts[i].list;
        if (map_get(&joined, list) == NULL)
            join_list(draft, list);
        map_put(&joined, list, &draft->parts[i]);
    }
}

/* --- master.cf -------------------------------------------------------------------------------- */

struct draft_service *draft_service(struct draft *draft, const struct sendmail_item *item,
                                    const char *name, const char *type, const char *command)
{
    for (size_t i = 0; i < draft->service_count; i++)
        if (str_is(draft->services[i]->name, name) && str_is(draft->services[i]->type, type))
            return draft->services[i];
    struct draft_service *service = arena_alloc(draft->arena, sizeof *service);
    service->name = arena_copy(draft->arena, str_of(name));
    service->type = arena_copy(draft->arena, str_of(type));
    service->command = arena_copy(draft->arena, str_of(command));
    service->item = item;
    for (size_t i = 0; i < sizeof service->fields / sizeof *service->fields; i++)
        service->fields[i] = str_of("-");
    draft->services = arena_grow(draft->arena, draft->services, draft->service_count,
                                 &draft->service_capacity, sizeof service);
    draft->services[draft->service_count++] = service;
    return service;
}

void draft_override(struct draft *draft, struct draft_service *service,
                    const struct sendmail_item *item, enum parameter_number number,
                    const char *format, ...)
{
    struct str name = parameter_name(number);
    struct draft_setting *setting = find_setting(service->overrides, service->override_count, name);
    va_list arguments;

    va_start(arguments, format);
    struct str value = arena_vprintf(draft->arena, format, arguments);
    va_end(arguments);
    if (setting == NULL) {
        service->overrides = arena_grow(draft->arena, service->overrides, service->override_count,
                                        &service->override_capacity, sizeof *setting);
        setting = &service->overrides[service->override_count++];
    }
    *setting = (struct draft_setting){name, value, item, str_of("")};
}

/* --- tables ----------------------------------------------------------------------------------- */

struct draft_table *draft_find_table(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->table_count; i++)
        if (str_is(draft->tables[i]->name, name))
            return draft->tables[i];
    return NULL;
}

struct draft_table *draft_table(struct draft *draft, const char *name, enum draft_table_kind kind)
{
    struct draft_table *table = draft_find_table(draft, name);

    if (table != NULL)
        return table;
    table = arena_alloc(draft->arena, sizeof *table);
    table->name = arena_copy(draft->arena, str_of(name));
    table->kind = kind;
    draft->tables = arena_grow(draft->arena, draft->tables, draft->table_count,
                               &draft->table_capacity, sizeof table);
    draft->tables[draft->table_count++] = table;
    return table;
}

void draft_entry(struct draft *draft, struct draft_table *table, const struct sendmail_item *item,
                 struct str key, struct str value)
{
    table->entries = arena_grow_own(draft->arena, table->entries, table->count, &table->capacity,
                                    sizeof *table->entries);
    table->entries[table->count++] = (struct draft_entry){key, value, item, str_of("")};
}

bool draft_has_parameter(const struct draft *draft, enum parameter_number number)
{
    return platform_has(draft->platform, facts_parameter_at(number));
}

bool draft_has_table_type(const struct draft *draft, const char *type)
{
    return platform_table(draft->platform, str_of(type)) != NULL;
}

struct str draft_table_type(const struct draft *draft, const struct draft_table *table)
{
    switch (table->kind) {
    case DRAFT_INDEXED:
    case DRAFT_ALIASES:
        return draft->platform->default_database_type;
    case DRAFT_CIDR:
        return str_of("cidr");
    case DRAFT_REGEXP:
        return str_of(platform_table(draft->platform, str_of("pcre")) != NULL ? "pcre" : "regexp");
    case DRAFT_LDAP:
        return str_of("ldap");
    case DRAFT_NAMES:
        return str_of("regexp");
    case DRAFT_LIST:
        break;
    }
    return str_of("");
}

struct str draft_table_ref(const struct draft *draft, const struct draft_table *table)
{
    struct str type = draft_table_type(draft, table);

    return arena_printf(draft->arena, "%.*s%s%.*s/%.*s", STR_ARG(type), type.len > 0 ? ":" : "",
                        STR_ARG(draft->platform->config_directory), STR_ARG(table->name));
}

/* --- steps and fates -------------------------------------------------------------------------- */

void draft_step(struct draft *draft, enum step_phase phase, struct str command, struct str reason)
{
    const struct step step = {phase, command, reason};

    if (!step_is_new(&draft->known_steps, draft->arena, &step))
        return;
    draft->steps = arena_grow(draft->arena, draft->steps, draft->step_count, &draft->step_capacity,
                              sizeof *draft->steps);
    draft->steps[draft->step_count++] = step;
}

void draft_remark(struct draft *draft, const char *text)
{
    draft->remarks = arena_grow(draft->arena, draft->remarks, draft->remark_count,
                                &draft->remark_capacity, sizeof *draft->remarks);
    draft->remarks[draft->remark_count++] = str_of(text);
}

enum { FATE_LENGTH_MAX = 4096 }; /* about the length of a page */

static const char more[] = "; and more, which is not listed here";

/* keep_text - a copy of TEXT; lines that are next to each other often have the same one */
static struct str keep_text(struct draft *draft, struct str text, struct str *last)
{
    if (last->at == NULL || !str_eq(*last, text))
        *last = arena_copy(*draft->texts, text);
    return *last;
}

/* append_text - TEXT after BEFORE, unless BEFORE contains it */
static struct str append_text(struct draft *draft, struct str before, struct str text,
                              struct str *last)
{
    if (text.len == 0)
        return before;
    if (before.len == 0)
        return keep_text(draft, text, last);
    if (memmem(before.at, before.len, text.at, text.len) != NULL)
        return before;
    if (before.len > FATE_LENGTH_MAX)
        return str_ends(before, more)
                   ? before
                   : arena_printf(*draft->texts, "%.*s%s", STR_ARG(before), more);
    return arena_printf(*draft->texts, "%.*s; %.*s", STR_ARG(before), STR_ARG(text));
}

/* decide_item - OPEN overrides all other fates, MAPPED overrides the other two; the text is in
   draft->words */
static void decide_item(struct draft *draft, const struct sendmail_item *item,
                        enum sendmail_fate fate, struct str advice)
{
    if (item == NULL)
        return;
    struct draft_fate *own = &draft->fates[item->number];
    if (!own->decided || fate == FATE_OPEN || (fate == FATE_MAPPED && own->fate != FATE_OPEN))
        own->fate = fate;
    own->text = append_text(draft, own->text, buffer_str(&draft->words), &draft->last_text);
    own->advice = append_text(draft, own->advice, advice, &draft->last_advice);
    own->decided = true;
}

void draft_fate(struct draft *draft, const struct sendmail_item *item, enum sendmail_fate fate,
                const char *format, ...)
{
    va_list arguments;

    draft->words.len = 0;
    va_start(arguments, format);
    buffer_vprintf(&draft->words, format, arguments);
    va_end(arguments);
    decide_item(draft, item, fate, str_of(""));
}

void draft_open_point(struct draft *draft, const struct sendmail_item *item, const char *advice,
                      const char *format, ...)
{
    va_list arguments;

    draft->words.len = 0;
    va_start(arguments, format);
    buffer_vprintf(&draft->words, format, arguments);
    va_end(arguments);
    decide_item(draft, item, FATE_OPEN, str_of(advice));
}

void draft_forget_texts(struct draft *draft)
{
    for (size_t i = 0; i < draft->sendmail->count; i++)
        draft->fates[i].text = draft->fates[i].advice = str_of("");
    draft->last_text = draft->last_advice = STR_NONE;
    arena_destroy(*draft->texts);
    *draft->texts = arena_create_like(draft->arena);
}

void draft_add_place(struct buffer *out, const struct sendmail_item *item)
{
    if (item == NULL || item->span.source == NULL)
        return;
    terminal_add(out, path_base(item->span.source->path));
    buffer_printf(out, ":%zu", item->line);
}

struct str draft_place(const struct draft *draft, const struct sendmail_item *item)
{
    struct buffer place;

    buffer_init(&place, draft->arena);
    draft_add_place(&place, item);
    return buffer_str(&place);
}

void draft_add_source_text(struct buffer *out, const struct sendmail_item *item)
{
    bool secret = item->kind == ITEM_TABLE_LINE && str_is(item->name, "authinfo");
    struct str text = secret ? sendmail_argument(item, 0) : span_str(item->span);
    size_t end = str_find(text, '\n', 0), len = end < TEXT_MAX ? end : TEXT_MAX;

    while (len > 0 && ((unsigned char)text.at[len - 1] <= ' ' || text.at[len - 1] == 0x7f))
        len--;
    buffer_reserve(out, len);
    for (size_t i = 0; i < len; i++)
        buffer_add_char(
            out, (char)((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f ? ' ' : text.at[i]));
    if (end < text.len || end > TEXT_MAX)
        buffer_add_cstr(out, " ...");
    if (secret)
        buffer_add_cstr(out, " (a password)");
}
