/*
 * steps - what the files need on the new host: see write.h
 */
#include "convert/write/write.h"

static void package_step(struct draft *draft, struct str type)
{
    const struct platform *platform = draft->platform;
    const struct table_package *package = platform_table(platform, type);

    if (package == NULL || package->package.len == 0)
        return;
    draft_step(draft, STEP_PACKAGES,
               arena_printf(draft->arena, "%.*s %.*s", STR_ARG(platform->install_command),
                            STR_ARG(package->package)),
               arena_printf(draft->arena, "Tables of the type %.*s are in a package of their own:",
                            STR_ARG(type)));
}

static void table_step(struct draft *draft, const struct draft_table *table)
{
    struct str ref = draft_table_ref(draft, table);
    struct str type = draft_table_type(draft, table);

    if (type.len > 0)
        package_step(draft, type);
    if (table->kind == DRAFT_INDEXED || table->kind == DRAFT_ALIASES)
        draft_step(draft, STEP_TABLES,
                   arena_printf(draft->arena, "%s %.*s",
                                table->kind == DRAFT_ALIASES ? "postalias" : "postmap",
                                STR_ARG(ref)),
                   arena_printf(draft->arena, "%.*s has %zu entr%s:", STR_ARG(table->name),
                                table->count, table->count == 1 ? "y" : "ies"));
}

/* mend_default - a default that names a type which the target lacks: alias_maps is
 * hash:/etc/aliases
 */
static void mend_default(struct draft *draft, const char *name)
{
    const struct platform *platform = draft->platform;
    const struct parameter *parameter = facts_parameter(str_of(name));
    const struct platform_default *own =
        parameter == NULL ? NULL : platform_default(platform, parameter->number);

    if (platform->berkeley_db || parameter == NULL || draft_value(draft, name).at != NULL)
        return;
    struct str value = own != NULL ? own->value : parameter_default(parameter, platform->release);
    if (!str_starts(value, "hash:"))
        return;
    value = str_slice(value, 4, str_find(value, ',', 0));
    struct str type = platform->default_database_type;
    draft_set(draft, NULL, name, "%.*s%.*s", STR_ARG(type), STR_ARG(value));
    draft_reason(draft, name, "the default is of a type that this platform does not have");
    draft_step(draft, STEP_TABLES, str_of("newaliases"), str_of("The aliases of the machine:"));
}

/* mend_bundles - another system's bundle of certificates is this platform's own */
static void mend_bundles(struct draft *draft)
{
    const struct platform *platform = draft->platform;

    for (size_t i = 0; i < draft->setting_count; i++) {
        struct draft_setting *setting = &draft->settings[i];
        bool file = str_ends(setting->name, "_CAfile");
        struct str own = file ? platform->ca_file : platform->ca_directory;
        if ((!file && !str_ends(setting->name, "_CApath")) || own.len == 0 ||
            !facts_trust_path(setting->value) || platform_has_trust_path(platform, setting->value))
            continue;
        setting->reason = arena_printf(draft->arena, "%.*s is what other systems call it",
                                       STR_ARG(setting->value));
        setting->value = own;
    }
}

void draft_write_steps(struct draft *draft)
{
    mend_bundles(draft);
    mend_default(draft, "alias_maps");
    mend_default(draft, "alias_database");
    for (size_t i = 0; i < draft->table_count; i++)
        table_step(draft, draft->tables[i]);
    draft_step(draft, STEP_CHECK, str_of("postfix check"),
               str_of("Postfix looks at the files itself:"));
}
