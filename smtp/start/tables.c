#include "smtp/start/tables.h"

#include "parser/postfix/written.h"
#include "parser/tables/client.h"
#include "parser/tables/index.h"
#include "parser/tables/ref.h"
#include "parser/text/token.h"
#include "smtp/service/socket.h"

/* what a program opens */
struct tables_check {
    const struct policy *policy;
    enum parameter_number parameter;
    struct str approved; /* the value of proxy_read_maps; STR_NONE: not known */
    struct start_fault *fault;
    bool failed;
};

/* --- does it matter? -------------------------------------------------------------------------- */

static void note_fatal(void *context, const struct table_ref *ref)
{
    if (ref->type->kind == TABLE_CLIENT || ref->type->smallest > 0)
        *(bool *)context = true;
}

static bool has_maps(const struct value_shape *shape)
{
    return shape != NULL && (shape->kind == SHAPE_MAPS || shape->kind == SHAPE_MAP ||
                             shape->kind == SHAPE_POLICY_SERVERS || shape->kind == SHAPE_USER_IDS ||
                             shape->kind == SHAPE_GROUP_IDS);
}

bool start_tables_matter(const struct config *config)
{
    struct written_walk walk = {.config = config};
    struct written written;
    bool found = false;

    while (!found && written_next(&walk, &written)) {
        if (written.parameter != NULL && written.parameter->number == PARAM_PROXY_READ_MAPS)
            return true;
        if (str_find(written.value, ':', 0) < written.value.len)
            table_refs(written.value, note_fatal, &found);
    }
    return found;
}

/* --- one table -------------------------------------------------------------------------------- */

static void see_client_fault(void *context, const struct client_fault *fault)
{
    struct tables_check *tables = context;

    if (tables->failed || !fault->exits)
        return;
    tables->failed = true;
    *tables->fault = (struct start_fault){
        .problem = START_EXITS,
        .cause = CAUSE_TABLE,
        .parameter = tables->parameter,
        .span = fault->span,
        .why = arena_printf(tables->policy->arena, "a table of %.*s cannot be used: %.*s",
                            STR_ARG(parameter_name(tables->parameter)), STR_ARG(fault->what)),
        .advice = str_of(fault->advice),
    };
}

/* is_approved - does proxy_read_maps have "proxy:hash:/etc/postfix/x"? */
static bool is_approved(struct str list, struct str table)
{
    struct str word;

    if (list.at == NULL)
        return true;
    while (token_next(&list, TOKEN_COMMAS, &word))
        if (str_eq(word, table))
            return true;
    return false;
}

static void fail_approval(struct tables_check *tables, const struct table_ref *ref)
{
    const struct policy *policy = tables->policy;
    struct setting setting = config_find(policy->config, NULL, PARAM_PROXY_READ_MAPS);
    struct span none = {.source = NULL};

    tables->failed = true;
    *tables->fault = (struct start_fault){
        .problem = START_EXITS,
        .cause = CAUSE_RELATION,
        .parameter = PARAM_PROXY_READ_MAPS,
        .span = setting.line == NULL ? none : line_span(setting.line, setting.value),
        .why = arena_printf(policy->arena, "proxy_read_maps does not have %.*s, which %.*s names",
                            STR_ARG(ref->text), STR_ARG(parameter_name(tables->parameter))),
        .advice = arena_printf(policy->arena, "add %.*s to proxy_read_maps, or remove that setting",
                               STR_ARG(ref->text)),
    };
}

/* check_index - the file of a cdb: table, which may not be one */
static void check_index(struct tables_check *tables, const struct table_ref *ref)
{
    const struct policy *policy = tables->policy;
    struct setting setting = config_find(policy->config, NULL, tables->parameter);
    struct span none = {.source = NULL};
    struct str file;
    bool exits;

    if (index_valid(policy->arena, policy->config, ref->type, ref->name, &file, &exits) || !exits)
        return;
    tables->failed = true;
    *tables->fault = (struct start_fault){
        .problem = START_EXITS,
        .cause = CAUSE_TABLE,
        .parameter = tables->parameter,
        .span = setting.line == NULL ? none : line_span(setting.line, setting.value),
        .why = arena_printf(policy->arena, "%.*s is not a %.*s table", STR_ARG(file),
                            STR_ARG(ref->type->name)),
        .advice = arena_printf(policy->arena, "run: postmap %.*s", STR_ARG(ref->text)),
    };
}

static void see_table(void *context, const struct table_ref *ref)
{
    struct tables_check *tables = context;

    if (tables->failed)
        return;
    if (ref->type->smallest > 0)
        check_index(tables, ref);
    if (ref->type->kind == TABLE_CLIENT && ref->name.len > 0)
        client_faults(tables->policy->arena, tables->policy->config, ref->type, ref->name,
                      see_client_fault, tables);
    else if (str_is(ref->type->name, "proxy") && !is_approved(tables->approved, ref->text))
        fail_approval(tables, ref);
}

/* --- all that a program opens ----------------------------------------------------------------- */

/* find_approved - what proxymap(8) may open for others; STR_NONE where that is not known */
static struct str find_approved(const struct policy *policy)
{
    const struct config *config = policy->config;
    const struct service *service =
        socket_find(config, SOCKET_PRIVATE, policy_str(policy->all, PARAM_PROXYMAP_SERVICE_NAME));
    struct setting setting = config_find(config, service, PARAM_PROXY_READ_MAPS);
    struct config_reader reader = {service, facts_program(str_of("proxymap")),
                                   PARAM_PROXY_READ_MAPS, STR_NONE};
    int flags = 0;

    if (setting.line == NULL)
        return STR_NONE; /* the default has all that Postfix may ask for */
    struct str list = config_expand_for(config, &reader, setting.value, &flags, NULL);
    return (flags & (EXPAND_FAILED | EXPAND_HAS_UNDETERMINED)) != 0 ? STR_NONE : list;
}

/* opens - does the program open the tables of the parameter when it starts? */
static bool opens(const struct program *program, enum parameter_number number)
{
    const struct value_shape *shape = parameter_shape(number);

    return program_reads(program, number) && has_maps(shape) && shape->effect != VALUE_FAILS &&
           !str_list_has(&shape->spared, program->name);
}

bool start_check_tables(const struct policy *policy, const struct service *service,
                        const struct program *program, struct start_fault *fault)
{
    const struct config *config = policy->config;
    struct tables_check tables = {
        .policy = policy, .approved = find_approved(policy), .fault = fault};

    for (int i = PARAM_NONE + 1; i < PARAM_END && !tables.failed; i++) {
        tables.parameter = (enum parameter_number)i;
        if (!opens(program, tables.parameter) ||
            !parameter_in(facts_parameter_at(tables.parameter), config->release))
            continue;
        int flags = 0;
        struct str value = config_value(config, service, tables.parameter, &flags, NULL);
        if (value.at != NULL && (flags & EXPAND_FAILED) == 0 && str_find(value, ':', 0) < value.len)
            table_refs(value, see_table, &tables);
    }
    return !tables.failed;
}
