/*
 * postfix_left_out - what the configuration uses and the private Postfix does not have
 *
 * Milters, policy servers, filters in front of the queue and databases run on the machine, or on
 * another one; from the private Postfix none of them can be reached.  main.cf leaves milters and
 * filters out, and a policy server counts as one that has no opinion (postfix_main.c).
 */
#include <string.h>

#include "parser/tables/ref.h"
#include "parser/text/token.h"
#include "smtp/engine/postfix_config.h"

struct left_out {
    struct engine_run *run;
    const struct postfix *postfix;
};

static bool is_known(const struct engine_run *run, const struct engine_left_out *item)
{
    for (size_t i = 0; i < run->left_out_count; i++)
        if (str_eq(run->left_out[i].what, item->what) &&
            str_eq(run->left_out[i].service, item->service))
            return true;
    return false;
}

static void add(const struct left_out *left_out, struct engine_left_out item)
{
    struct engine_run *run = left_out->run;

    if (is_known(run, &item))
        return;
    run->left_out = arena_grow(left_out->postfix->arena, run->left_out, run->left_out_count,
                               &run->left_out_capacity, sizeof *run->left_out);
    run->left_out[run->left_out_count++] = item;
}

/* --- milters and filters ------------------------------------------------------------------ */

static void add_milters(const struct left_out *left_out, const struct policy_service *service)
{
    struct arena *arena = left_out->postfix->arena;
    struct str list = policy_str(service, PARAM_SMTPD_MILTERS);
    struct str maps = policy_str(service, PARAM_SMTPD_MILTER_MAPS);
    struct str word;

    while (list.len > 0 && token_next(&list, TOKEN_COMMAS, &word))
        add(left_out,
            (struct engine_left_out){.what = arena_printf(arena, "milter %.*s", STR_ARG(word)),
                                     .service = service->listener->name,
                                     .all = true});
    if (maps.len > 0)
        add(left_out,
            (struct engine_left_out){.what = arena_printf(arena, "milters of %.*s", STR_ARG(maps)),
                                     .service = service->listener->name,
                                     .all = true});
}

static void add_filter(const struct left_out *left_out, const struct policy_service *service)
{
    struct str filter = policy_str(service, PARAM_SMTPD_PROXY_FILTER);

    if (filter.len > 0)
        add(left_out, (struct engine_left_out){.what = arena_printf(left_out->postfix->arena,
                                                                    "smtpd_proxy_filter %.*s",
                                                                    STR_ARG(filter)),
                                               .service = service->listener->name,
                                               .all = true});
}

/* --- policy servers ----------------------------------------------------------------------- */

/* runs_inside - is it a service of master.cf that the private Postfix has? */
static bool runs_inside(const struct left_out *left_out, struct str server)
{
    static const char inside[] = "unix:private/"; /* relative to queue_directory */
    const struct master_cf *master_cf = &left_out->postfix->request->config->master_cf;
    struct str text = server;
    struct str word;

    if (str_starts(text, "{"))
        text = str_slice(text, 1, text.len);
    if (!token_next_plain(&text, ", \t\r\n{}", &word) || !str_starts(word, inside))
        return false;
    word = str_slice(word, sizeof inside - 1, word.len);
    for (size_t i = 0; i < master_cf->count; i++)
        if (str_eq(master_cf->services[i]->name, word) &&
            str_is(master_cf->services[i]->type, "unix"))
            return postfix_runs(master_cf->services[i]);
    return false;
}

/* add_policy_servers - of a list of restrictions */
static void add_policy_servers(const struct left_out *left_out, struct str list)
{
    struct arena *arena = left_out->postfix->arena;
    struct str word;

    while (list.len > 0 && token_next(&list, TOKEN_COMMAS, &word)) {
        if (!str_is_nocase(word, "check_policy_service") ||
            !token_next(&list, TOKEN_COMMAS, &word) || runs_inside(left_out, word))
            continue;
        add(left_out, (struct engine_left_out){
                          .what = arena_printf(arena, "policy server %.*s", STR_ARG(word)),
                          .service = STR(""),
                          .reason = arena_printf(arena, "service of %.*s", STR_ARG(word))});
    }
}

