#include "smtp/server/read_ahead.h"

#include "facts/programs.h"
#include "parser/postfix/written.h"
#include "parser/tables/ref.h"
#include "smtp/address/match_list.h"

/* --- lookup tables ------------------------------------------------------------------------ */

/* open_table - in every way in which a server opens tables (table.h); they are kept.  Those that a
   table's results name are not used: Postfix opens none later */
static void open_table(void *context, const struct table_ref *ref)
{
    static const unsigned uses[] = {TABLE_FOLD, TABLE_FOLD | TABLE_ALIAS,
                                    TABLE_FOLD | TABLE_NO_REGSUB};
    struct tables *tables = context;

    if (ref->inside != NULL)
        return; /* opened with the outer one */
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        table_open(tables, ref->text, uses[i]);
}

static void open_tables(const struct policy *policy)
{
    const struct config *config = policy->config;
    struct written_walk walk = {.config = config};
    struct written written;

    while (written_next(&walk, &written)) {
        struct str text = config_expand(config, written.service, written.value, NULL, NULL);
        if (text.at != NULL)
            table_refs(text, open_table, policy->tables);
    }
    for (enum parameter_number number = PARAM_NONE + 1; number < PARAM_END; number++) {
        struct str text = config_default(config, number).value;
        if (text.at != NULL)
            table_refs(text, open_table, policy->tables);
    }
}

/* --- lists --------------------------------------------------------------------------------- */

static bool may_name_files(enum parameter_number number)
{
    const struct value_shape *shape = parameter_shape(number);

    return shape != NULL && (shape->kind == SHAPE_NETWORKS || shape->kind == SHAPE_DOMAINS);
}

static void read_lists(const struct policy_service *service, struct arena *scratch)
{
    struct world world;
    struct state state;

    arena_reset(scratch);
    world_init(&world, scratch, NULL);
    state_init(&state, service, scratch, &world);
    for (enum parameter_number number = PARAM_NONE + 1; number < PARAM_END; number++)
        if (may_name_files(number))
            match_list_read(&state, number);
    match_users(&state);
    policy_str(service, PARAM_MYORIGIN);
}

void read_ahead(const struct policy *policy)
{
    struct arena *scratch = arena_create(NULL);

    config_keep(policy->config);
    open_tables(policy);
    read_lists(policy->all, scratch);
    read_lists(policy->rewrite, scratch);
    read_lists(policy->cleanup, scratch);
    for (size_t i = 0; i < policy->count; i++) {
        read_lists(&policy->services[i], scratch);
        read_lists(policy_cleanup_of(&policy->services[i]), scratch);
    }
    arena_destroy(scratch);
}
