/*
 * livetest - what a live test found, as text for people or as JSON for programs
 */
#ifndef CMD_REPORT_LIVETEST_H
#define CMD_REPORT_LIVETEST_H

#include "smtp/livetest/livetest.h"

struct livetest_report {
    const struct config *config; /* NULL: only a plan and a server are known */
    const struct plan *plan;
    struct livetest_answer **answers;
    struct livetest_answer **before; /* the old configuration's server's, or NULL */
    struct str asked;                /* "the reference server", "Postfix 3.7.11", "mail:..." */
    struct str asked_before;
};

struct livetest_count {
    size_t asked, expected, undetermined, differ; /* sessions */
    size_t changed, intended;                     /* steps, against the old server */
};

struct livetest_count livetest_report_count(struct arena *arena,
                                            const struct livetest_report *report);
void livetest_report_text(struct buffer *out, const struct livetest_report *report);
void livetest_report_json(struct buffer *out, const struct livetest_report *report);

/* of one session: the worst of its steps, in the order not asked, same, possible, differs */
enum livetest_verdict livetest_report_verdict(struct arena *arena,
                                              const struct plan_session *session,
                                              const struct livetest_answer *answers);
/* the entry of the plan that says that the difference was meant, or NULL */
const struct plan_intended *livetest_report_intended(const struct plan *plan,
                                                     const struct plan_session *session);
/* what the step did: "RCPT TO:<a@b>", "the greeting" */
struct str livetest_report_step(const struct plan_step *step);

/* does the session go another way on the old server?  *STEP is the first that does */
bool livetest_report_changed(struct arena *arena, const struct livetest_report *report,
                             size_t session, size_t *step, struct str *difference);
/* a text of the configuration, harmless on a terminal */
struct str livetest_report_clean(struct arena *arena, struct str text);
/* what is not as before: each difference once, with where it was seen */
void livetest_report_changes(struct buffer *out, const struct livetest_report *report);

/* how a mail program must be set: found among the answers to AUTH */
struct livetest_client {
    struct str server;
    int port;
    enum plan_tls tls;
    struct str mechanism;
};
/* the best one; false: nobody can log in */
bool livetest_report_client(const struct livetest_report *report, struct livetest_client *client);
/* what to write into ~/.msmtprc */
void livetest_report_msmtprc(struct buffer *out, const struct livetest_client *client);

#endif
