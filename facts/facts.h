/*
 * facts - what Postfix releases and platforms are
 *
 * Everything here was read from the YAML files beside this header when postmend was built; each of
 * those files names the source of each fact.  Nothing here judges.
 *
 * Parameters and features that the program knows by name have a number, PARAM_MYHOSTNAME or
 * FEATURE_LEVEL_OPERATORS, in facts/names.h, which the build makes from the YAML files.
 *
 * All texts are constants of the program and need no freeing.  Lookups take a
 * str of any bytes, answer NULL where they know nothing, and are safe to call
 * from several threads.
 *
 * A release is a Postfix series such as "3.8".  Releases are numbered from the
 * oldest on; series_index compares: a < b means a is older.
 */
#ifndef FACTS_FACTS_H
#define FACTS_FACTS_H

#include "base/arena.h"
#include "base/str.h"
#include "facts/names.h"

/* --- releases ------------------------------------------------------------ */

struct release {
    struct str series;  /* "3.8" */
    struct str version; /* the one that was measured: "3.8.5" */
    struct str date;    /* its mail_release_date: "20240304" */
    struct str level;   /* the compatibility_level of its stock main.cf: "3.8"; may be empty */
    int index;          /* 0 is the oldest */
};

const struct release *facts_releases(size_t *count);
/* "3.8", also "3.8.5" (by its series) */
const struct release *facts_release(struct str series_or_version);
const struct release *facts_newest_release(void);

/* a behaviour that came with a release and is not a parameter, such as FEATURE_LEVEL_OPERATORS */
bool release_has(const struct release *release, enum release_feature feature);

/* --- parameters ---------------------------------------------------------- */

enum parameter_type {
    PARAMETER_STR,
    PARAMETER_RAW,   /* text in which Postfix does not expand $name when it reads it */
    PARAMETER_BOOL,  /* yes or no */
    PARAMETER_NBOOL, /* the same; the default may be an expression */
    PARAMETER_INT,
    PARAMETER_NINT, /* the same; the default may be an expression */
    PARAMETER_LONG,
    PARAMETER_TIME,      /* a number with a unit: s m h d w */
    PARAMETER_STR_FN,    /* text whose default is asked of the machine */
    PARAMETER_INSTALL,   /* text that is set when Postfix is built or installed */
    PARAMETER_READ_ONLY, /* mail_version and its kin: set by Postfix itself */
    PARAMETER_LEGACY,    /* an old name that Postfix reads through another's default */
};

struct parameter_default {
    int since; /* release index */
    struct str value;
};

/* what its default means to a host that moves to a release where it is another one */
struct default_note {
    struct str meaning;                   /* may be empty: the two values make it clear */
    bool guard;                           /* keeps strangers out: a change is a warning */
    bool hardened;                        /* the new one closes a security hole */
    bool of_release;                      /* says what the release is or supports */
    const enum parameter_number *used_by; /* has an effect only if one of these, up to
                                             PARAM_NONE, is set; NULL: always */
    enum parameter_number replaced_by;    /* has none if this is set */
};

struct parameter {
    struct str name;
    enum parameter_type type;
    enum parameter_number number;
    bool has_min, has_max; /* Postfix does not check a bound of 0: it counts as none */
    long min, max;         /* for texts a min of 1 means: may not be empty */
    int first, last;       /* release indexes, both included; first > last for PARAMETER_LEGACY */
    int legacy_since;      /* the release since which Postfix knows the name as an old one only,
                              read through another parameter's default; -1: never */
    bool host_default;     /* the default is asked of the machine: no text here */
    const struct parameter_default *defaults; /* oldest first */
    size_t default_count;
    const struct deprecation *deprecation; /* NULL: support for it is not about to end */
    const struct default_note *note;       /* NULL: there is nothing to say */
};

/* a name that comes from input: NULL where no release has such a parameter */
const struct parameter *facts_parameter(struct str name);
/* NULL for PARAM_NONE; all parameters are those from PARAM_NONE + 1 to PARAM_END - 1 */
const struct parameter *facts_parameter_at(enum parameter_number number);
/* "myhostname"; empty for PARAM_NONE */
struct str parameter_name(enum parameter_number number);
/* does the release list it (postconf -d)?  A name that is only legacy there is not listed. */
bool parameter_in(const struct parameter *parameter, const struct release *release);
/* is it an old name there that Postfix still reads, such as virtual_maps? */
bool parameter_legacy_in(const struct parameter *parameter, const struct release *release);
/* the text of the default; STR_NONE where the release has none or asks the machine */
struct str parameter_default(const struct parameter *parameter, const struct release *release);
extern const char *const parameter_type_names[]; /* "str", "bool", ... by type; NULL at the end */

