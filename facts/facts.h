/*
 * facts - what Postfix releases and platforms are
 *
 * Everything here was read from the YAML files in this directory when postmend was built; they name
 * the source of each fact.  Nothing here is a judgement.
 *
 * Each parameter and each feature of a release has a number, such as PARAM_MYHOSTNAME and
 * FEATURE_LEVEL_OPERATORS.  The build makes them from the YAML files (facts/names.h).
 *
 * All texts are constants that end in a NUL and need not be freed.  Lookups take a str of any
 * bytes, return NULL if they find nothing, and may be called from several threads.
 *
 * A release is a Postfix series such as "3.8".  Releases are numbered, beginning with the oldest: a
 * smaller index is an older release.
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
/* by its series, "3.8", or by a version of that series, "3.8.5" */
const struct release *facts_release(struct str series_or_version);
const struct release *facts_newest_release(void);

/* a behaviour that came with a release and is not a parameter, such as FEATURE_LEVEL_OPERATORS */
bool release_has(const struct release *release, enum release_feature feature);

/* --- parameters ---------------------------------------------------------- */

enum parameter_type {
    PARAMETER_STR,
    PARAMETER_RAW,   /* text in which Postfix does not expand $name when it reads the value */
    PARAMETER_BOOL,  /* yes or no */
    PARAMETER_NBOOL, /* the same, and the default may be an expression */
    PARAMETER_INT,
    PARAMETER_NINT, /* the same, and the default may be an expression */
    PARAMETER_LONG,
    PARAMETER_TIME,      /* a number with a unit: s m h d w */
    PARAMETER_STR_FN,    /* text with a default that depends on the machine */
    PARAMETER_INSTALL,   /* text that is set when Postfix is built or installed */
    PARAMETER_READ_ONLY, /* set by Postfix itself, such as mail_version */
    PARAMETER_LEGACY,    /* an old name that Postfix reads through another parameter's default */
};

struct parameter_default {
    int since; /* release index */
    struct str value;
};

/* the patch level of a series that introduced a parameter */
struct parameter_patch {
    int series; /* release index */
    int level;  /* 24 of 3.5.24 */
};

/* what a different default means when a host moves to another release */
struct default_note {
    struct str meaning;                   /* may be empty, if the two values make it clear */
    bool guard;                           /* keeps strangers out: a change is a warning */
    bool hardened;                        /* the new one closes a security hole */
    bool of_release;                      /* says what the release is or supports */
    const enum parameter_number *used_by; /* has an effect only if one of these, up to
                                             PARAM_NONE, is set; NULL: always */
    enum parameter_number replaced_by;    /* has no effect if this is set */
};

struct parameter {
    struct str name;
    enum parameter_type type;
    enum parameter_number number;
    bool has_min, has_max; /* false for a bound of 0, which Postfix does not check */
    long min, max;         /* for texts, a min of 1 means: must not be empty */
    int first, last;       /* release indexes, both included; first > last for PARAMETER_LEGACY */
    const struct parameter_patch *patches; /* of series whose first versions do not have it */
    size_t patch_count;
    int legacy_since;  /* the first release in which it is only an old name, read through another
                          parameter's default; -1: none */
    bool host_default; /* the default depends on the machine */
    const struct parameter_default *defaults; /* oldest first */
    size_t default_count;
    const struct deprecation *deprecation; /* NULL: not deprecated */
    const struct default_note *note;       /* may be NULL */
};

/* by a name that comes from input; NULL if no release has such a parameter */
const struct parameter *facts_parameter(struct str name);
/* NULL for PARAM_NONE; the parameters are PARAM_NONE + 1 to PARAM_END - 1 */
const struct parameter *facts_parameter_at(enum parameter_number number);
/* "myhostname"; empty for PARAM_NONE */
struct str parameter_name(enum parameter_number number);
/*
 * Does the release have it, not only as an old name?  (Does postconf -d list it?)  This is about
 * the series; whether a certain Postfix has it is platform_has()'s to say.
 */
bool parameter_in(const struct parameter *parameter, const struct release *release);
/* is it an old name that the release still reads, such as virtual_maps? */
bool parameter_legacy_in(const struct parameter *parameter, const struct release *release);
/* the default; STR_NONE if the release does not have the parameter, or the default depends on the
   machine */
struct str parameter_default(const struct parameter *parameter, const struct release *release);
extern const char *const parameter_type_names[]; /* "str", "bool", ... by type; NULL at the end */

/*
 * A suffix that makes the name of a service a parameter: "_destination_rate_delay" for the
 * transport "slow".
 */
