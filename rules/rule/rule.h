/*
 * rule - one thing that postmend knows about configurations
 *
 * A rule module is a const struct rule and its check function.  It asks config and
 * facts, and reports findings; it never changes a file and never prints.  Adding
 * one is adding one file below rules/: the build finds it.
 *
 * Its examples are tests, the text of "postmend explain" and the manual at once.
 */
#ifndef RULES_RULE_RULE_H
#define RULES_RULE_RULE_H

#include "parser/sendmail/sendmail.h"
#include "rules/rule/finding.h"

struct policy; /* smtp/service/policy.h */

/* what the engine hands to a check function */
struct check {
    const struct config *config;
    struct arena *arena;
    const struct rule *rule;
    const struct platform *from;     /* the platform that an upgrade leaves; NULL in lint */
    bool keep_defaults;              /* in an upgrade: write down old defaults that changed */
    struct finding_list *list;       /* where findings go; for the functions below */
    const struct policy **policy;    /* kept by check_policy() */
    const struct sendmail *sendmail; /* for rules about sendmail.mc: config has nothing then */
};

enum {
    EXAMPLE_FINDINGS_MAX = 8,
};

/* a finding that an example must have */
struct example_finding {
    int line;         /* from 1 */
    const char *text; /* what its span covers; NULL: don't care */
};

struct example {
    const char *title;    /* a sentence */
    const char *platform; /* "rhel10" */
    const char *from;     /* set for an upgrade */
    const char *main_cf;  /* NULL: no such file */
    const char *master_cf;
    const char *sendmail_mc; /* of rules about that; the other files are NULL */
    struct example_finding findings[EXAMPLE_FINDINGS_MAX]; /* in main.cf, then in master.cf; up to
                                                              one with line 0 */
    const char *fixed_main_cf;                             /* after the edits; NULL: unchanged */
    const char *fixed_master_cf;                           /* likewise */
    const char *fixed_sendmail_mc;
    const char *runbook; /* a text that a step's command or reason must hold; NULL: don't care */
};

struct rule {
    const char *name;       /* kebab-case, never reused */
    const char *summary;    /* one line */
    const char *why;        /* a paragraph or more: the reason, and the answer to the question that
                               people have there */
    const char *source;     /* what document it follows */
    enum severity severity; /* what most of its findings have */
    bool sendmail;          /* is about sendmail.mc: looks at check->sendmail alone */
    void (*check)(struct check *check);
    const struct example *examples;
    size_t example_count;
};

#define RULE_EXAMPLES(array) .examples = (array), .example_count = sizeof(array) / sizeof *(array)

/* what the configuration answers to SMTP sessions; opened once for all rules.  A machine whose name
   is not known counts as mail.host.invalid */
const struct policy *check_policy(struct check *check);

/*
 * Reports a finding with the rule's severity; MESSAGE and ADVICE must live in the
 * check's arena or be constants.  The finding returned may be given another
 * severity, and edits; it is valid until the next one is reported.
 */
struct finding *check_report(struct check *check, struct span span, struct str message,
                             struct str advice);
/* the same with formatted texts */
struct finding *check_reportf(struct check *check, struct span span, const char *advice,
                              const char *format, ...) __attribute__((format(printf, 4, 5)));

/* the fix: SPAN becomes TEXT */
void finding_edit(struct check *check, struct finding *finding, struct span span, struct str text);
/* the fix: the logical line goes, with its line end */
void finding_remove_line(struct check *check, struct finding *finding, const struct line *line);
/* the fix: "TEXT" becomes a line of its own behind LINE, with the file's line end */
void finding_insert_after(struct check *check, struct finding *finding, const struct line *line,
                          struct str text);
/* the fix: a line at the end of main.cf (which must exist) */
void finding_append_main(struct check *check, struct finding *finding, struct str text);
/* the fix: one more "-o name=value" at the end of the service, laid out as its others are; no edit
   where the service's braces are not balanced */
void finding_add_override(struct check *check, struct finding *finding,
                          const struct service *service, struct str name_value);
/* the fix: an argument of the service ("-o name=value" as one place) goes, with the white space
   before it */
void finding_remove_argument(struct check *check, struct finding *finding,
                             const struct service *service, struct str place);

/* a step for the runbook; equal ones count once */
void check_step(struct check *check, enum step_phase phase, struct str command, struct str reason);

/* the value of NAME for SERVICE (or NULL), expanded; empty where it is undefined or undetermined */
struct str check_value(const struct check *check, const struct service *service, const char *name);
/* is it written in the files, for SERVICE or (with NULL) in main.cf? */
bool check_is_set(const struct check *check, const struct service *service, const char *name);
/* the place where a value that holds for SERVICE is written: its value in main.cf or in -o; for a
   default the service's name, or the end of main.cf */
struct span check_span(const struct check *check, const struct service *service, const char *name);

#endif
