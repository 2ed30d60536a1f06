/* missing_service - a service that Postfix's programs ask and that master.cf does not have */
#include "facts/programs.h"
#include "rules/names/written.h"
#include "rules/services/socket.h"
#include "rules/tables/tables.h"

/* a service that others need; its name is the value of a parameter */
struct need {
    enum parameter_number name;
    enum socket_class class;
    enum severity severity;
    bool (*is_needed)(struct check *check); /* NULL: always */
    const char *effect;                     /* of its absence */
};

/* --- services that not everybody needs -------------------------------------------------------- */

/* note_probe - a restriction that verifies addresses, wherever it is written */
static void note_probe(struct check *check, const struct written *written, void *found)
{
    (void)check;
    if (str_search(written->value, "reject_unverified_") < written->value.len)
        *(bool *)found = true;
}

static bool needs_verify(struct check *check)
{
    bool found = false;

    written_each(check, note_probe, &found);
    return found;
}

static void note_proxy(void *context, const struct used_table *use)
{
    if (str_is(use->ref->type->name, "proxy") && !tables_only_allows(use->parameter) &&
        !tables_is_cache(use))
        *(bool *)context = true;
}

static void note_default_proxy(void *context, const struct table_ref *ref)
{
    if (str_is(ref->type->name, "proxy"))
        *(bool *)context = true;
}

/* needs_proxymap - for a table in the files, or in the default of local_recipient_maps */
static bool needs_proxymap(struct check *check)
{
    bool found = false;

    tables_each(check, note_proxy, &found);
    if (check_value(check, NULL, PARAM_MYDESTINATION).len > 0)
        table_refs(check_value(check, NULL, PARAM_LOCAL_RECIPIENT_MAPS), note_default_proxy,
                   &found);
    return found;
}

/* note_tls - a level of smtpd(8) other than none */
static void note_tls(struct check *check, const struct written *written, void *found)
{
    enum parameter_number number =
        written->parameter != NULL ? written->parameter->number : PARAM_NONE;
    struct str value = config_expand(check->config, written->service, written->value, NULL, NULL);

    if ((number == PARAM_SMTPD_TLS_SECURITY_LEVEL && value.len > 0 &&
         !str_is_nocase(value, "none")) ||
        ((number == PARAM_SMTPD_USE_TLS || number == PARAM_SMTPD_TLS_WRAPPERMODE) &&
         str_is_nocase(value, "yes")))
        *(bool *)found = true;
}

static bool needs_tlsmgr(struct check *check)
{
    bool found = false;

    written_each(check, note_tls, &found);
    return found;
}

/* runs_postscreen - in front of port 25 */
static bool runs_postscreen(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "postscreen"))
            return true;
    return false;
}

static bool needs_dnsblog(struct check *check)
{
    return runs_postscreen(check) && check_value(check, NULL, PARAM_POSTSCREEN_DNSBL_SITES).len > 0;
}

static bool needs_tlsproxy(struct check *check)
{
    return runs_postscreen(check) && needs_tlsmgr(check);
}

static bool needs_flush(struct check *check)
{
    return check_value(check, NULL, PARAM_FAST_FLUSH_DOMAINS).len > 0 &&
           check_value(check, NULL, PARAM_RELAY_DOMAINS).len > 0;
}

/* --- the rule --------------------------------------------------------------------------------- */

static const struct need needs[] = {
    {PARAM_CLEANUP_SERVICE_NAME, SOCKET_PUBLIC, SEVERITY_ERROR, NULL,
     "no mail can be received or submitted"},
    {PARAM_REWRITE_SERVICE_NAME, SOCKET_PRIVATE, SEVERITY_ERROR, NULL,
     "no mail can be received, submitted or delivered"},
    {PARAM_PICKUP_SERVICE_NAME, SOCKET_PUBLIC, SEVERITY_ERROR, NULL,
     "mail that sendmail(1) submits waits in the maildrop queue"},
    {PARAM_QUEUE_SERVICE_NAME, SOCKET_PUBLIC, SEVERITY_ERROR, NULL,
     "mail waits in the incoming queue"},
    {PARAM_BOUNCE_SERVICE_NAME, SOCKET_PRIVATE, SEVERITY_ERROR, NULL,
     "mail that cannot be delivered is not returned to its sender"},
    {PARAM_DEFER_SERVICE_NAME, SOCKET_PRIVATE, SEVERITY_WARNING, NULL,
     "Postfix does not record why mail is delayed"},
    {PARAM_SHOWQ_SERVICE_NAME, SOCKET_PUBLIC, SEVERITY_WARNING, NULL,
     "mailq(1) does not show the queue to users"},
    {PARAM_ADDRESS_VERIFY_SERVICE_NAME, SOCKET_PRIVATE, SEVERITY_ERROR, needs_verify,
     "smtpd(8) waits when it verifies an address, and the client gets no answer"},
    {PARAM_PROXYMAP_SERVICE_NAME, SOCKET_PRIVATE, SEVERITY_ERROR, needs_proxymap,
     "programs with a proxy: table wait, and clients get no answer"},
    {PARAM_TLSMGR_SERVICE_NAME, SOCKET_PRIVATE, SEVERITY_ERROR, needs_tlsmgr,
     "TLS is not available: smtpd(8) answers 454 to STARTTLS"},
    {PARAM_DNSBLOG_SERVICE_NAME, SOCKET_PRIVATE, SEVERITY_WARNING, needs_dnsblog,
     "postscreen(8) does not ask the lists in postscreen_dnsbl_sites"},
    {PARAM_TLSPROXY_SERVICE_NAME, SOCKET_PRIVATE, SEVERITY_WARNING, needs_tlsproxy,
     "postscreen(8) does not offer STARTTLS where it tests clients by SMTP"},
    {PARAM_FLUSH_SERVICE_NAME, SOCKET_PUBLIC, SEVERITY_WARNING, needs_flush,
     "ETRN and sendmail -qR fail"},
};

