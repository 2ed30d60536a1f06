/* the settings of a mail client, by the answers of a live test */
#include "cmd/livetest/report.h"

/* rank_session - how good it is: implicit TLS (RFC 8314) before STARTTLS, 587 before 25 */
static int rank_session(const struct plan_session *session)
{
    return (session->tls == PLAN_TLS_IMPLICIT   ? 100
            : session->tls == PLAN_TLS_STARTTLS ? 50
                                                : 10) +
           (session->port == 465 || session->port == 587 ? 5 : 0);
}

struct str livetest_report_hostname(const struct livetest_report *report)
{
    struct str name = STR_NONE;
    int flags = 0;

    if (report->config != NULL)
        name = config_value(report->config, NULL, PARAM_MYHOSTNAME, &flags, NULL);
    if (name.at == NULL || name.len == 0 || (flags & EXPAND_HAS_UNDETERMINED) != 0)
        name = report->plan->hostname;
    return name.at == NULL || name.len == 0 ? str_of("mail.example.com") : name;
}

bool livetest_report_client(const struct livetest_report *report, struct livetest_client *client)
{
    int best = 0;

    for (size_t i = 0; i < report->plan->session_count; i++) {
        const struct plan_session *session = &report->plan->sessions[i];
        for (size_t k = 0; k < session->step_count; k++)
            if (session->steps[k].action == PLAN_AUTH && report->answers[i][k].reply.code == 235 &&
                rank_session(session) > best) {
                best = rank_session(session);
                *client = (struct livetest_client){.server = livetest_report_hostname(report),
                                                   .port = session->port,
                                                   .tls = session->tls,
                                                   .mechanism = session->steps[k].text};
            }
    }
    return best > 0;
}

void livetest_report_msmtprc(struct buffer *out, const struct livetest_client *client)
{
    buffer_printf(out,
                  "    account default\n"
                  "    host %.*s\n"
                  "    port %d\n"
                  "    tls %s\n",
                  STR_ARG(client->server), client->port,
                  client->tls == PLAN_TLS_NONE ? "off" : "on");
    if (client->tls != PLAN_TLS_NONE)
        buffer_printf(out, "    tls_starttls %s\n",
                      client->tls == PLAN_TLS_STARTTLS ? "on" : "off");
    buffer_printf(out,
                  "    auth %s\n"
                  "    user NAME\n"
                  "    from NAME@DOMAIN\n"
                  "    # the password is asked for, or set \"passwordeval\"\n",
                  str_is_nocase(client->mechanism, "LOGIN") ? "login" : "plain");
}