/*
 * Suffixes that make a parameter of a service's name ("_destination_rate_delay"
 * for the transport "slow"), by the daemon that the service runs.
 */
struct service_suffix {
    struct str suffix;              /* "_destination_rate_delay" */
    enum parameter_number fallback; /* the parameter that gives the default */
    int first, last;
};

/* the suffixes for services that run DAEMON ("smtp", "pipe", "spawn", ...), or NULL */
const struct service_suffix *facts_service_suffixes(struct str daemon, size_t *count);

/* --- the stock master.cf ------------------------------------------------- */

enum { STOCK_FIELD_COUNT = 5 };

struct stock_service {
    struct str name, type;
    struct str fields[STOCK_FIELD_COUNT]; /* private, unprivileged, chroot, wakeup, process_limit;
                                             "-" where they are not set */
    struct str command;
    int first, last; /* release indexes, both included */
};

/* in the order of the file */
const struct stock_service *facts_stock_services(size_t *count);

/* --- what changed -------------------------------------------------------- */

enum deprecation_kind {
    DEPRECATION_RENAME,
    DEPRECATION_DROP,         /* leave at its default */
    DEPRECATION_TLS_LEVEL,    /* *_use_tls and its kin become a security level */
    DEPRECATION_POLICY_TABLE, /* *_tls_per_site: the table's contents change too */
    DEPRECATION_DNS_LEVEL,
    DEPRECATION_RESTRICTION, /* the name is a restriction, not a parameter */
};

struct deprecation {
    struct str name;
    enum deprecation_kind kind;
    int warns_since;   /* release index: that release warns; 0 also for those before the oldest,
                          and facts_newest_release()->index + 1 for those to come */
    int removed_in;    /* the same, or -1: not removed */
    struct str target; /* the parameter or restriction list to write instead; may be empty */
    struct str advice; /* one sentence */
    struct str source;
};

const struct deprecation *facts_deprecation(struct str name);
const struct deprecation *facts_deprecations(size_t *count);

/* --- restrictions -------------------------------------------------------- */

enum restriction_argument {
    RESTRICTION_NO_ARGUMENT,
    RESTRICTION_TABLE,     /* check_client_access type:table */
    RESTRICTION_DOMAIN,    /* reject_rbl_client dns.name[=pattern] */
    RESTRICTION_SERVICE,   /* check_policy_service */
    RESTRICTION_NUMBER,    /* sleep */
    RESTRICTION_CONTAINER, /* check_sender_ns_access and others: a table too, asked for the
                              domain's NS, MX or A hosts */
};

struct restriction {
    struct str name;
    enum restriction_argument argument;
    int first, last; /* a release after the last one refuses mail with "451 ... configuration" */
};

/* upper and lower case are the same, as for Postfix */
const struct restriction *facts_restriction(struct str name);
const struct restriction *facts_restrictions(size_t *count);

/* --- lookup tables ------------------------------------------------------- */

enum table_kind {
    TABLE_INDEXED,  /* a file built from a text source: hash, btree, lmdb, cdb, dbm, sdbm */
    TABLE_TEXT,     /* a file that is read as it is: texthash, cidr, pcre, regexp */
    TABLE_CLIENT,   /* a file with a database's settings: mysql, ldap, ... */
    TABLE_INLINE,   /* the contents stand in the name: inline, static, fail, internal, environ */
    TABLE_COMBINED, /* made of other tables: pipemap, unionmap, randmap */
    TABLE_ADAPTER,  /* hands on to another type: proxy, debug */
    TABLE_NETWORK,  /* asks a socket: tcp, socketmap, memcache, nis */
};

struct table_type {
    struct str name;
    enum table_kind kind;
    bool berkeley_db; /* needs Berkeley DB */
    int first, last;
    struct str extension;     /* of an indexed file: ".db", ".lmdb", ... */
    struct str_list settings; /* for TABLE_CLIENT: the setting names, which are also
                                 suffixes of main.cf parameters in the old style */
};

