/*
 * world - what the files cannot tell, and every way in which it may turn out
 *
 * Whether a domain exists, whether a name is in an SQL table, what a policy server answers: none of
 * it stands in the configuration.  Whoever needs such a thing asks the world.  The world answers
 * with what the user assumed ("dns=ok"), or else takes one of the possible answers, keeps to it,
 * and remembers the question.  world_next() then goes to the next combination of answers, so that
 * the same walk done again for each of them gives every outcome:
 *
 *     do
 *         walk(&world);
 *     while (world_next(&world));
 *
 * The first answer of a question is the ordinary one; a server that must choose takes it.
 *
 * A walk of several parts that hardly touch each other (the transactions of a session) has too many
 * combinations, and need not have them: who walks sets PART before each one, and FOCUS to that part
 * whose questions are to be varied.  The others keep their first answers.
 */
#ifndef SMTP_SERVICE_WORLD_H
#define SMTP_SERVICE_WORLD_H

#include <stdint.h>

#include "base/arena.h"
#include "facts/facts.h"

enum {
    WORLD_MAX_WAYS = 256,      /* combinations that are looked at */
    WORLD_MAX_QUESTIONS = 512, /* different ones in one walk; further ones get the first answer */
    WORLD_MAX_PARTS = 64,      /* the last of them takes in all that follow */
};

/* what kind of thing is unknown; the names are those of --assume (world_kind_name) */
enum question_kind {
    QUESTION_DNS,       /* "dns": does a name resolve?  subject "example.com", "example.com MX" */
    QUESTION_DNSBL,     /* "dnsbl": is it listed?  subject "192.0.2.1 at zone.example" */
    QUESTION_TABLE,     /* "table": what a table that can't be read says.  subject "mysql:/x KEY" */
    QUESTION_RECIPIENT, /* "recipient": does a local user exist?  subject the address */
    QUESTION_SENDER,    /* "sender": the same of a sender */
    QUESTION_SERVICE,   /* "service": what a policy server or milter answers.  subject its name */
    QUESTION_VERIFY,    /* "verify": does address verification succeed?  subject the address */
    QUESTION_HOST,      /* "host": a name or address of the machine that we were not told */
    QUESTION_KINDS,
};

const char *world_kind_name(enum question_kind kind);

struct question {
    enum question_kind kind;
    struct str subject;
    const char *const *answers; /* words in lower case: "ok", "none", "fail"; constants */
    size_t answer_count;
    size_t taken;
    bool assumed;   /* by the user: no other answer is tried */
    size_t step;    /* world->step when the part in focus asked it first */
    uint64_t parts; /* in which it was asked, a bit each */
};

/* "dns=ok", "dns:example.com MX=none", "recipient=exists"; also the first or last words of a
   subject: "table:mysql:/etc/x.cf=none", "dnsbl:zone.example=none" */
struct assumption {
    enum question_kind kind;
    struct str subject; /* STR_NONE: whatever it is */
    struct str answer;
};

struct assumption_list {
    struct assumption *items;
    size_t count, capacity;
};

/* adds what TEXT assumes; on false *ERROR is what could be written instead */
bool assumption_add(struct assumption_list *list, struct arena *arena, struct str text,
                    struct str *error);

struct world {
    struct arena *arena;
    const struct assumption_list *assumptions; /* may be NULL */
    struct question *questions;                /* of this walk, in the order asked */
    size_t count, capacity;
    size_t ways;    /* walks before this one */
    uint64_t asked; /* how often, from the beginning on */
    bool cut;       /* more ways or questions than we look at */
    unsigned part;  /* of the walk, that asks now */
    unsigned focus; /* the part whose questions are varied */
    size_t step;    /* the walker's own count, for question.step */
    uint64_t parts; /* that asked what nobody assumed */
};

void world_init(struct world *world, struct arena *arena,
                const struct assumption_list *assumptions);

/* the index of the answer that holds in this world; SUBJECT is copied */
size_t world_ask(struct world *world, enum question_kind kind, struct str subject,
                 const char *const *answers, size_t answer_count);

/* goes to the next combination; false when all were seen or WORLD_MAX_WAYS of them */
bool world_next(struct world *world);
/* after world_next() was cut: the lowest step whose question still has another answer to try;
   OTHERWISE where there is none */
size_t world_cut_at(const struct world *world, size_t otherwise);

/* "dns of example.com MX: none, table mysql:/x a@b: found" */
struct str world_describe(const struct world *world, struct arena *arena);

/* answers that many askers share */
extern const char *const answers_dns[3];    /* "ok", "none", "fail" (a temporary failure) */
extern const char *const answers_table[3];  /* "none", "found", "fail" */
extern const char *const answers_exists[2]; /* "exists", "unknown" */

#endif