struct service_suffix {
    struct str suffix;              /* "_destination_rate_delay", of SERVICE_SUFFIX_LENGTH_MAX */
    enum parameter_number fallback; /* the parameter that gives the default */
    int first, last;
};

enum { SERVICE_SUFFIX_LENGTH_MAX = 80 }; /* the generator refuses longer ones */

/* the suffixes for services that run DAEMON ("smtp", "pipe", "spawn"); NULL if there are none */
const struct service_suffix *facts_service_suffixes(struct str daemon, size_t *count);

/* --- the stock master.cf ------------------------------------------------- */

enum { STOCK_FIELD_COUNT = 5 };

struct stock_service {
    struct str name, type;
    struct str fields[STOCK_FIELD_COUNT]; /* private, unprivileged, chroot, wakeup, process_limit;
                                             "-" if they are not set */
    struct str command;
    int first, last; /* release indexes, both included */
};

/* in the order of the file */
const struct stock_service *facts_stock_services(size_t *count);

/* --- what changed -------------------------------------------------------- */

enum deprecation_kind {
    DEPRECATION_RENAME,
    DEPRECATION_DROP,         /* leave at its default */
    DEPRECATION_TLS_LEVEL,    /* replace with a security level: *_use_tls, *_enforce_tls */
    DEPRECATION_POLICY_TABLE, /* *_tls_per_site: the contents of the table change too */
    DEPRECATION_DNS_LEVEL,
    DEPRECATION_RESTRICTION, /* the name is a restriction, not a parameter */
};

struct deprecation {
    struct str name;
    enum deprecation_kind kind;
    int warns_since; /* release index: the first that warns; 0 also for releases before the oldest,
                        facts_newest_release()->index + 1 for those after the newest */
    int removed_in;  /* likewise; -1: not removed */
    struct str target; /* the parameter or restrictions to use instead; may be empty */
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
    RESTRICTION_CONTAINER, /* check_sender_ns_access: a table for the NS, MX or A hosts
                              of the domain */
};

/* what the client must have said before a restriction has an effect, in the order of a session */
enum restriction_subject { ABOUT_CLIENT, ABOUT_HELO, ABOUT_SENDER, ABOUT_RECIPIENT };

struct restriction {
    struct str name;
    enum restriction_argument argument;
    enum restriction_subject subject;
    int first, last; /* later releases reject mail with "451 ... configuration" */
};

/* case is ignored, as in Postfix */
const struct restriction *facts_restriction(struct str name);
const struct restriction *facts_restrictions(size_t *count);

/* --- lookup tables ------------------------------------------------------- */

enum table_kind {
    TABLE_INDEXED,  /* a file made from a text file: hash, btree, lmdb, cdb, dbm, sdbm */
    TABLE_TEXT,     /* a text file: texthash, cidr, pcre, regexp */
    TABLE_CLIENT,   /* a file with the settings of a database client: mysql, ldap */
    TABLE_INLINE,   /* the contents are part of the name: inline, static, fail, internal, environ */
    TABLE_COMBINED, /* made of other tables: pipemap, unionmap, randmap */
    TABLE_ADAPTER,  /* uses a table of another type: proxy, debug */
    TABLE_NETWORK,  /* asks a server: tcp, socketmap, memcache, nis */
};

struct table_type {
    struct str name;
    enum table_kind kind;
    bool berkeley_db; /* needs Berkeley DB */
    int first, last;
    struct str extension;      /* of an indexed file: ".db", ".lmdb", ... */
    struct str_list settings;  /* of TABLE_CLIENT: the names of settings, which are also
                                  suffixes of main.cf parameters in the old syntax */
    struct str_list flags;     /* those of them that are yes or no */
    struct str_list numbers;   /* those that are whole numbers */
    struct str_list queries;   /* those in which %s stands for the key */
    struct str_list templates; /* those in which it may */
    struct str_list old_query; /* those that together take the place of a query */
    struct str magic;          /* of an indexed file: its mark, in hexadecimal; may be empty */
    int magic_at;              /* where the mark is in the file */
    int smallest; /* bytes of such a file: with fewer, the program that opens it exits; 0: any */
};

const struct table_type *facts_table_type(struct str name);

/* --- ports --------------------------------------------------------------- */

enum { SMTP_PORT = 25, SUBMISSIONS_PORT = 465, SUBMISSION_PORT = 587 };

/* the port of a service name ("smtps" is 465); 0 for other names and for digits */
int facts_port(struct str service_name);

/* --- lists of blocked clients -------------------------------------------- */

/* the last year of the list ZONE in the DNS, or of one that it is below; 0: it is not known to have
   ended */