/* services whose names are fixed */
static const struct {
    const char *name, *daemon; /* which needs it */
    enum severity severity;
    const char *effect;
} fixed[] = {
    {"anvil", "smtpd", SEVERITY_WARNING,
     "smtpd(8) limits no client, and logs a warning at every connection"},
    {"retry", "qmgr", SEVERITY_WARNING,
     "the queue manager cannot record why mail has to wait, and logs warnings"},
};

struct need_visit {
    const struct need *need;
    struct map reported; /* names */
};

static void check_name(struct check *check, struct need_visit *visit, struct str name,
                       struct span span)
{
    const struct need *need = visit->need;

    if (name.len == 0 || str_find(name, '$', 0) < name.len ||
        socket_find(check->config, need->class, name) != NULL ||
        map_get(&visit->reported, name) != NULL)
        return;
    map_put(&visit->reported, name, check);
    socket_report(check, span, need->class, name, need->effect)->severity = need->severity;
}

/* see_written - the name that main.cf or one service's -o gives */
static void see_written(struct check *check, const struct written *written, void *context)
{
    struct need_visit *visit = context;

    if (written->parameter == NULL || written->parameter->number != visit->need->name ||
        written_is_never_read(written, written->parameter))
        return;
    check_name(check, visit,
               config_expand(check->config, written->service, written->value, NULL, NULL),
               line_span(written->line, written->value));
}

/* check_fixed - those that some service of master.cf asks */
static void check_fixed(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    struct span end = {.source = NULL};

    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        bool asked = false;
        for (size_t k = 0; k < master_cf->count && !asked; k++)
            asked = service_runs(master_cf->services[k], fixed[i].daemon);
        if (asked && socket_find(check->config, SOCKET_PRIVATE, str_of(fixed[i].name)) == NULL)
            socket_report(check, end, SOCKET_PRIVATE, str_of(fixed[i].name), fixed[i].effect)
                ->severity = fixed[i].severity;
    }
}

static void check_services(struct check *check)
{
    if (sockets_known(check->config))
        check_fixed(check);
    for (size_t i = 0; i < sizeof needs / sizeof *needs && sockets_known(check->config); i++) {
        const struct need *need = &needs[i];
        struct need_visit visit = {.need = need};
        if (!platform_has(check->config->platform, facts_parameter_at(need->name)) ||
            (need->is_needed != NULL && !need->is_needed(check)))
            continue;
        map_init(&visit.reported, check->arena);
        written_each(check, see_written, &visit);
        if (!check_is_set(check, NULL, need->name))
            check_name(check, &visit, check_value(check, NULL, need->name), SPAN_NONE);
    }
}

/* check_passed - postscreen(8) passes connections on, which takes the type "pass" */
static void check_passed(struct check *check)
{
    struct str name = check_value(check, NULL, PARAM_SMTPD_SERVICE_NAME);
    const struct service *service = socket_find(check->config, SOCKET_PRIVATE, name);
    const struct source *source = check->config->master_cf.source;

    if (!runs_postscreen(check) || !sockets_known(check->config))
        return;
    if (service == NULL)
        check_reportf(
            check, (struct span){source, source->bytes.len, 0},
            "add \"smtpd pass - - y - - smtpd\"",
            "postscreen(8) answers 421 to each client that it lets in, because master.cf has "
            "no service \"%.*s\" of the type pass",
            STR_ARG(name));
    else if (!str_is(service->type, "pass"))
        check_reportf(check, line_span(&service->line, service->type),
                      "write pass in the second column (type)",
                      "the connection of each client that postscreen(8) lets in is closed: the "
                      "service \"%.*s\" is not of the type pass",
                      STR_ARG(name));
}

