/*
 * draft - the Postfix configuration that a Sendmail configuration becomes
 *
 * The modules of convert/ fill it from the model; it is then written as main.cf, master.cf, tables,
 * runbook.sh and CONVERSION.md.  Every setting names the item that it comes from, and every item
 * gets exactly one fate: draft_finish() makes an item without a fate an open point, so that nothing
 * is lost silently.
 */
#ifndef CONVERT_DRAFT_DRAFT_H
#define CONVERT_DRAFT_DRAFT_H

#include "base/map.h"
#include "base/step.h"
#include "facts/sendmail.h"
#include "parser/sendmail/sendmail.h"

struct draft_setting {
    struct str name, value;
    const struct sendmail_item *item; /* NULL: not from a line; see REASON */
    struct str reason;                /* one sentence for the comment above the setting; may be
                                         empty */
};

/* a part of a list of restrictions, maps or domains; parts are sorted by rank */
struct draft_part {
    struct str list; /* "smtpd_recipient_restrictions" */
    int rank;
    struct str value;
    const struct sendmail_item *item;
};

struct draft_service {
    struct str name, type, command; /* "submissions", "inet", "smtpd" */
    struct str fields[5]; /* private, unprivileged, chroot, wakeup, maxproc; "-" if empty */
    const struct sendmail_item *item;
    struct draft_setting *overrides;
    size_t override_count, override_capacity;
    struct str arguments; /* of pipe(8): "flags=... user=... argv=..."; may be empty */
    bool disabled;        /* a stock service of the platform that must not run: it is commented
                             out */
};

struct draft_entry {
    struct str key, value;
    const struct sendmail_item *item;
    struct str reason;
};

struct draft_table {
    struct str name; /* file name below the configuration directory: "access_sender" */
    enum draft_table_kind {
        DRAFT_INDEXED, /* the platform's default type, built by postmap */
        DRAFT_ALIASES, /* by postalias */
        DRAFT_CIDR,
        DRAFT_REGEXP, /* pcre where the platform has it, regexp elsewhere */
        DRAFT_NAMES,  /* regexp, which is always available: for whole names only */
        DRAFT_LIST,   /* a file with one name per line: not a table, read as /file/name */
        DRAFT_LDAP,   /* the settings of an ldap_table(5) */
    } kind;
    bool secret; /* mode 0600: passwords */
    struct draft_entry *entries;
    size_t count, capacity;
};

struct draft_fate {
    enum sendmail_fate fate;
    struct str text;   /* the result: "message_size_limit = 10240000", or why there is none */
    struct str advice; /* of FATE_OPEN: what to do */
    bool decided;
};

struct draft {
    struct arena *arena;
    struct str unreadable; /* a file beside the source that exists and cannot be read, with the
                              reason: the draft is not complete; else STR_NONE */
    const struct sendmail *sendmail;
    const struct platform *platform; /* the target */
    struct draft_setting *settings;
    size_t setting_count, setting_capacity;
    struct draft_part *parts;
    size_t part_count, part_capacity;
    struct map known_parts;          /* a list and a value of each */
    struct draft_service **services; /* in addition to the platform's stock services */
    size_t service_count, service_capacity;
    struct draft_table **tables;
    size_t table_count, table_capacity;
    struct draft_fate *fates;          /* one for each item */
    struct arena **texts;              /* of the fates */
    struct buffer words;               /* of the fate that is being decided */
    struct str last_text, last_advice; /* of the one before */
    struct str *remarks;               /* differences in behaviour that no setting can remove */
    size_t remark_count, remark_capacity;
    struct step *steps;
    size_t step_count, step_capacity;
    struct map known_steps;
    struct access *access;         /* kept by convert/access/places.c */
    struct draft_uses *uses;       /* kept by convert/remaining/uses.c */
    struct draft_filters *filters; /* kept by convert/server/milter.c */
};

void draft_init(struct draft *draft, struct arena *arena, const struct sendmail *sendmail,
                const struct platform *platform);