const struct table_type *facts_table_type(struct str name);

/* --- ports --------------------------------------------------------------- */

enum { SMTP_PORT = 25, SUBMISSIONS_PORT = 465, SUBMISSION_PORT = 587 };

/* the port number that a service name stands for ("smtps" is 465), or 0; digits are no name */
int facts_port(struct str service_name);

/* --- platforms ----------------------------------------------------------- */

struct table_package {
    struct str type;    /* "pcre" */
    struct str package; /* "postfix-pcre"; empty: it is in the platform's postfix package */
};

struct platform_default {
    enum parameter_number parameter;
    struct str value;
};

/*
 * The texts, lists of texts and flags have the names of their keys in platforms.yaml: the build
 * makes the table of fields by which they are read and printed out of this text.
 */
struct platform {
    struct str name;    /* "rhel10" */
    struct str title;   /* "Red Hat Enterprise Linux 10" */
    struct str postfix; /* its version: "3.8.5" */
    const struct release *release;
    struct str family;                /* "rhel", "debian", "suse", "alpine", "freebsd" */
    struct str default_database_type; /* "lmdb" */
    bool berkeley_db;
    struct str ca_file;
    struct str ca_directory;
    struct str_list trust_paths;      /* other paths to the same bundle that exist there */
    struct str_list trust_paths_gone; /* paths that its predecessors had and it has not */
    bool end_of_life;                 /* its CA bundle is no longer kept up to date */
    bool origin_file;                 /* its build reads myorigin from a file, where it is a path */
    struct str submissions_service;   /* what its stock master.cf calls port 465 */
    struct str config_directory;
    const struct table_package *tables; /* every type that can be had there */
    size_t table_count;
    const struct platform_default *defaults; /* where its build differs from upstream */
    size_t default_count;
    const struct platform_default *stock; /* install paths that its stock main.cf sets otherwise */
    size_t stock_count;
    struct str install_command;        /* "dnf install -y": packages follow */
    struct str_list firewall_commands; /* format: "%s" stands for the service; the last
                                          command (without %s) makes it take effect */
    struct str firewall_port;          /* format: the command for a port that has no name there */
    struct str firewall_25;            /* their name of the port */
    struct str firewall_465;
    struct str firewall_587;
    struct str_list aliases; /* "almalinux10", "rocky10", "centos10", "oracle10" */
    struct str source;
};

/* the distributions; facts_platform() knows upstream's releases besides */
const struct platform *facts_platforms(size_t *count);
/*
 * By name or alias, in any case of letters.  "postfix-3.8" (or "postfix-3.8.5": by its series)
 * gives a platform that is upstream's release of that series: all table types in the postfix
 * package, upstream's defaults, no CA file.
 */
const struct platform *facts_platform(struct str name);
/*
 * What the platform's build sets instead of upstream's default, or NULL.  Where they differ, that
 * includes config_directory, default_database_type and mail_version.
 */
const struct platform_default *platform_default(const struct platform *platform,
                                                enum parameter_number parameter);
/* what its stock main.cf sets, where that is not what platform_default() says, or NULL */
const struct platform_default *platform_stock(const struct platform *platform,
                                              enum parameter_number parameter);
/* the package for a table type, or NULL where the platform has no such type */
const struct table_package *platform_table(const struct platform *platform, struct str type);
/* does the platform know PATH as a trust bundle or directory of its own? */
bool platform_has_trust_path(const struct platform *platform, struct str path);
/* is PATH a trust bundle or directory of any platform that we know? */
bool facts_trust_path(struct str path);
/* is PATH that bundle of a platform at the end of its life, and of no living one? */
const struct platform *facts_outdated_trust_path(struct str path);

/*
 * A user's own platform, from a YAML file of the same shape as facts/platforms.yaml with one
 * platform in it; its "like" may name any platform that postmend knows, and its source may be left
 * out.  The result lives in ARENA.  On failure NULL, and *ERROR is one line
 * "line N, column N: what is wrong".
 */
const struct platform *facts_load_platform(struct arena *arena, const char *path,
                                           struct str *error);

#endif