static void check_all(struct check *check)
{
    check_services(check);
    check_passed(check);
}

#define QUEUE                                                                                      \
    "pickup unix n - y 60 1 pickup\n"                                                              \
    "cleanup unix n - y - 0 cleanup\n"                                                             \
    "qmgr unix n - n 300 1 qmgr\n"                                                                 \
    "rewrite unix - - y - - trivial-rewrite\n"                                                     \
    "bounce unix - - y - 0 bounce\n"                                                               \
    "defer unix - - y - 0 bounce\n"                                                                \
    "showq unix n - y - - showq\n"                                                                 \
    "proxymap unix - - n - - proxymap\n"                                                           \
    "retry unix - - y - - error\n"

static const struct example examples[] = {
    {.title = "all that this configuration needs",
     .platform = "debian12",
     .main_cf = "smtp_tls_security_level = may\n",
     .master_cf = QUEUE},
    {.title = "TLS and probes need services of their own",
     .platform = "debian12",
     .main_cf = "smtpd_tls_security_level = may\n"
                "smtpd_sender_restrictions = reject_unverified_sender\n",
     .master_cf = QUEUE,
     .findings = {{10, ""}, {10, ""}}},
    {.title = "the name of a service that does not exist",
     .platform = "debian12",
     .main_cf = "bounce_service_name = bounces\n",
     .master_cf = QUEUE "smtp inet n - y - - smtpd -o cleanup_service_name=pre-cleanup\n",
     .findings = {{1, "bounces"}, {10, "pre-cleanup"}, {11, ""}}},
    {.title = "a queue manager that is private, where programs do not look for it",
     .platform = "debian12",
     .main_cf = "mydestination =\n",
     .master_cf = "pickup unix n - y 60 1 pickup\n"
                  "cleanup unix n - y - 0 cleanup\n"
                  "qmgr unix - - n 300 1 qmgr\n"
                  "rewrite unix - - y - - trivial-rewrite\n"
                  "bounce unix - - y - 0 bounce\n"
                  "defer unix - - y - 0 bounce\n"
                  "retry unix - - y - - error\n"
                  "showq unix n - y - - showq\n",
     .findings = {{3, "-"}}},
    {.title = "postscreen(8) needs three others",
     .platform = "debian12",
     .main_cf = "smtpd_tls_security_level = may\n"
                "postscreen_dnsbl_sites = dnsbl.example\n",
     .master_cf = QUEUE "tlsmgr unix - - y 1000? 1 tlsmgr\n"
                        "smtp inet n - y - 1 postscreen\n",
     .findings = {{12, ""}, {12, ""}, {12, ""}}},
    {.title = "and gives connections to a service of the type pass",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = QUEUE "smtp inet n - y - 1 postscreen\n"
                        "smtpd unix - - y - - smtpd\n",
     .findings = {{11, "unix"}, {12, ""}}},
    {.title = "services whose names are fixed, and flush(8)",
     .platform = "debian12",
     .main_cf = "mydestination =\n"
                "relay_domains = example.net\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "pickup unix n - y 60 1 pickup\n"
                  "cleanup unix n - y - 0 cleanup\n"
                  "qmgr unix n - n 300 1 qmgr\n"
                  "rewrite unix - - y - - trivial-rewrite\n"
                  "bounce unix - - y - 0 bounce\n"
                  "defer unix - - y - 0 bounce\n"
                  "showq unix n - y - - showq\n",
     .findings = {{9, ""}, {9, ""}, {9, ""}}},
    {.title = "an excerpt of master.cf does not say what is missing",
     .platform = "debian12",
     .main_cf = "bounce_service_name = bounces\n",
     .master_cf = "smtp inet n - y - - smtpd\n"},
};

const struct rule rule_missing_service = {
    .name = "missing-service",
    .summary = "a service that Postfix's programs need is not in master.cf",
    .why = "Postfix's programs reach each other by the names of services in master.cf: smtpd(8) "
           "hands mail to public/cleanup, cleanup(8) tells public/qmgr of it, all of them rewrite "
           "addresses by private/rewrite.  The names are the values of parameters such as "
           "cleanup_service_name.  Where the service is missing, is spelled differently, or is "
           "private instead of public, the program tries again until its client gives up, and "
           "only the log shows why: \"connect #1 to subsystem public/cleanup: No such file or "
           "directory\".\n\n"
           "A copy of master.cf without services for the queue is taken for an excerpt, and "
           "nothing is reported.",
    .source = "master(5); src/global/mail_connect.c; src/global/mail_proto.h",
    .severity = SEVERITY_ERROR,
    .check = check_all,
    RULE_EXAMPLES(examples),
};
