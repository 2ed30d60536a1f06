/*
 * verdict - what the answers of a live test mean, in words
 *
 * The rows of a live test say whether a server is what its files promise.  A verdict says whether
 * that is any good: does each service greet, does each domain get its mail, can a user send, is a
 * stranger refused, is a password ever sent unencrypted.  It is one sentence, with the place that
 * is the cause.
 *
 * Verdicts are made of the answers alone, whatever the files promise; what they mean follows from
 * the port of a service (RFC 5321, 6409, 8314).  Where an answer depends on what the files do not
 * tell, and another one would change the verdict, it cannot be determined, and says on what it
 * depends.  What nobody asked is never ok.
 *
 * What others found out (the rules, the comparison with the old server, where mail goes) comes as
 * notices, which become verdicts as they are.  The texts live in the arena or are the input's.
 */
#ifndef SMTP_VERDICT_VERDICT_H
#define SMTP_VERDICT_VERDICT_H

#include "smtp/livetest/livetest.h"

enum verdict_state {
    VERDICT_OK,
    VERDICT_FAIL,
    VERDICT_WARN,
    VERDICT_UNKNOWN, /* cannot be determined */
};

/* "ok", "FAIL", "warn", "cannot be determined" */
const char *verdict_state_name(enum verdict_state state);

struct verdict {
    const char *kind; /* "greeting", "domain", "login", "relay", ... */
    enum verdict_state state;
    struct str text;   /* one sentence, without a full stop */
    struct span place; /* the cause; source is NULL: none is known */
};

struct verdict_list {
    struct verdict *items;
    size_t count, capacity;
};

struct verdict_input {
    const struct policy *policy; /* NULL: there is only a plan and a server */
    const struct plan *plan;
    struct livetest_answer **answers;
    const struct assumption_list *assumptions;
    bool complete; /* the server has all that the files do not tell: its answers are final */
    const struct verdict *notices;
    size_t notice_count;
};

/* fills LIST, in the order in which people ask; verdicts that cannot be determined are last */
void verdict_judge(struct verdict_list *list, struct arena *arena,
                   const struct verdict_input *input);
size_t verdict_count(const struct verdict_list *list, enum verdict_state state);
/* a zeroed verdict at the end */
struct verdict *verdict_add(struct verdict_list *list, struct arena *arena);

#endif
