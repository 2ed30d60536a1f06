#include "parser/postfix/kind.h"

#include "base/path.h"
#include "parser/postfix/main_cf.h"
#include "parser/postfix/master_cf.h"

/* looks_like_master - a file whose first logical line is not "name = value" */
static bool looks_like_master(struct arena *arena, const struct source *source)
{
    struct line_reader reader = {.source = source};
    struct line line;
    struct str name, value;

    if (!line_next(&reader, arena, &line))
        return false;
    return split_name_value(line.text, &name, &value) != NULL || str_find(name, '/', 0) < name.len;
}

bool file_is_own_copy(struct str name)
{
    return str_search(name, ".postmend-") < name.len;
}

/* is_named - NAME, or NAME and what a package manager or an editor adds to it */
static bool is_named(struct str name, const char *wanted)
{
    size_t len = str_of(wanted).len;

    if (!str_starts(name, wanted))
        return false;
    return name.len == len || str_find((struct str)STR(".-_~"), name.at[len], 0) < 4;
}

/* is_main_cf - is every line a setting, and are at least half of them parameters of Postfix? */
static bool is_main_cf(struct arena *arena, const struct source *source)
{
    struct main_cf main_cf;
    size_t known = 0;

    main_cf_parse(&main_cf, arena, source);
    for (size_t i = 0; i < main_cf.count; i++)
        known += facts_parameter(main_cf.entries[i]->name) != NULL;
    return main_cf.problems.count == 0 && known > 0 && 2 * known >= main_cf.count;
}

/* is_master_cf - are there more services than lines with a problem? */
static bool is_master_cf(struct arena *arena, const struct source *source)
{
    struct master_cf master_cf;

    master_cf_parse(&master_cf, arena, source);
    return master_cf.count > master_cf.problems.count;
}

enum file_kind file_kind(struct arena *arena, const struct source *source)
{
    struct str name = path_base(source->path);

    if (str_is(source->path, "-"))
        return looks_like_master(arena, source) ? FILE_MASTER_CF : FILE_MAIN_CF;
    if (file_is_own_copy(name))
        return FILE_OTHER;
    if (is_named(name, "master.cf"))
        return FILE_MASTER_CF;
    if (is_named(name, "main.cf"))
        return FILE_MAIN_CF;
    if (is_main_cf(arena, source))
        return FILE_MAIN_CF;
    return is_master_cf(arena, source) ? FILE_MASTER_CF : FILE_OTHER;
}
