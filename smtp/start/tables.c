#include "smtp/start/tables.h"

#include "parser/postfix/names.h"
#include "parser/postfix/written.h"
#include "parser/tables/client.h"
#include "parser/tables/index.h"
#include "parser/tables/ref.h"
#include "parser/text/token.h"
#include "smtp/service/socket.h"

/* a parameter whose value names tables */
struct table_setting {
    enum parameter_number parameter;
    const struct value_shape *shape;
    bool expanded; /* the value depends on others */
    bool known;    /* that main.cf's value has been checked */
    bool failed;   /* and that one of its tables ends the program, for FAULT */
    struct start_fault fault;
};

struct start_tables {
    const struct policy *policy;
    struct str approved; /* the value of proxy_read_maps; STR_NONE: not known */
    bool own_names;      /* main.cf refers to the name of the service that reads it */
    struct table_setting *settings;
    size_t count, capacity;
};

/* one value */
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

/* tables_matter - may any table of the configuration end a program? */
static bool tables_matter(const struct config *config)
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

/* check_setting - the tables of the parameter, for SERVICE, or NULL: for one without overrides */
static bool check_setting(const struct start_tables *tables, const struct service *service,
                          enum parameter_number parameter, struct start_fault *fault)
{
    struct tables_check check = {.policy = tables->policy,
                                 .parameter = parameter,
                                 .approved = tables->approved,
                                 .fault = fault};
    int flags = 0;
    struct str value = config_value(tables->policy->config, service, parameter, &flags, NULL);

    if (value.at != NULL && (flags & EXPAND_FAILED) == 0 && str_find(value, ':', 0) < value.len)
        table_refs(value, see_table, &check);
    return !check.failed;
}

static void add_setting(struct start_tables *tables, enum parameter_number parameter)
{
    const struct policy *policy = tables->policy;

    tables->settings = arena_grow(policy->arena, tables->settings, tables->count, &tables->capacity,
                                  sizeof *tables->settings);
    struct table_setting *setting = &tables->settings[tables->count++];
    *setting = (struct table_setting){
        .parameter = parameter,
        .shape = parameter_shape(parameter),
        .expanded = expand_needed(config_find(policy->config, NULL, parameter).value)};
}

static bool refers_to(const struct config *config, enum parameter_number number)
{
    return map_get(&config->names->in_main, parameter_name(number)) != NULL;
}

struct start_tables *start_tables_open(const struct policy *policy)
{
    const struct config *config = policy->config;

    if (!tables_matter(config))
        return NULL;
    struct start_tables *tables = arena_alloc(policy->arena, sizeof *tables);
    *tables = (struct start_tables){.policy = policy,
                                    .approved = find_approved(policy),
                                    .own_names = refers_to(config, PARAM_SERVICE_NAME) ||
                                                 refers_to(config, PARAM_PROCESS_NAME)};
    for (int i = PARAM_NONE + 1; i < PARAM_END; i++) {
        enum parameter_number number = (enum parameter_number)i;
        const struct value_shape *shape = parameter_shape(number);
        if (has_maps(shape) && shape->effect != VALUE_FAILS &&
            parameter_in(facts_parameter_at(number), config->release))
            add_setting(tables, number);
    }
    return tables;
}

/* is_own - may the value differ from that for a service without overrides? */
static bool is_own(const struct start_tables *tables, const struct table_setting *setting,
                   const struct service *service)
{
    if (setting->expanded && (tables->own_names || service->override_count > 0))
        return true;
    return service_override(service, setting->parameter) != NULL;
}

/* check_main_setting - what main.cf says, which is the same for most services */
static bool check_main_setting(const struct start_tables *tables, struct table_setting *setting,
                               struct start_fault *fault)
{
    if (!setting->known)
        setting->failed = !check_setting(tables, NULL, setting->parameter, &setting->fault);
    setting->known = true;
    if (setting->failed)
        *fault = setting->fault;
    return !setting->failed;
}

bool start_check_tables(struct start_tables *tables, const struct service *service,
                        const struct program *program, struct start_fault *fault)
{
    for (size_t i = 0; i < tables->count; i++) {
        struct table_setting *setting = &tables->settings[i];
        if (!program_reads(program, setting->parameter) ||
            str_list_has(&setting->shape->spared, program->name))
            continue;
        if (is_own(tables, setting, service)
                ? !check_setting(tables, service, setting->parameter, fault)
                : !check_main_setting(tables, setting, fault))
            return false;
    }
    return true;
}
