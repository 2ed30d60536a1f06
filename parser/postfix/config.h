/*
 * config - what a configuration directory says
 *
 * Syntax says what is written; this says what it means: the value of a parameter
 * for a service under a release, expanded, and where it came from.  The order is
 * Postfix's (postconf(5), master(5)): what Postfix sets itself for a service, the
 * service's -o, main.cf, the platform's build, the release's default.
 *
 * What depends on the machine is an input: without it such values are
 * undetermined and stand as "$name" in an expansion.
 *
 * Everything lives in the arena given to config_open().
 */
#ifndef PARSER_POSTFIX_CONFIG_H
#define PARSER_POSTFIX_CONFIG_H

#include "parser/postfix/expand.h"
#include "parser/postfix/main_cf.h"
#include "parser/postfix/master_cf.h"

/* what the files don't say; STR_NONE where it is not known */
struct host {
    struct str hostname;   /* what gethostname(2) would answer */
    struct str interfaces; /* the machine's addresses, by commas: "192.0.2.1,::1" */
    struct str users;      /* path of a file with the local user names, one a line */
};

/* the defaults that depend on the machine: myhostname, mydomain, mynetworks */
enum { HOST_DEFAULT_COUNT = 3 };

struct config {
    struct arena *arena;
    struct str path;             /* as given */
    struct str config_directory; /* what $config_directory stands for where main.cf does not set
                                    it: the platform's; postconf -c has it as PATH */
    struct str directory;        /* where the files lie; empty for standard input */
    const struct source *const *files; /* its files, where they are in memory, or NULL */
    size_t file_count;
    const struct platform *platform;
    const struct release *release;
    struct host host;
    struct main_cf main_cf;                 /* main_cf.source is NULL where there is none */
    struct master_cf master_cf;             /* likewise */
    const struct main_cf_entry **by_number; /* parameter number to its entry, or NULL */
    struct names *names;                    /* kept by names.c */
    bool *asking_host;                      /* kept by setting.c: which default is being made */
    size_t *expansion_left;                 /* bytes that all expansions may still make together */
};

struct config_input {
    struct str path; /* a directory, a file, or "-" */
    /* set, they are taken instead of reading PATH, which then only names the place */
    const struct source *main_source, *master_source;
    /* set, they are all that lies below PATH, their paths beginning there: nothing of it is read
       from the disk */
    const struct source *const *files;
    size_t file_count;
    const struct platform *platform;
    struct host host;
};

/*
 * Reads main.cf and master.cf of a directory (one of the two may be missing), or
 * one file, which counts as master.cf if it is named so or looks so.  Returns
 * false where nothing can be read; *ERROR is then one line.
 */
bool config_open(struct config *config, struct arena *arena, const struct config_input *input,
                 struct str *error);

/* the same files as they count for another platform or machine */
void config_reinterpret(struct config *config, const struct platform *platform, struct host host);

enum origin {
    ORIGIN_NONE,     /* no such parameter: an undefined name */
    ORIGIN_RELEASE,  /* the release's default */
    ORIGIN_PLATFORM, /* the default of the platform's build */
    ORIGIN_HOST,     /* made of the machine's name or addresses */
    ORIGIN_MAIN_CF,
    ORIGIN_OVERRIDE,
    ORIGIN_SERVICE, /* set by Postfix for each service: $service_name, $process_name */
};

struct setting {
    enum origin origin;
    struct str value; /* not expanded; STR_NONE where it is undetermined or undefined */
    const struct line
        *line; /* where it is written; VALUE is part of its text.  NULL for defaults */
    const struct parameter *parameter; /* NULL for names that no release knows */
};

/* SERVICE may be NULL: what holds for all */
struct setting config_find(const struct config *config, const struct service *service,
                           enum parameter_number number);
/* what would hold if no file said anything */
struct setting config_default(const struct config *config, enum parameter_number number);
/* the line of main.cf that sets it, whether Postfix heeds it or not; NULL where there is none */
const struct main_cf_entry *config_entry(const struct config *config, enum parameter_number number);

/*
 * The expanded value; STR_NONE where the name is undefined.  *FLAGS (may be NULL)
 * gets the EXPAND_ flags; ERROR may be NULL.
 */
struct str config_value(const struct config *config, const struct service *service,
                        enum parameter_number number, int *flags, struct expand_error *error);
/* any text, expanded as a value for SERVICE */
struct str config_expand(const struct config *config, const struct service *service,
                         struct str text, int *flags, struct expand_error *error);
/* the same with the defaults alone, as postconf -d -x */
struct str config_expand_default(const struct config *config, struct str text);

/* the value of a yes/no parameter: 1, 0, or -1 where it can't be decided */
int config_flag(const struct config *config, const struct service *service,
                enum parameter_number number);

/* a parameter that a service makes of its name, or NULL; *WHICH (may be NULL) is that service */
const struct service_suffix *config_service_parameter(const struct config *config, struct str name,
                                                      const struct service **which);

/* the same for a name that comes from the files: also one that a service or a user makes */
struct setting config_find_named(const struct config *config, const struct service *service,
                                 struct str name);
struct setting config_default_named(const struct config *config, struct str name);
struct str config_value_named(const struct config *config, const struct service *service,
                              struct str name, int *flags, struct expand_error *error);

/* the seconds of the letter behind a time (postconf(5): s, m, h, d, w); 0: it is none */
long time_unit(char letter);

/*
 * The file that PATH means: a path below the platform's configuration directory is
 * looked for below the directory that was opened, so that a copy of /etc/postfix
 * can be examined anywhere.  The result ends in a NUL; *INSIDE (may be NULL) tells
 * whether it lies in the directory that was opened.
 */
struct str config_file(const struct config *config, struct str path, bool *inside);
/*
 * Does the file PATH belong to the configuration?  What lies below the directory that was opened
 * does, and everything where that directory is the platform's own: the /etc/aliases of the machine
 * that postmend happens to run on says nothing about another one.  *FILE is where it lies.
 */
bool config_owns_file(const struct config *config, struct str path, struct str *file);
/* what stands in such a FILE; NULL with errno, as source_read() */
const struct source *config_read(const struct config *config, struct arena *arena, struct str file);

#endif
