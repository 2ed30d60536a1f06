/*
 * sendmail - what Sendmail configurations contain, and what it becomes in Postfix
 *
 * Read from facts/sendmail.yaml when postmend was built; each entry names its source.  All defines,
 * features, macros, mailers, OSTYPEs and options of sendmail.cf that Sendmail 8.17 and 8.18 or
 * older releases have are there.  See facts.h about texts and lookups.
 */
#ifndef FACTS_SENDMAIL_H
#define FACTS_SENDMAIL_H

#include "facts/facts.h"

enum sendmail_kind {
    SENDMAIL_DEFINE,  /* define(`confMAX_MESSAGE_SIZE', ...), define(`SMART_HOST', ...) */
    SENDMAIL_FEATURE, /* FEATURE(`access_db', ...) */
    SENDMAIL_MACRO,   /* MASQUERADE_AS, DAEMON_OPTIONS, LOCAL_CONFIG, VERSIONID, ... */
    SENDMAIL_MAILER,  /* MAILER(`smtp') */
    SENDMAIL_OSTYPE,  /* OSTYPE(`linux') */
    SENDMAIL_DOMAIN,  /* DOMAIN(`generic'): those of Sendmail and Debian, not a site's own */
    SENDMAIL_HACK,    /* HACK(`cssubdomain') */
    SENDMAIL_OPTION,  /* options of sendmail.cf that no define sets */
    SENDMAIL_KINDS,
};

/* what becomes of it */
enum sendmail_fate {
    FATE_MAPPED,      /* written into the Postfix configuration */
    FATE_ALREADY,     /* already the default of Postfix */
    FATE_MEANINGLESS, /* not applicable: Postfix has no equivalent, and needs none */
    FATE_OPEN,        /* no equivalent; the advice says what to decide */
    FATE_COUNT,
};

const char *sendmail_fate_name(enum sendmail_fate fate); /* "mapped", "already", ... */

/* how a value is converted, by convert/sendmail/value.h */
enum sendmail_conversion {
    CONVERT_MODULE, /* by a module of convert/, or not at all */
    CONVERT_TEXT,   /* unchanged */
    CONVERT_NUMBER,
    CONVERT_BYTES,
    CONVERT_BLOCKS, /* blocks of the file system, of 4096 bytes, to bytes */
    CONVERT_TIME,   /* "5d", "1h30m"; `unit` is the default unit */
    CONVERT_BOOL,
    CONVERT_BOOL_NOT,
    CONVERT_FIXED, /* `value`, for any argument */
};

/* texts that are not set are empty */
struct sendmail_fact {
    struct str name;
    enum sendmail_kind kind;
    struct str option; /* its name in sendmail.cf: "MaxMessageSize" */
    struct str letter; /* its letter in old ones */
    enum sendmail_fate fate;
    struct str module; /* the module that converts it; the fate may then be different */
    enum parameter_number parameter; /* PARAM_NONE for modules and other fates */
    enum parameter_number also;      /* a second one that takes the same value */
    enum sendmail_conversion conversion;
    struct str value; /* CONVERT_FIXED; of a domain: the lines of its file that have an effect */
    char unit;
    bool weak;           /* sets only what no other line sets */
    struct str idle;     /* the value that has no effect: "0", "False" */
    struct str says;     /* one sentence: what it becomes, or why nothing has to be done */
    struct str advice;   /* FATE_OPEN: what to do */
    struct str fallback; /* Sendmail's own default */
    bool gone;           /* not in 8.17 and 8.18 */
    struct str needs;    /* a feature that must be before it */
    struct str with;     /* a feature or macro without which it has no effect */
    struct str reads;    /* defines that have an effect only before it, separated by spaces */
    struct str sets;     /* defines that it sets, overriding those before it; likewise */
    struct str instead;  /* what replaces an old name */
    struct str source;
};

/* by the exact name; NULL for a site's own HACK, DOMAIN, MAILER or FEATURE */
const struct sendmail_fact *facts_sendmail(enum sendmail_kind kind, struct str name);
/* by the name of an option in sendmail.cf, ignoring case, or by its letter */
const struct sendmail_fact *facts_sendmail_option(struct str name);
/* ordered by kind and name */
const struct sendmail_fact *facts_sendmail_all(size_t *count);

#endif
