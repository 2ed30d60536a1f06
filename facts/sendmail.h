/*
 * sendmail - what Sendmail's configuration can say, and what becomes of each of it in Postfix
 *
 * Read from facts/sendmail.yaml when postmend was built; each entry names its source.  Every
 * define, feature, macro, mailer, OSTYPE and option of sendmail.cf that Sendmail 8.17 and 8.18 know
 * is there, and those that older ones knew.  See facts.h on texts and lookups.
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
    SENDMAIL_DOMAIN,  /* DOMAIN(`generic'): those of Sendmail and Debian; a site's own has none */
    SENDMAIL_HACK,    /* HACK(`cssubdomain') */
    SENDMAIL_OPTION,  /* options of sendmail.cf that no define sets */
    SENDMAIL_KINDS,
};

/* what becomes of it */
enum sendmail_fate {
    FATE_MAPPED,      /* written into the Postfix configuration */
    FATE_ALREADY,     /* Postfix does so without being told */
    FATE_MEANINGLESS, /* is about something that Postfix does not have */
    FATE_OPEN,        /* has no equivalent: a human must decide; the advice says what to do */
    FATE_COUNT,
};

const char *sendmail_fate_name(enum sendmail_fate fate); /* "mapped", "already", ... */

/* how a value becomes a parameter's; convert/sendmail/value.h does it */
enum sendmail_conversion {
    CONVERT_MODULE, /* a module of convert/ does it, or there is nothing to convert */
    CONVERT_TEXT,   /* as it is */
    CONVERT_NUMBER,
    CONVERT_BYTES,
    CONVERT_BLOCKS, /* blocks of the file system, each counted as 4096 bytes, become bytes */
    CONVERT_TIME,   /* "5d", "1h30m"; `unit` is the one of bare numbers */
    CONVERT_BOOL,
    CONVERT_BOOL_NOT,
    CONVERT_FIXED, /* `value` is written, whatever the argument */
};

/* texts that a fact does not have are empty */
struct sendmail_fact {
    struct str name;
    enum sendmail_kind kind;
    struct str option; /* its long name in sendmail.cf ("MaxMessageSize") */
    struct str letter; /* its old letter there */
    enum sendmail_fate fate;
    struct str module; /* the one that takes it; it may find another fate than this one */
    enum parameter_number parameter; /* PARAM_NONE for modules and other fates */
    enum parameter_number also;      /* a second one that takes the same value */
    enum sendmail_conversion conversion;
    struct str value; /* CONVERT_FIXED; of a domain: the lines of its file that count */
    char unit;
    bool weak;           /* sets only what no other line sets */
    struct str idle;     /* the value with which it asks for nothing ("0", "False") */
    struct str says;     /* one sentence: what becomes of it, or why nothing need be done */
    struct str advice;   /* FATE_OPEN: what to do */
    struct str fallback; /* Sendmail's own default */
    bool gone;           /* 8.17 and 8.18 no longer know it */
    struct str needs;    /* a feature that must stand in front of it */
    struct str with;     /* a feature or macro without which it does nothing */
    struct str reads;    /* defines that count only in front of it, blanks between them */
    struct str sets;     /* defines that it sets, whatever was said in front of it; likewise */
    struct str instead;  /* what takes the place of an old name */
    struct str source;
};

/* by its exact name; a HACK, DOMAIN, MAILER or FEATURE of the site's own has none */
const struct sendmail_fact *facts_sendmail(enum sendmail_kind kind, struct str name);
/* by the option's name in sendmail.cf, without regard to case, or its one letter */
const struct sendmail_fact *facts_sendmail_option(struct str name);
/* in the order of kinds, and of names */
const struct sendmail_fact *facts_sendmail_all(size_t *count);

#endif
