/*
 * draft - the Postfix configuration that a Sendmail configuration becomes, each part with its
 * reason
 *
 * The modules of convert/ fill it from the model; it is then written as main.cf, master.cf, tables,
 * runbook.sh and CONVERSION.md.  Whatever is set names the item that it comes from, and every item
 * gets exactly one fate: draft_finish() gives an item without one an open fate that says so, so
 * that nothing is ever lost in silence.
 */
#ifndef CONVERT_DRAFT_DRAFT_H
#define CONVERT_DRAFT_DRAFT_H

#include "base/map.h"
#include "base/step.h"
#include "facts/sendmail.h"
#include "parser/sendmail/sendmail.h"

struct draft_setting {
    struct str name, value;
    const struct sendmail_item *item; /* NULL: not from a line; REASON says why */
    struct str reason;                /* one sentence for the comment above it; may be empty */
};

/* the parts of a list of restrictions, maps or domains stand in the order of their rank */
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
    struct str arguments; /* of pipe: "flags=... user=... argv=..."; may be empty */
    bool disabled;        /* the platform's stock one, which is not to run: commented out */
};

struct draft_entry {
    struct str key, value;
    const struct sendmail_item *item;
    struct str reason;
};

struct draft_table {
    struct str name; /* file name below the configuration directory: "access_sender" */
    enum draft_table_kind {
        DRAFT_INDEXED, /* the platform's own type, built by postmap */
        DRAFT_ALIASES, /* by postalias */
        DRAFT_CIDR,
        DRAFT_REGEXP, /* pcre where the platform has it, else regexp */
        DRAFT_NAMES,  /* regexp, which is built in: for whole names, and no more */
        DRAFT_LIST,   /* a file of names, one a line: no table, read by /file/name */
        DRAFT_LDAP,   /* the settings of an ldap_table(5) */
    } kind;
    bool secret; /* mode 0600: passwords */
    struct draft_entry *entries;
    size_t count, capacity;
};

struct draft_fate {
    enum sendmail_fate fate;
    struct str text;   /* what it became: "message_size_limit = 10240000", or why nothing */
    struct str advice; /* FATE_OPEN */
    bool decided;
};

struct draft {
    struct arena *arena;
    const struct sendmail *sendmail;
    const struct platform *platform; /* the target */
    struct draft_setting *settings;
    size_t setting_count, setting_capacity;
    struct draft_part *parts;
    size_t part_count, part_capacity;
    struct draft_service **services; /* beside the platform's stock ones */
    size_t service_count, service_capacity;
    struct draft_table **tables;
    size_t table_count, table_capacity;
    struct draft_fate *fates; /* one for each item */
    struct str *remarks;      /* what Postfix does otherwise, whatever its files say */
    size_t remark_count, remark_capacity;
    struct step *steps;
    size_t step_count, step_capacity;
};

void draft_init(struct draft *draft, struct arena *arena, const struct sendmail *sendmail,
                const struct platform *platform);

/* main.cf: NAME = VALUE; a second call replaces the first.  Texts are formatted */
void draft_set(struct draft *draft, const struct sendmail_item *item, const char *name,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
/* the same, and the fate of ITEM: "NAME = VALUE" */
void draft_map(struct draft *draft, const struct sendmail_item *item, const char *name,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
struct str draft_value(const struct draft *draft, const char *name); /* STR_NONE: not set */
/* the sentence for the comment above a setting that is there already */
void draft_reason(struct draft *draft, const char *name, const char *reason);
/* one more part of a list; equal parts count once.  Ranks are those of draft_ranks below */
void draft_add(struct draft *draft, const struct sendmail_item *item, const char *list, int rank,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

/* the service of that name and type, made if it is not there.  One of the stock services (smtp
   inet, local unix) keeps its fields where those here are "-" */
struct draft_service *draft_service(struct draft *draft, const struct sendmail_item *item,
                                    const char *name, const char *type, const char *command);
void draft_override(struct draft *draft, struct draft_service *service,
                    const struct sendmail_item *item, const char *name, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* the table of that name, made if it is not there */
struct draft_table *draft_table(struct draft *draft, const char *name, enum draft_table_kind kind);
/* the table of that name if it was made already, else NULL */
struct draft_table *draft_find_table(const struct draft *draft, const char *name);
void draft_entry(struct draft *draft, struct draft_table *table, const struct sendmail_item *item,
                 struct str key, struct str value);
/* "lmdb:/etc/postfix/access_sender": how main.cf names it on the target */
struct str draft_table_ref(const struct draft *draft, const struct draft_table *table);

/* does the target's Postfix have the parameter? */
bool draft_has_parameter(const struct draft *draft, struct str name);
/* does the target have the table type "inline"? */
bool draft_has_table_type(const struct draft *draft, const char *type);

void draft_step(struct draft *draft, enum step_phase phase, struct str command, struct str reason);

/* a sentence for the end of CONVERSION.md */
void draft_remark(struct draft *draft, const char *text);

/* an item's fate; the text is formatted.  A second one for the same item adds to the text; OPEN
   wins over the others.  Where ITEM is NULL nothing happens.  Items that are overridden or
   refused, and stock lines, need none: draft_finish() knows what to say of them */
void draft_fate(struct draft *draft, const struct sendmail_item *item, enum sendmail_fate fate,
                const char *format, ...) __attribute__((format(printf, 4, 5)));
void draft_open_point(struct draft *draft, const struct sendmail_item *item, const char *advice,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* the lists become settings; every item without a fate gets one (finish.c) */
void draft_finish(struct draft *draft);
void draft_join_lists(struct draft *draft); /* the first half of that */
/* "sendmail.mc:23"; empty for NULL */
struct str draft_place(const struct draft *draft, const struct sendmail_item *item);
/* what stands there, on one line and not too long; of authinfo the key alone */
struct str draft_source_text(const struct draft *draft, const struct sendmail_item *item);

/* for those who write the draft: the parts of a list in their order, how many they are */
size_t draft_parts(const struct draft *draft, struct str list, const struct draft_part ***sorted);
/* "lmdb", "cidr"; empty for DRAFT_LIST */
struct str draft_table_type(const struct draft *draft, const struct draft_table *table);

/* the order inside the lists of smtpd restrictions: what Sendmail's rulesets ask first stands first
 */
enum draft_rank {
    RANK_CONNECT = 100, /* what check_relay looks at: access Connect:, dnsbl, rate limits */
    RANK_MYNETWORKS = 200,
    RANK_AUTH = 300,
    RANK_SENDER = 400,    /* check_mail */
    RANK_RECIPIENT = 500, /* check_rcpt */
    RANK_RELAY = 600,     /* what may relay */
    RANK_LAST = 900,      /* reject_unauth_destination */
};

#endif
