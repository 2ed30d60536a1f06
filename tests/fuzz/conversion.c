#include "tests/fuzz/conversion.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report/conversion.h"
#include "convert/convert.h"
#include "convert/write/write.h"
#include "parser/tables/table.h"
#include "parser/text/token.h"
#include "tests/fuzz/fuzz.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

/* the one thing that lives longer than an input */
static char directory[1024];
static bool made;

static void remove_directory(void)
{
    conversion_forget();
    rmdir(directory);
}

struct str conversion_directory(void)
{
    const char *parent = getenv("TMPDIR");

    if (made)
        return str_of(directory);
    snprintf(directory, sizeof directory, "%s/postmend-fuzz-XXXXXX",
             parent != NULL ? parent : "/tmp");
    if (mkdtemp(directory) == NULL)
        abort();
    made = true;
    atexit(remove_directory);
    return str_of(directory);
}

void conversion_table(const char *name, struct str text)
{
    char path[sizeof directory + 64];

    snprintf(path, sizeof path, "%s/%s", conversion_directory().at, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, text.at, text.len) != (ssize_t)text.len)
        abort();
    close(fd);
}

void conversion_forget(void)
{
    DIR *entries = made ? opendir(directory) : NULL;
    const struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries != NULL)
        closedir(entries);
}

/* --- what must hold --------------------------------------------------------------------------- */

static void check_fates(struct arena *arena, const struct draft *draft)
{
    const struct conversion_count count = conversion_count(draft);
    size_t sum = 0;

    for (int fate = 0; fate < FATE_COUNT; fate++)
        sum += count.by_fate[fate];
    if (sum != draft->sendmail->count)
        fuzz_demand(arena_cstr(
            arena, arena_printf(arena, "%zu items have %zu fates", draft->sendmail->count, sum)));
    for (size_t i = 0; i < draft->sendmail->count; i++)
        if (!draft->fates[i].decided)
            fuzz_demand("an item has no fate");
}

/* same_words - but for the blanks and line ends between them */
static bool same_words(struct str a, struct str b)
{
    static const char separators[] = ", \t\r\n\v\f";
    struct str one, other;

    while (token_next_plain(&a, separators, &one))
        if (!token_next_plain(&b, separators, &other) || !str_eq(one, other))
            return false;
    return !token_next_plain(&b, separators, &other);
}

/* has_control - bytes that no line can hold are changed on purpose, and what is no UTF-8 is not
   asked for */
static bool has_control(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || (unsigned char)text.at[i] >= 0x7f)
            return true;
    return false;
}

static void check_settings(struct arena *arena, const struct draft *draft,
                           const struct config *config)
{
    for (size_t i = 0; i < draft->setting_count; i++) {
        const struct draft_setting *setting = &draft->settings[i];
        const struct main_cf_entry *entry = main_cf_get(&config->main_cf, setting->name);
        if (entry == NULL)
            fuzz_demand(arena_cstr(
                arena, arena_printf(arena, "%.*s is not in main.cf", STR_ARG(setting->name))));
        else if (!has_control(setting->value) && !same_words(entry->value, setting->value))
            fuzz_demand(
                arena_cstr(arena, arena_printf(arena, "%.*s: \"%.*s\" was read back as \"%.*s\"",
                                               STR_ARG(setting->name), STR_ARG(setting->value),
                                               STR_ARG(entry->value))));
    }
    if (config->main_cf.problems.count > 0)
        fuzz_demand(arena_cstr(arena, config->main_cf.problems.items[0].message));
    if (config->master_cf.problems.count > 0)
        fuzz_demand(arena_cstr(arena, config->master_cf.problems.items[0].message));
}

static void check_services(const struct draft *draft, const struct config *config)
{
    for (size_t i = 0; i < draft->service_count; i++) {
        const struct draft_service *wanted = draft->services[i];
        bool found = wanted->disabled;
        for (size_t k = 0; k < config->master_cf.count && !found; k++) {
            const struct service *service = config->master_cf.services[k];
            found = str_eq(service->name, wanted->name) && str_eq(service->type, wanted->type);
        }
        if (!found && !has_control(wanted->name))
            fuzz_demand("a service is not in master.cf");
    }
}