int facts_block_list_ended(struct str zone);

/* --- mail programs --------------------------------------------------------- */

/* a program of users, as it is set up by default */
struct mail_program {
    struct str name; /* "Thunderbird" */
    struct str helo; /* what it says in EHLO */
};

const struct mail_program *facts_mail_programs(size_t *count);

/* --- platforms ----------------------------------------------------------- */

struct table_package {
    struct str type;    /* "pcre" */
    struct str package; /* "postfix-pcre"; empty: the postfix package itself */
};

struct platform_default {
    enum parameter_number parameter;
    struct str value;
};

/*
 * The build makes the table of fields, by which platforms are read and printed, from this text:
 * each text, list of texts and flag is one, and its name is its key in platforms.yaml.
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
    bool minor_releases;              /* NAME.N is an update of it */
    struct str_list backports;        /* parameters that its package adds to those of its version */
    struct str_list trust_paths;      /* other paths to the same bundle that exist there */
    struct str_list trust_paths_gone; /* paths that only its predecessors have */
    bool end_of_life;                 /* its CA bundle is no longer updated */
    bool origin_file;                 /* its Postfix reads myorigin from a file if it is a path */
    bool fills_jail; /* its start scripts copy to the chroot jail what services need */
    struct str submissions_service; /* what its stock master.cf calls port 465 */
    struct str config_directory;
    const struct table_package *tables; /* all types that are available */
    size_t table_count;
    const struct platform_default *defaults; /* defaults that differ from upstream */
    size_t default_count;
    const struct platform_default *stock; /* install paths that its stock main.cf sets */
    size_t stock_count;
    struct str install_command;        /* "dnf install -y", before the names of packages */
    struct str_list firewall_commands; /* formats: "%s" is the service; the last command,
                                          without it, activates the others */
    struct str firewall_port;          /* format: the command for a port without a name */
    struct str firewall_25;            /* the name of the port in these commands */
    struct str firewall_465;
    struct str firewall_587;
    struct str_list aliases; /* "almalinux10", "rocky10", "centos10", "oracle10" */
    struct str source;
};

/* the distributions; facts_platform() also finds upstream's releases */
const struct platform *facts_platforms(size_t *count);
/*
 * By name or alias; case is ignored.  "postfix-3.8", or "postfix-3.8.5", is upstream's release of
 * that series: all table types in the postfix package, upstream's defaults, no CA file.
 */
const struct platform *facts_platform(struct str name);
/* is NAME an update of the platform, such as rhel9.4 of rhel9, that has no facts of its own? */
bool platform_is_minor(const struct platform *platform, struct str name);
/* the name or alias that NAME was probably meant to be; STR_NONE: none is near */
struct str facts_nearest_platform(struct str name);
/*
 * Does the platform's Postfix have the parameter, not only as an old name?  Its series has it from
 * the platform's patch level on, or its package adds it.
 */
bool platform_has(const struct platform *platform, const struct parameter *parameter);
/* upstream's default of a parameter that the platform has; STR_NONE as of parameter_default() */
struct str platform_upstream_default(const struct platform *platform,
                                     const struct parameter *parameter);
/* the first version from the platform's on that has it: "3.5.24", "3.9"; STR_NONE: the platform has
   it, or no newer one does */
struct str platform_newer_version(struct arena *arena, const struct platform *platform,
                                  const struct parameter *parameter);
/*
 * The platform's default, if it differs from upstream's, or NULL; also of config_directory,
 * default_database_type and mail_version.
 */
const struct platform_default *platform_default(const struct platform *platform,
                                                enum parameter_number parameter);
/* what its stock main.cf sets, if it differs from the default, or NULL */
const struct platform_default *platform_stock(const struct platform *platform,
                                              enum parameter_number parameter);
/* the package of a table type; NULL if the platform does not have the type */
const struct table_package *platform_table(const struct platform *platform, struct str type);
/* is PATH one of the platform's CA bundles or directories? */
bool platform_has_trust_path(const struct platform *platform, struct str path);
/* is PATH one of any platform? */
bool facts_trust_path(struct str path);
/* a platform that is no longer maintained and has PATH, unless a maintained one has it too; or NULL
 */
const struct platform *facts_outdated_trust_path(struct str path);

/*
 * Reads a user's own platform from a YAML file in the format of facts/platforms.yaml with one
 * platform, which needs no source; "like" may name any platform that postmend has.  Returns NULL on
 * failure; *ERROR is then one line, "line N, column N: what is wrong".
 */
const struct platform *facts_load_platform(struct arena *arena, const char *path,
                                           struct str *error);

#endif
