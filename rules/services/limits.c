/* limits - limits that do not go together, of which Postfix only warns or says nothing */
#include "rules/rule/rule.h"
#include "smtp/service/policy.h"

/* find_span - where one of the two is written, the first before the second */
static struct span find_span(const struct check *check, enum parameter_number first,
                             enum parameter_number second)
{
    return check_span(check, NULL, check_is_set(check, NULL, first) ? first : second);
}

/* check_free_space - smtpd(8) wants room for a message and half of another */
static void check_free_space(struct check *check, const struct policy_service *all)
{
    long least = policy_number(all, PARAM_QUEUE_MINFREE);
    long size = policy_number(all, PARAM_MESSAGE_SIZE_LIMIT);

    if (least <= 0 || size <= 0 || least / 3 * 2 >= size)
        return;
    check_reportf(check, find_span(check, PARAM_QUEUE_MINFREE, PARAM_MESSAGE_SIZE_LIMIT),
                  "raise it, or remove the setting",
                  "smtpd(8) warns in the log: queue_minfree (%ld) is less than 1.5 times "
                  "message_size_limit (%ld), and one message may fill the queue",
                  least, size);
}

static void check_backoff(struct check *check, const struct policy_service *all)
{
    long least = policy_number(all, PARAM_MINIMAL_BACKOFF_TIME);
    long most = policy_number(all, PARAM_MAXIMAL_BACKOFF_TIME);

    if (least < 0 || most < 0 || least <= most)
        return;
    check_reportf(check, find_span(check, PARAM_MAXIMAL_BACKOFF_TIME, PARAM_MINIMAL_BACKOFF_TIME),
                  "set maximal_backoff_time to a longer time than minimal_backoff_time",
                  "maximal_backoff_time (%lds) is shorter than minimal_backoff_time (%lds)", most,
                  least);
}

static void check_limits(struct check *check)
{
    const struct policy *policy = check_policy(check);

    check_free_space(check, policy->all);
    check_backoff(check, policy->all);
}

static const struct example examples[] = {
    {.title = "space for less than a message and a half",
     .platform = "debian12",
     .main_cf = "queue_minfree = 10240000\n",
     .findings = {{1, "10240000"}}},
    {.title = "messages become larger, and the space does not",
     .platform = "debian12",
     .main_cf = "message_size_limit = 52428800\n"
                "queue_minfree = 20000000\n",
     .findings = {{2, "20000000"}}},
    {.title = "space for two messages, or not set",
     .platform = "debian12",
     .main_cf = "queue_minfree = 104857600\n"
                "message_size_limit = 52428800\n"},
    {.title = "times between attempts",
     .platform = "debian12",
     .main_cf = "minimal_backoff_time = 2h\n"
                "maximal_backoff_time = 1h\n",
     .findings = {{2, "1h"}}},
};

const struct rule rule_limits_together = {
    .name = "limits-together",
    .summary = "two limits that do not go together",
    .why =
        "smtpd(8) accepts mail as long as queue_minfree bytes are free; with less than 1.5 times "
        "message_size_limit, one large message may fill the file system, and smtpd(8) logs a "
        "warning each time it starts.  The time between two attempts to deliver a message grows "
        "from minimal_backoff_time to maximal_backoff_time.",
    .source = "postconf(5), queue_minfree and maximal_backoff_time; src/smtpd/smtpd.c",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_limits,
    RULE_EXAMPLES(examples),
};
