/*
 * world - what cannot be determined from the files, and every possible outcome
 *
 * Whether a domain exists, whether a name is in an SQL table, what a policy server answers: none of
 * this is in the configuration.  Code that needs it asks the world.  The world answers with what
 * the user assumed ("dns=ok"); otherwise it takes one of the possible answers, remembers the
 * question and gives the same answer again.  world_next() moves on to the next combination of
 * answers, so that the same walk, repeated for each combination, gives every outcome:
 *
 *     do
 *         walk(&world);
 *     while (world_next(&world));
 *
 * The first answer to a question is the usual one; a server, which needs one answer, takes it.
 *
 * A walk of several nearly independent parts (the transactions of a session) has too many
 * combinations, and does not need them all: the caller sets PART before each part, and FOCUS to the
 * part whose questions are to be varied.  The questions of other parts keep their first answers.
 */
#ifndef SMTP_SERVICE_WORLD_H
#define SMTP_SERVICE_WORLD_H

#include <stdint.h>

#include "base/map.h"
#include "facts/facts.h"

enum {
    WORLD_MAX_WAYS = 256,      /* combinations that are tried */
    WORLD_MAX_QUESTIONS = 512, /* different questions in one walk; later ones that the user has not
                                  answered get their first answer */
    WORLD_MAX_PARTS = 64,      /* all further parts count as the last one */
};

/* kinds of questions; their names are those of --assume (world_kind_name) */
enum question_kind {
    QUESTION_DNS,   /* "dns": does a name resolve?  subject "example.com", "example.com MX" */
    QUESTION_DNSBL, /* "dnsbl": is a client listed?  subject "192.0.2.1 at zone.example" */
    QUESTION_TABLE, /* "table": the result of a table that cannot be read.  subject "mysql:/x KEY"
                     */
    QUESTION_RECIPIENT, /* "recipient": does a local user exist?  subject the address */
    QUESTION_SENDER,    /* "sender": the same of a sender */
    QUESTION_SERVICE,   /* "service": what a policy server or milter answers.  subject its name */
    QUESTION_VERIFY,    /* "verify": does address verification succeed?  subject the address */
    QUESTION_HOST,      /* "host": a name or address of the machine that is not known */
    QUESTION_NEED,      /* "need": does the host have what the configuration needs?  subject "the
                           milter inet:127.0.0.1:8891", "the certificate in /etc/x.pem" */
    QUESTION_KINDS,
};

const char *world_kind_name(enum question_kind kind);

struct question {
    enum question_kind kind;
    struct str subject;
    const char *const *answers; /* constants: "ok", "none", "fail" */
    size_t answer_count;
    size_t taken;
    bool assumed;   /* by the user: only this answer is tried */
    size_t step;    /* world->step when the part in focus first asked it */
    uint64_t parts; /* that asked it, one bit each */
};

/* "dns=ok", "dns:example.com MX=none", "recipient=exists"; a subject may be given by its first or
   last words: "table:mysql:/etc/x.cf=none", "dnsbl:zone.example=none" */
struct assumption {
    enum question_kind kind;
    struct str subject; /* STR_NONE: any */
    struct str answer;
};

struct assumption_list {
    struct assumption *items;
    size_t count, capacity;
};

/* adds the assumption TEXT; on false *ERROR says what is expected instead */
bool assumption_add(struct assumption_list *list, struct arena *arena, struct str text,
                    struct str *error);

struct world {
    struct arena *arena;
    const struct assumption_list *assumptions; /* may be NULL */
    bool needs_are_met; /* a QUESTION_NEED is answered by "met", unless an assumption says else */
    struct question *questions; /* of this walk, in the order in which they were asked */
    size_t count, capacity;
    struct map numbers; /* of a question, among QUESTIONS: kept by world.c */
    size_t ways;        /* combinations before this one */
    uint64_t asked;     /* calls of world_ask() in all walks */
    uint64_t open;      /* those whose answer is not assumed */
    /* what addresses resolve to under the assumptions (address_resolve()), for a caller with many
       walks of one policy under the same; NULL: it is not kept */
    struct map *resolved;
    /* why not every outcome was tried: "more than 256 combinations of answers"; empty: all were */
    struct str cut;
    size_t cut_step; /* the first step, in the part in focus, that is not decided; SIZE_MAX: none */
    unsigned part;   /* of the walk, now under way */
    unsigned focus;  /* the part whose questions are varied */
    size_t step;     /* the caller's own count, for question.step */
    uint64_t parts;  /* that asked a question without an assumption */
};

void world_init(struct world *world, struct arena *arena,
                const struct assumption_list *assumptions);

/* the index of the answer in this world; SUBJECT is copied */
size_t world_ask(struct world *world, enum question_kind kind, struct str subject,
                 const char *const *answers, size_t answer_count);

/* goes to the next combination; false: all, or WORLD_MAX_WAYS of them, were tried */
bool world_next(struct world *world);
/* the walk gives up here: WHY ("more than 100000 restrictions") is what there is too much of.
 * Questions of this step and later ones are not varied any more, if the caller counts steps */
void world_cut(struct world *world, struct str why);
/* the next walk begins: for a server, whose questions get the same answers again */
void world_forget(struct world *world);
/* if the world was cut: the first step, in the part in focus, with an outcome that was not tried,
   or OTHERWISE */
size_t world_cut_at(const struct world *world, size_t otherwise);

/* "dns of example.com MX: none, table mysql:/x a@b: found" */
struct str world_describe(const struct world *world, struct arena *arena);

/* answers to common questions */
extern const char *const answers_dns[3];    /* "ok", "none", "fail" (a temporary failure) */
extern const char *const answers_table[3];  /* "none", "found", "fail" */
extern const char *const answers_exists[2]; /* "exists", "unknown" */

/* asks the QUESTION_NEED about SUBJECT: does the host have it? */
bool world_has(struct world *world, struct str subject);
/* is a QUESTION_NEED answered by "missing" in this world? */
bool world_lacks_need(const struct world *world);

#endif
