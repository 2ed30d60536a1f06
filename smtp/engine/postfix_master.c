/* postfix_master - master.cf of the private Postfix */
#include <string.h>

#include "parser/text/token.h"
#include "smtp/engine/postfix_config.h"

/* daemons that are kept, but without chroot; none of them sends mail */
static const char *const kept[] = {
    "anvil",           "bounce", "cleanup", "discard", "error",  "flush", "pickup",
    "proxymap",        "qmgr",   "nqmgr",   "oqmgr",   "scache", "showq", "tlsmgr",
    "trivial-rewrite", "verify", "spawn",
};

/* ... and those that deliver, which are replaced by the catcher */
static const char *const delivering[] = {"smtp", "lmtp", "local", "virtual", "pipe"};

static bool runs_one_of(const struct service *service, const char *const *daemons, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (service_runs(service, daemons[i]))
            return true;
    return false;
}

/* a command is a file of daemon_directory, from which a path leads out */
bool postfix_refuses_command(const struct service *service)
{
    return str_find(service->command, '/', 0) < service->command.len;
}

bool postfix_runs(const struct service *service)
{
    return !str_is(service->type, "inet") && !str_is(service->type, "pass") &&
           !postfix_refuses_command(service) &&
           (runs_one_of(service, delivering, sizeof delivering / sizeof *delivering) ||
            runs_one_of(service, kept, sizeof kept / sizeof *kept));
}

static void add_word(struct buffer *out, struct str text)
{
    bool braces = str_span_not(text, 0, TOKEN_BLANKS) < text.len || text.len == 0;

    buffer_printf(out, braces ? " { %.*s }" : " %.*s", STR_ARG(text));
}

/* add_arguments - each -o that the private main.cf does not replace, and what is no option: others,
   such as -v and -D, are for debugging */
static void add_arguments(struct buffer *out, const struct postfix *postfix,
                          const struct service *service)
{
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next) {
        if (postfix_sets(o->name) || postfix_refuses(postfix, service, o->name, o->value))
            continue;
        buffer_add_cstr(out, " -o");
        add_word(out,
                 postfix_map_paths(postfix, arena_printf(postfix->arena, "%.*s=%.*s",
                                                         STR_ARG(o->name), STR_ARG(o->value))));
    }
    for (size_t i = 0; i < service->argument_count; i++)
        if (!service_takes_option(service, &service->arguments[i]))
            add_word(out, postfix_map_paths(postfix, service->arguments[i].text));
}

/* add_fields - from the third to the one before the command; no chroot */
static void add_fields(struct buffer *out, const struct service *service, bool listens)
{
    for (size_t i = MASTER_PRIVATE; i < MASTER_COMMAND; i++) {
        struct str field = service->fields[i];
        if (i == MASTER_CHROOT || (listens && i == MASTER_PRIVATE))
            field = (struct str)STR("n");
        buffer_printf(out, " %.*s", STR_ARG(field));
    }
}

/* add_smtpd - a service that listens, on its port of loopback */
static void add_smtpd(struct buffer *out, const struct postfix *postfix, size_t index)
{
    const struct policy_service *service = postfix->ports[index].service;

    if (postfix->ports[index].port == 0)
        return;
    buffer_printf(out, "127.0.0.1:%d inet", postfix->ports[index].port);
    add_fields(out, service->service, true);
    buffer_add_cstr(out, " smtpd");
    add_arguments(out, postfix, service->service);
    /* after the service's own overrides: the last -o counts */
    buffer_printf(out, "%.*s\n", STR_ARG(postfix_certificate(postfix, service)));
}

static void add_catcher(struct buffer *out, const struct postfix *postfix,
                        const struct service *service)
{
    buffer_printf(out,
                  "%.*s unix - n n - %.*s pipe\n"
                  "  flags= null_sender= user=%.*s argv=" POSTFIX_PLACE
                  "/catch %.*s ${nexthop} ${sender} "
                  "${recipient}\n",
                  STR_ARG(service->name), STR_ARG(service->fields[MASTER_PROCESS_LIMIT]),
                  STR_ARG(postfix->installed.catcher), STR_ARG(service->name));
}

static void add_service(struct buffer *out, const struct postfix *postfix,
                        const struct service *service)
{
    if (!postfix_runs(service))
        return;
    if (runs_one_of(service, delivering, sizeof delivering / sizeof *delivering)) {
        add_catcher(out, postfix, service);
    } else {
        buffer_printf(out, "%.*s %.*s", STR_ARG(service->name), STR_ARG(service->type));
        add_fields(out, service, false);
        buffer_printf(out, " %.*s", STR_ARG(service->command));
        add_arguments(out, postfix, service);
        buffer_add_char(out, '\n');
    }
}

struct str postfix_master_cf(const struct postfix *postfix)
{
    const struct config *config = postfix->request->config;
    const struct policy *policy = postfix->request->policy;
    struct buffer out;

    buffer_init(&out, postfix->arena);
    for (size_t i = 0; i < config->master_cf.problems.count; i++)
        if (config->master_cf.problems.items[i].fatal) {
            /* unchanged, so that Postfix logs why it does not start */
            buffer_add(&out, config->master_cf.source->bytes);
            return buffer_str(&out);
        }
    for (size_t i = 0; i < config->master_cf.count; i++)
        add_service(&out, postfix, config->master_cf.services[i]);
    /* last: a client that can connect finds all other services */
    for (size_t i = 0; i < policy->count; i++)
        add_smtpd(&out, postfix, i);
    return buffer_str(&out);
}
