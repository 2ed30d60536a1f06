/* a service that clients connect to: with the services that it asks */
#include "parser/tables/ref.h"
#include "smtp/service/socket.h"
#include "smtp/start/start.h"
#include "smtp/tls/tls.h"

/* --- the services that smtpd(8) asks -----------------------------------------------------------
 */

static const struct {
    const char *fixed; /* the name, where no parameter has it */
    enum parameter_number name;
    enum socket_class class;
} sockets[] = {
    [ASKED_ANVIL] = {"anvil", PARAM_NONE, SOCKET_PRIVATE},
    [ASKED_TLSMGR] = {NULL, PARAM_TLSMGR_SERVICE_NAME, SOCKET_PRIVATE},
    [ASKED_PROXYMAP] = {NULL, PARAM_PROXYMAP_SERVICE_NAME, SOCKET_PRIVATE},
    [ASKED_REWRITE] = {NULL, PARAM_REWRITE_SERVICE_NAME, SOCKET_PRIVATE},
    [ASKED_CLEANUP] = {NULL, PARAM_CLEANUP_SERVICE_NAME, SOCKET_PUBLIC},
    [ASKED_VERIFY] = {NULL, PARAM_ADDRESS_VERIFY_SERVICE_NAME, SOCKET_PRIVATE},
};

static enum start_answer ask_socket(const struct policy *policy, enum socket_class class,
                                    struct str name, struct str *why)
{
    *why = STR_NONE;
    if (!sockets_known(policy->config) || name.len == 0)
        return ANSWERS;
    const struct service *found = socket_find(policy->config, class, name);
    if (found == NULL) {
        *why = arena_printf(policy->arena, "master.cf has no %s service \"%.*s\"",
                            class == SOCKET_PUBLIC ? "public" : "private", STR_ARG(name));
        return ANSWERS_NOT;
    }
    const struct start_fault *fault = start_own_fault_of(policy, found);
    if (fault == NULL)
        return ANSWERS;
    *why = arena_printf(policy->arena, "the service \"%.*s\" will not start: %.*s", STR_ARG(name),
                        STR_ARG(fault->why));
    return ANSWERS_NEVER;
}

enum start_answer start_asked(const struct policy_service *service, enum start_asked asked,
                              struct str *why)
{
    struct str name = sockets[asked].name == PARAM_NONE ? str_of(sockets[asked].fixed)
                                                        : policy_str(service, sockets[asked].name);

    return ask_socket(service->policy, sockets[asked].class, name, why);
}

struct str start_silence_of(const struct policy_service *service, struct str name)
{
    struct str why;

    return ask_socket(service->policy, SOCKET_PRIVATE, name, &why) == ANSWERS_NEVER ? why
                                                                                    : STR_NONE;
}

bool start_offers_tls(const struct policy_service *service)
{
    struct str why;

    return tls_offered(service) && start_asked(service, ASKED_TLSMGR, &why) == ANSWERS;
}

/* --- when smtpd(8) starts ----------------------------------------------------------------------
 */

static void note_proxy(void *context, const struct table_ref *ref)
{
    if (str_is(ref->type->name, "proxy"))
        *(bool *)context = true;
}

/* uses_proxymap - smtpd(8) opens all of its tables when it starts */
static bool uses_proxymap(const struct policy_service *service)
{
    const struct program *smtpd = facts_program(str_of("smtpd"));
    bool found = false;

    for (int number = PARAM_NONE + 1; number < PARAM_END && !found; number++) {
        enum parameter_number parameter = (enum parameter_number)number;
        if (!program_reads(smtpd, parameter))
            continue;
        struct str value = policy_str(service, parameter);
        if (value.at != NULL && str_search(value, "proxy:") < value.len)
            table_refs(value, note_proxy, &found);
    }
    return found;
}

/* uses_anvil - smtpd(8) counts the connections and requests of strangers, unless no limit is set */
static bool uses_anvil(const struct policy_service *service)
{
    static const enum parameter_number limits[] = {
        PARAM_SMTPD_CLIENT_CONNECTION_COUNT_LIMIT,     PARAM_SMTPD_CLIENT_CONNECTION_RATE_LIMIT,
        PARAM_SMTPD_CLIENT_MESSAGE_RATE_LIMIT,         PARAM_SMTPD_CLIENT_RECIPIENT_RATE_LIMIT,
        PARAM_SMTPD_CLIENT_NEW_TLS_SESSION_RATE_LIMIT, PARAM_SMTPD_CLIENT_AUTH_RATE_LIMIT};

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (policy_number(service, limits[i]) > 0)
            return true;
    return false;
}

/* find_silence - why smtpd(8) waits before its greeting; STR_NONE where it does not */
static struct str find_silence(const struct policy_service *service)
{
    struct str why;

    /* without a socket, it goes on without anvil(8), and refuses TLS without tlsmgr(8) */
    if (start_asked(service, ASKED_ANVIL, &why) == ANSWERS_NEVER && uses_anvil(service))
        return arena_printf(service->policy->arena,
                            "it waits for each client that is not in "
                            "smtpd_client_event_limit_exceptions, because %.*s",
                            STR_ARG(why));
    if (start_asked(service, ASKED_TLSMGR, &why) == ANSWERS_NEVER && tls_offered(service))
        return arena_printf(service->policy->arena, "it waits, because %.*s", STR_ARG(why));
    if (start_asked(service, ASKED_PROXYMAP, &why) != ANSWERS && uses_proxymap(service))
        return arena_printf(service->policy->arena, "it waits for a proxy: table, because %.*s",
                            STR_ARG(why));
    return STR_NONE;
}

static const struct start_fault *find_listener_fault(const struct policy_service *service)
{
    const struct start_fault *fault = start_fault_of(service->policy, service->listener);

    if (fault == NULL)
        fault = start_fault_of(service->policy, service->service);
    struct str why = fault == NULL ? find_silence(service) : STR_NONE;
    if (why.at == NULL)
        return fault;
    struct start_fault *silence = arena_alloc(service->policy->arena, sizeof *silence);
    *silence = (struct start_fault){.problem = START_EXITS,
                                    .cause = CAUSE_SERVICE,
                                    .service = service->service,
                                    .why = why,
                                    .advice = STR("correct master.cf; postmend lint says where")};
    return silence;
}

const struct start_fault *start_fault_of_listener(const struct policy_service *service)
{
    struct policy_service *keeper = (struct policy_service *)service; /* it keeps the answer */

    if (!keeper->start_known) {
        keeper->start = find_listener_fault(service);
        keeper->start_known = true;
    }
    return keeper->start;
}

bool start_fault_next(const struct policy *policy, size_t *at,
                      const struct policy_service **service, const struct start_fault **fault)
{
    size_t i = (*at)++;

    *service = NULL;
    *fault = NULL;
    if (policy->count == 0 && i == 0)
        *fault = start_fault_of(policy, NULL);
    for (; i < policy->count && *fault == NULL; i++) {
        *service = &policy->services[i];
        *fault = start_fault_of_listener(*service);
        *at = i + 1;
    }
    return *fault != NULL;
}