/* is_meant - is VALUE what an entry of that key says? */
static bool is_meant(const struct draft_table *table, struct str key, struct str value)
{
    for (size_t i = 0; i < table->count; i++)
        if (str_eq_nocase(table->entries[i].key, key) &&
            (has_control(table->entries[i].value) || same_words(table->entries[i].value, value)))
            return true;
    return false;
}

/* check_table - each key that can be written is found, with a value that it was given */
static void check_table(struct arena *arena, const struct draft *draft, struct tables *tables,
                        const struct draft_table *table, struct str bytes)
{
    bool aliases = table->kind == DRAFT_ALIASES;
    const struct source *source = fuzz_source(arena, "table", bytes);
    struct str type_name =
        arena_printf(arena, "%.*s:/etc/postfix/table", STR_ARG(draft_table_type(draft, table)));

    if (table->kind != DRAFT_INDEXED && !aliases)
        return;
    const struct table *read =
        table_open_source(tables, type_name, source,
                          TABLE_FOLD | TABLE_POSTMAP | (aliases ? (unsigned)TABLE_ALIAS : 0));
    for (size_t i = 0; i < table->count; i++) {
        struct str key = table->entries[i].key;
        if (key.len == 0 || key.at[0] == '#' || is_space(key.at[0]) || has_control(key) ||
            table->entries[i].value.len == 0)
            continue;
        /* what postmap can't read as a key is written as a comment */
        if (!aliases && str_find(key, '"', 0) < key.len)
            continue;
        /* postalias reads a name as an address, which other signs are not a part of */
        if (aliases && str_span(key, 0, PLAIN) < key.len)
            continue;
        struct lookup found = table_find(read, arena, key);
        /* postalias writes the targets anew */
        if (found.status != LOOKUP_FOUND || !(aliases || is_meant(table, key, found.value)))
            fuzz_demand(arena_cstr(
                arena, arena_printf(arena, "%.*s: \"%.*s\" gives \"%.*s\", not \"%.*s\"",
                                    STR_ARG(table->name), STR_ARG(key), STR_ARG(found.value),
                                    STR_ARG(table->entries[i].value))));
    }
}

static void check_tables(struct arena *arena, const struct draft *draft,
                         const struct draft_files *files, const struct config *config)
{
    struct tables *tables = tables_create(arena, config);

    for (size_t i = 0; i < draft->table_count; i++)
        for (size_t k = 0; k < files->count; k++)
            if (str_eq(files->files[k].name, draft->tables[i]->name))
                check_table(arena, draft, tables, draft->tables[i], files->files[k].bytes);
}

static void check_files(struct arena *arena, const struct draft *draft)
{
    struct draft_files files;
    struct config config;
    struct str error = STR_NONE;
    struct config_input input = {.path = str_of("/nonexistent"), .platform = draft->platform};

    draft_write(draft, &files);
    if (files.count < 2)
        fuzz_demand("there is no main.cf or no master.cf");
    input.main_source = fuzz_source(arena, "main.cf", files.files[0].bytes);
    input.master_source = fuzz_source(arena, "master.cf", files.files[1].bytes);
    fuzz_demand(property_main_cf(arena, input.main_source));
    fuzz_demand(property_master_cf(arena, input.master_source));
    if (!config_open(&config, arena, &input, &error))
        fuzz_demand(arena_cstr(arena, error));
    check_settings(arena, draft, &config);
    check_services(draft, &config);
    check_tables(arena, draft, &files, &config);
}

void conversion_demand(struct arena *arena, const struct source *source, const char *platform)
{
    struct sendmail sendmail;
    struct str error = STR_NONE;
    struct draft draft;
    struct buffer report;

    bool good = sendmail_read(&sendmail, arena, source, conversion_directory(), &error);
    if (good == (error.at != NULL))
        fuzz_demand("failure and error do not agree");
    if (!good)
        return;
    draft_init(&draft, arena, &sendmail, facts_platform(str_of(platform)));
    convert_sendmail(&draft);
    check_fates(arena, &draft);
    check_files(arena, &draft);
    buffer_init(&report, arena);
    conversion_print(&report, &draft, NULL);
}
