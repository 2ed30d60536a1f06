/*
 * rule - one thing that postmend knows about configurations
 *
 * A rule module is a const struct rule and its check function.  It asks config and facts, and
 * reports findings; it never changes a file and never prints.  To add a rule, add its file to a
 * folder of rules/: the build finds it.
 *
 * The examples of a rule are its tests; "postmend explain" and the manual print them.
 */
#ifndef RULES_RULE_RULE_H
#define RULES_RULE_RULE_H

#include "parser/sendmail/sendmail.h"
#include "rules/rule/finding.h"

struct policy;      /* smtp/service/policy.h */
struct tls_ciphers; /* smtp/tls/ciphers.h */
struct used_tables; /* rules/tables/tables.h */
struct opened_place;

/* what several rules ask of one configuration: computed when the first one asks, in its arena */
struct check_shared {
    const struct policy *policy;      /* check_policy() */
    const struct used_tables *tables; /* tables_each() */
    const struct opened_place *place; /* the directory: rules/tables/files.c */
    struct tls_ciphers *ciphers;      /* check_ciphers(); the engine's caller may lend its own */
};

/* what the engine passes to a check function */
struct check {
    const struct config *config;
    struct arena *arena;
    const struct rule *rule;
    const struct platform *from; /* the platform that an upgrade starts from; NULL in lint */
    bool keep_defaults; /* in an upgrade: set parameters whose default changes to the old default */
    struct finding_list *list; /* where the functions below put findings */
    struct check_shared *shared;
    const struct sendmail *sendmail; /* for rules about sendmail.mc: config is empty then */
};

enum {
    EXAMPLE_FINDINGS_MAX = 8,
};

/* a finding that the rule must report for an example */
struct example_finding {
    int line;         /* from 1 */
    const char *text; /* what its span covers; NULL: any text */
};

struct example {
    const char *title;    /* a sentence */
    const char *platform; /* "rhel10" */
    const char *from;     /* set for an upgrade */
    const char *main_cf;  /* NULL: no such file */
    const char *master_cf;
    const char *sendmail_mc; /* for rules about sendmail.mc; the other files are NULL then */
    struct example_finding findings[EXAMPLE_FINDINGS_MAX]; /* in main.cf, then in master.cf; one
                                                              with line 0 ends the list */
    const char *fixed_main_cf;                             /* after the fix; NULL: unchanged */
    const char *fixed_master_cf;                           /* likewise */
    const char *fixed_sendmail_mc;
    const char *runbook; /* what a step's command or reason must contain; NULL: anything */
};

struct rule {
    const char *name;       /* kebab-case, never reused */
    const char *summary;    /* one line */
    const char *why;        /* one or more paragraphs: the reason, and answers to the questions
                               that a reader will have */
    const char *source;     /* the documents that it follows */
    enum severity severity; /* of most of its findings */
    bool sendmail;          /* is about sendmail.mc: reads check->sendmail only */
    bool needs_main_cf;     /* what it reports about a master.cf depends on main.cf: without one
                               it is left out */
    bool explains_line;     /* what it finds causes what other rules find in the rest of the same
                               setting     or service, which is left out */
    bool one_cause; /* all its findings have one cause: a report says so once, with all places */
    void (*check)(struct check *check);
    const struct example *examples;
    size_t example_count;
};

#define RULE_EXAMPLES(array) .examples = (array), .example_count = sizeof(array) / sizeof *(array)

/* what the configuration answers in SMTP sessions; opened once for all rules.  A machine whose name
   is not known is assumed to be mail.host.invalid */
const struct policy *check_policy(struct check *check);
/* what OpenSSL was asked about ciphers */
struct tls_ciphers *check_ciphers(struct check *check);

/*
 * Reports a finding with the rule's severity; MESSAGE and ADVICE must live in the
 * check's arena or be constants.  The caller may change the severity of the finding
 * and add edits; the pointer is valid until the next finding is reported.
 */
struct finding *check_report(struct check *check, struct span span, struct str message,
                             struct str advice);
/* the same with formatted texts */
struct finding *check_reportf(struct check *check, struct span span, const char *advice,
                              const char *format, ...) __attribute__((format(printf, 4, 5)));

/* the fix: replace SPAN with TEXT */
void finding_edit(struct check *check, struct finding *finding, struct span span, struct str text);
/* the fix: remove the logical line, with its line end */
void finding_remove_line(struct check *check, struct finding *finding, const struct line *line);
/* the fix: insert TEXT as a line of its own after LINE, with the file's line end */
void finding_insert_after(struct check *check, struct finding *finding, const struct line *line,
                          struct str text);
/* the fix: add a line at the end of main.cf (which must exist) */
void finding_append_main(struct check *check, struct finding *finding, struct str text);
/* the fix: add "-o name=value" at the end of the service, laid out as its other options are; no
   edit if the service's braces are not balanced */
void finding_add_override(struct check *check, struct finding *finding,
                          const struct service *service, struct str name_value);
/* the fix: remove an argument of the service ("-o name=value" is one place), with the white space
   before it */
void finding_remove_argument(struct check *check, struct finding *finding,
                             const struct service *service, struct str place);

/* has the rule reported this place already?  What applies to several services is reported once */
bool check_is_reported(const struct check *check, struct span span);

/* adds a step to the runbook, unless it is there already */
void check_step(struct check *check, enum step_phase phase, struct str command, struct str reason);

/* the expanded value for SERVICE (or NULL); empty if it is undefined or undetermined */
struct str check_value(const struct check *check, const struct service *service,
                       enum parameter_number number);
/* do the files set it, for SERVICE or (with NULL) in main.cf? */
bool check_is_set(const struct check *check, const struct service *service,
                  enum parameter_number number);
/* the same for a name that comes from the files or the facts */
struct str check_value_named(const struct check *check, const struct service *service,
                             struct str name);
bool check_is_set_named(const struct check *check, const struct service *service, struct str name);
/* where the value that SERVICE uses is written: in main.cf or in -o; for a default, the service's
   name or the end of main.cf */
struct span check_span(const struct check *check, const struct service *service,
                       enum parameter_number number);

#endif