/* main.cf: NAME = VALUE; a second call replaces the first.  The value is a printf format */
void draft_set(struct draft *draft, const struct sendmail_item *item, enum parameter_number number,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
void draft_set_named(struct draft *draft, const struct sendmail_item *item, const char *name,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));
/* the same, and the fate of ITEM: "NAME = VALUE" */
void draft_map(struct draft *draft, const struct sendmail_item *item, enum parameter_number number,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
/* STR_NONE: not set */
struct str draft_value(const struct draft *draft, enum parameter_number number);
struct str draft_value_named(const struct draft *draft, struct str name);
/* the sentence for the comment above an existing setting */
void draft_reason(struct draft *draft, enum parameter_number number, const char *reason);
/* adds a part to a list; equal parts are added once.  RANK: see enum draft_rank */
void draft_add(struct draft *draft, const struct sendmail_item *item, enum parameter_number list,
               int rank, const char *format, ...) __attribute__((format(printf, 5, 6)));
void draft_add_named(struct draft *draft, const struct sendmail_item *item, const char *list,
                     int rank, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* the service with that name and type; created if it does not exist.  A stock service (smtp inet,
   local unix) keeps its stock fields where the fields here are "-" */
struct draft_service *draft_service(struct draft *draft, const struct sendmail_item *item,
                                    const char *name, const char *type, const char *command);
void draft_override(struct draft *draft, struct draft_service *service,
                    const struct sendmail_item *item, enum parameter_number number,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* the table with that name; created if it does not exist */
struct draft_table *draft_table(struct draft *draft, const char *name, enum draft_table_kind kind);
/* the table with that name, or NULL */
struct draft_table *draft_find_table(const struct draft *draft, const char *name);
void draft_entry(struct draft *draft, struct draft_table *table, const struct sendmail_item *item,
                 struct str key, struct str value);
/* how main.cf on the target refers to it: "lmdb:/etc/postfix/access_sender" */
struct str draft_table_ref(const struct draft *draft, const struct draft_table *table);

/* does the target's Postfix have the parameter? */
bool draft_has_parameter(const struct draft *draft, enum parameter_number number);
/* does the target have the table type, for example "inline"? */
bool draft_has_table_type(const struct draft *draft, const char *type);

void draft_step(struct draft *draft, enum step_phase phase, struct str command, struct str reason);

/* a sentence for the end of CONVERSION.md */
void draft_remark(struct draft *draft, const char *text);

/* the fate of an item; the text is a printf format.  A second call for the same item appends its
   text; OPEN overrides the other fates.  Does nothing if ITEM is NULL.  Items that are overridden
   or refused, and stock lines, need no call: draft_finish() handles them */
void draft_fate(struct draft *draft, const struct sendmail_item *item, enum sendmail_fate fate,
                const char *format, ...) __attribute__((format(printf, 4, 5)));
void draft_open_point(struct draft *draft, const struct sendmail_item *item, const char *advice,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* gives back the memory of all fates' texts, once the report is written */
void draft_forget_texts(struct draft *draft);
/* turns the lists into settings and gives every item without a fate one (finish.c) */
void draft_finish(struct draft *draft);
void draft_join_lists(struct draft *draft); /* the first half of draft_finish() */
/* "sendmail.mc:23"; empty if ITEM is NULL */
struct str draft_place(const struct draft *draft, const struct sendmail_item *item);
void draft_add_place(struct buffer *out, const struct sendmail_item *item);
/* adds the source of ITEM on one line, shortened if it is long; of a password entry only the key */
void draft_add_source_text(struct buffer *out, const struct sendmail_item *item);

/* for the writers: the parts of a list sorted by rank; returns their number */
size_t draft_parts(const struct draft *draft, struct str list, const struct draft_part ***sorted);
/* "lmdb", "cidr"; empty for DRAFT_LIST */
struct str draft_table_type(const struct draft *draft, const struct draft_table *table);

/* the order within the lists of smtpd restrictions, which is the order of Sendmail's rulesets */
enum draft_rank {
    RANK_CONNECT = 100, /* check_relay: access Connect:, dnsbl, rate limits */
    RANK_MYNETWORKS = 200,
    RANK_AUTH = 300,
    RANK_SENDER = 400,    /* check_mail */
    RANK_RECIPIENT = 500, /* check_rcpt */
    RANK_RELAY = 600,     /* who may relay */
    RANK_LAST = 900,      /* reject_unauth_destination */
};

#endif
