/* verdict - calls each kind of verdict once */
#include "smtp/start/start.h"
#include "smtp/verdict/judge.h"

/* in the order of the report */
static void (*const kinds[])(struct judge *judge) = {
    judge_starts,
    judge_greetings,
    judge_refusals,
    /* mail that comes in */
    judge_domains,
    judge_required_addresses,
    judge_unknown_users,
    judge_bounces,
    judge_recipient_count,
    judge_messages,
    judge_ipv6,
    judge_sizes,
    /* users */
    judge_logins,
    judge_programs,
    judge_passwords,
    /* others */
    judge_relay,
    judge_strangers_at_submission,
    judge_networks,
    judge_tls,
    judge_tls_versions,
    judge_certificates,
    judge_promises,
    judge_expectations,
    judge_doubts,
};

/* --- the ports ----------------------------------------------------------------------- */

static enum port_role find_role(int number)
{
    return number == 25    ? PORT_EXCHANGE
           : number == 587 ? PORT_SUBMISSION
           : number == 465 ? PORT_SUBMISSIONS
                           : PORT_OTHER;
}

static void add_port(struct judge *judge, struct str service, int number,
                     const struct policy_service *policy)
{
    static const struct str far = STR("198.51.100.7"), far6 = STR("2001:db8::7");
    struct str why;

    for (size_t i = 0; i < judge->port_count; i++)
        if (str_eq(judge->ports[i].service, service) && judge->ports[i].number == number)
            return;
    struct verdict_port *port = &judge->ports[judge->port_count++];
    *port = (struct verdict_port){.service = service,
                                  .number = number,
                                  .role = find_role(number),
                                  .policy = policy,
                                  .outside = policy == NULL || start_reaches(policy, far, &why),
                                  .outside6 = policy != NULL && start_reaches(policy, far6, &why)};
    port->outside = port->outside || port->outside6;
}

/* find_ports - the services of the policy and of the plan */
static void find_ports(struct judge *judge)
{
    const struct plan *plan = judge->input->plan;
    const struct policy *policy = judge->input->policy;
    size_t services = policy == NULL ? 0 : policy->count;

    judge->ports =
        arena_alloc(judge->arena, (plan->session_count + services + 1) * sizeof *judge->ports);
    for (size_t i = 0; i < services; i++)
        add_port(judge, policy->services[i].listener->name, policy->services[i].port,
                 &policy->services[i]);
    for (size_t i = 0; i < plan->session_count; i++) {
        const struct plan_session *session = &plan->sessions[i];
        bool known = false;
        for (size_t k = 0; k < services && !known; k++)
            known = policy_service_named(policy, session->service) == &policy->services[k] ||
                    policy_service_at_port(policy, session->port) == &policy->services[k];
        if (!known)
            add_port(judge, session->service, session->port, NULL);
    }
}

/* is_said - does a verdict about the same line fail already? */
static bool is_said(const struct verdict_list *list, const struct verdict *notice)
{
    struct span place = notice->place;

    for (size_t i = 0; i < list->count && place.source != NULL; i++) {
        struct span other = list->items[i].place;
        if (list->items[i].state == VERDICT_FAIL && other.source == place.source &&
            list->items[i].state == notice->state &&
            source_position(other.source, other.at).line ==
                source_position(place.source, place.at).line)
            return true;
    }
    return false;
}

/* add_notices - those that cannot be determined, or the others */
static void add_notices(struct verdict_list *list, struct arena *arena,
                        const struct verdict_input *input, bool unknown)
{
    for (size_t i = 0; i < input->notice_count; i++)
        if ((input->notices[i].state == VERDICT_UNKNOWN) == unknown &&
            !is_said(list, &input->notices[i]))
            *verdict_add(list, arena) = input->notices[i];
}

void verdict_judge(struct verdict_list *list, struct arena *arena,
                   const struct verdict_input *input)
{
    struct judge judge = {.arena = arena, .input = input};
    struct verdict_list joined = {0};

    *list = (struct verdict_list){0};
    find_ports(&judge);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        kinds[i](&judge);
    judge_join(&judge, &joined);
    for (size_t i = 0; i < joined.count; i++)
        if (joined.items[i].state != VERDICT_UNKNOWN)
            *verdict_add(list, arena) = joined.items[i];
    add_notices(list, arena, input, false);
    for (size_t i = 0; i < joined.count; i++)
        if (joined.items[i].state == VERDICT_UNKNOWN)
            *verdict_add(list, arena) = joined.items[i];
    add_notices(list, arena, input, true);
}