static void add_restrictions(const struct left_out *left_out, const struct policy_service *service)
{
    static const enum parameter_number lists[] = {
        PARAM_SMTPD_CLIENT_RESTRICTIONS,      PARAM_SMTPD_HELO_RESTRICTIONS,
        PARAM_SMTPD_SENDER_RESTRICTIONS,      PARAM_SMTPD_RELAY_RESTRICTIONS,
        PARAM_SMTPD_RECIPIENT_RESTRICTIONS,   PARAM_SMTPD_DATA_RESTRICTIONS,
        PARAM_SMTPD_END_OF_DATA_RESTRICTIONS, PARAM_SMTPD_ETRN_RESTRICTIONS,
    };
    struct str classes = policy_str(service, PARAM_SMTPD_RESTRICTION_CLASSES);
    struct str name;

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        add_policy_servers(left_out, policy_str(service, lists[i]));
    while (classes.len > 0 && token_next_plain(&classes, TOKEN_COMMAS, &name))
        add_policy_servers(left_out, policy_user_str(service, name));
}

/* --- databases and DNS -------------------------------------------------------------------- */

static void add_table(void *context, const struct table_ref *ref)
{
    const struct left_out *left_out = context;
    struct arena *arena = left_out->postfix->arena;

    if ((ref->type->kind != TABLE_CLIENT && ref->type->kind != TABLE_NETWORK) ||
        str_is(ref->type->name, "sqlite"))
        return;
    add(left_out, (struct engine_left_out){
                      .what = arena_printf(arena, "table %.*s", STR_ARG(ref->text)),
                      .service = STR(""),
                      .reason = arena_printf(arena, "table of %.*s", STR_ARG(ref->text))});
}

static void add_tables(struct left_out *left_out)
{
    const struct config *config = left_out->postfix->request->config;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        struct str text =
            config_expand(config, NULL, config->main_cf.entries[i]->value, NULL, NULL);
        if (text.at != NULL)
            table_refs(text, add_table, left_out);
    }
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        for (const struct master_override *o = service->overrides; o != NULL; o = o->next) {
            struct str text = config_expand(config, service, o->value, NULL, NULL);
            if (text.at != NULL)
                table_refs(text, add_table, left_out);
        }
    }
}

static void add_dns(const struct left_out *left_out)
{
    add(left_out,
        (struct engine_left_out){
            .what = STR("DNS"), .service = STR(""), .reason = STR("dns of"), .usual = true});
    add(left_out, (struct engine_left_out){.what = STR("DNS block lists"),
                                           .service = STR(""),
                                           .reason = STR("dnsbl of"),
                                           .usual = true});
}

/* --- services ----------------------------------------------------------------------------- */

static void add_refused(const struct left_out *left_out, const struct service *service)
{
    struct arena *arena = left_out->postfix->arena;

    if (postfix_refuses_command(service))
        add(left_out, (struct engine_left_out){
                          .what = arena_printf(arena, "service %.*s, whose command is a path: %.*s",
                                               STR_ARG(service->name), STR_ARG(service->command)),
                          .service = STR("")});
}

/* add_names - the names of services that are paths */
static void add_names(const struct left_out *left_out)
{
    const struct config *config = left_out->postfix->request->config;
    struct arena *arena = left_out->postfix->arena;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        const struct main_cf_entry *entry = config->main_cf.entries[i];
        if (!entry->overridden &&
            postfix_refuses(left_out->postfix, NULL, entry->name, entry->value))
            add(left_out, (struct engine_left_out){.what = arena_printf(arena, "%.*s = %.*s",
                                                                        STR_ARG(entry->name),
                                                                        STR_ARG(entry->value)),
                                                   .service = STR("")});
    }
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        add_refused(left_out, service);
        for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
            if (postfix_refuses(left_out->postfix, service, o->name, o->value))
                add(left_out, (struct engine_left_out){.what = arena_printf(arena, "%.*s = %.*s",
                                                                            STR_ARG(o->name),
                                                                            STR_ARG(o->value)),
                                                       .service = service->name});
    }
}

void postfix_leave_out(const struct postfix *postfix, struct engine_run *run)
{
    const struct policy *policy = postfix->request->policy;
    struct left_out left_out = {.run = run, .postfix = postfix};

    for (size_t i = 0; i < policy->count; i++) {
        add_milters(&left_out, &policy->services[i]);
        add_filter(&left_out, &policy->services[i]);
        add_restrictions(&left_out, &policy->services[i]);
    }
    add_tables(&left_out);
    add_names(&left_out);
    add_dns(&left_out);
}
