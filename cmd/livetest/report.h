/*
 * report - the result of a live test, as text for people or as JSON for programs
 */
#ifndef CMD_LIVETEST_REPORT_H
#define CMD_LIVETEST_REPORT_H

#include "smtp/verdict/verdict.h"

struct livetest_report {
    const struct config *config; /* NULL: there is only a plan and a server */
    const struct policy *policy; /* likewise */
    const struct plan *plan;
    struct livetest_answer **answers;
    struct livetest_answer **before; /* of the old configuration's server, or NULL */
    struct str asked;                /* "the reference server", "Postfix 3.7.11", "mail:..." */
    struct str asked_before;
    const struct engine_left_out *left_out; /* of the server */
    size_t left_out_count;
    struct verdict_list verdicts;
    bool verbose; /* everything is wanted, not only what fits on a screen */
    long seconds; /* that the test took */
};

struct livetest_count {
    size_t asked, expected, undetermined, differ; /* sessions */
    size_t changed, intended;                     /* sessions, compared with the old server */
    size_t dead;                                  /* services that would not start */
};

struct livetest_count livetest_report_count(struct arena *arena,
                                            const struct livetest_report *report);
/* the verdicts, and if REPORT is verbose the rows */
void livetest_report_text(struct buffer *out, const struct livetest_report *report);
void livetest_report_verdicts(struct buffer *out, const struct livetest_report *report);
void livetest_report_json(struct buffer *out, const struct livetest_report *report);

/* of one session: that of its worst step, in the order not asked, same, possible, differs */
enum livetest_verdict livetest_report_verdict(struct arena *arena,
                                              const struct plan_session *session,
                                              const struct livetest_answer *answers);
/* the entry of the plan that says that the change is intended, or NULL */
const struct plan_intended *livetest_report_intended(const struct plan *plan,
                                                     const struct plan_session *session);
/* the name of the server: that of the configuration, or of the plan */
struct str livetest_report_hostname(const struct livetest_report *report);
/* "RCPT TO:<a@b>", "the greeting" */
struct str livetest_report_step(const struct plan_step *step);

/* does the old server answer differently?  *STEP is the first step where it does */
bool livetest_report_changed(struct arena *arena, const struct livetest_report *report,
                             size_t session, size_t *step, struct str *difference);
/* the answers that changed: each difference once, with the sessions that have it */
void livetest_report_changes(struct buffer *out, const struct livetest_report *report);

/* calls SEEN with each question that was not asked because of ITEM: a whole session (STEP is NULL),
   or a step of one; returns how many */
size_t livetest_report_unasked(const struct livetest_report *report,
                               const struct engine_left_out *item,
                               void (*seen)(void *context, const struct plan_session *session,
                                            const struct plan_step *step),
                               void *context);
/* what was left out, and the questions; nothing where there are none */
void livetest_report_left_out(struct buffer *out, const struct livetest_report *report);

/* the settings of a mail client, from the answers to AUTH */
struct livetest_client {
    struct str server;
    int port;
    enum plan_tls tls;
    struct str mechanism;
};
/* the best ones; false: no user can log in */
bool livetest_report_client(const struct livetest_report *report, struct livetest_client *client);
/* the same as lines of ~/.msmtprc */
void livetest_report_msmtprc(struct buffer *out, const struct livetest_client *client);

#endif
