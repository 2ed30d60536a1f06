/*
 * steps - what the new host needs before the files can be used: see write.h
 */
#include "convert/write/write.h"

static void add_package_step(struct draft *draft, struct str type)
{
    const struct platform *platform = draft->platform;
    const struct table_package *package = platform_table(platform, type);

    if (package == NULL || package->package.len == 0)
        return;
    draft_step(draft, STEP_PACKAGES,
               arena_printf(draft->arena, "%.*s %.*s", STR_ARG(platform->install_command),
                            STR_ARG(package->package)),
               arena_printf(draft->arena, "table type %.*s needs a package", STR_ARG(type)));
}

static void add_table_step(struct draft *draft, const struct draft_table *table)
{
    struct str ref = draft_table_ref(draft, table);
    struct str type = draft_table_type(draft, table);

    if (type.len > 0)
        add_package_step(draft, type);
    if (table->kind == DRAFT_INDEXED || table->kind == DRAFT_ALIASES)
        draft_step(draft, STEP_TABLES,
                   arena_printf(draft->arena, "%s %.*s",
                                table->kind == DRAFT_ALIASES ? "postalias" : "postmap",
                                STR_ARG(ref)),
                   arena_printf(draft->arena, "%.*s has %zu entr%s", STR_ARG(table->name),
                                table->count, table->count == 1 ? "y" : "ies"));
}

/* fix_default - a default value with a table type that the target does not have: alias_maps is
   hash:/etc/aliases */
static void fix_default(struct draft *draft, enum parameter_number number)
{
    const struct platform *platform = draft->platform;
    const struct parameter *parameter = facts_parameter_at(number);
    const struct platform_default *own = platform_default(platform, number);

    if (platform->berkeley_db || draft_value(draft, number).at != NULL)
        return;
    struct str value = own != NULL ? own->value : platform_upstream_default(platform, parameter);
    if (!str_starts(value, "hash:"))
        return;
    value = str_slice(value, 4, str_find(value, ',', 0));
    struct str type = platform->default_database_type;
    draft_set(draft, NULL, number, "%.*s%.*s", STR_ARG(type), STR_ARG(value));
    draft_reason(draft, number,
                 "the default value has a table type that is not available on this platform");
    draft_step(draft, STEP_TABLES, str_of("newaliases"), str_of("the system aliases"));
}

/* fix_trust_paths - the CA bundle of another system becomes this platform's */
static void fix_trust_paths(struct draft *draft)
{
    const struct platform *platform = draft->platform;

    for (size_t i = 0; i < draft->setting_count; i++) {
        struct draft_setting *setting = &draft->settings[i];
        bool file = str_ends(setting->name, "_CAfile");
        struct str own = file ? platform->ca_file : platform->ca_directory;
        if ((!file && !str_ends(setting->name, "_CApath")) || own.len == 0 ||
            !facts_trust_path(setting->value) || platform_has_trust_path(platform, setting->value))
            continue;
        setting->reason = arena_printf(draft->arena, "%.*s is not available on this platform",
                                       STR_ARG(setting->value));
        setting->value = own;
    }
}

void draft_write_steps(struct draft *draft)
{
    fix_trust_paths(draft);
    fix_default(draft, PARAM_ALIAS_MAPS);
    fix_default(draft, PARAM_ALIAS_DATABASE);
    for (size_t i = 0; i < draft->table_count; i++)
        add_table_step(draft, draft->tables[i]);
    draft_step(draft, STEP_CHECK, str_of("postfix check"), str_of("check the configuration"));
}
