/*
 * config - what a configuration directory says
 *
 * The parsers say what is written; this says what it means: the value of a
 * parameter for a service and a release, expanded, and where it comes from.  The
 * order is that of Postfix (postconf(5), master(5)): what Postfix itself sets for
 * a service, the service's overrides (-o), main.cf, the platform's build, the
 * release's default.
 *
 * What depends on the machine is an input: without it such values are
 * undetermined, and an expansion contains them as "$name".
 *
 * Everything lives in the arena given to config_open().
 */
#ifndef PARSER_POSTFIX_CONFIG_H
#define PARSER_POSTFIX_CONFIG_H

#include "base/map.h"
#include "facts/programs.h"
#include "parser/files/folder.h"
#include "parser/postfix/expand.h"
#include "parser/postfix/main_cf.h"
#include "parser/postfix/master_cf.h"

/* what the files do not contain; STR_NONE where it is not known */
struct host {
    struct str hostname;   /* the result of gethostname(2) */
    struct str interfaces; /* the machine's addresses, separated by commas: "192.0.2.1,::1" */
    struct str users;      /* path of a file with the names of local users, one per line */
};

/* the defaults that depend on the machine: myhostname, mydomain, mynetworks */
enum { HOST_DEFAULT_COUNT = 3 };

/* the first file that may exist and could not be read; what depends on it was not decided */
struct read_failure {
    struct str path; /* STR_NONE: there is none */
    int reason;      /* an errno */
};

struct config {
    struct arena *arena;
    struct str path;             /* as given */
    struct str config_directory; /* the value of $config_directory where main.cf does not set it:
                                    the platform's; with postconf -c it is PATH */
    struct str directory;        /* of the files; empty for standard input */
    struct str only;             /* the file that PATH names, where others are read to understand
                                    it: what is reported is about this one; else STR_NONE */
    const struct source *const *files; /* its files, where they are in memory, or NULL */
    size_t file_count;
    const struct folder *folder;  /* DIRECTORY, where it is open; else NULL */
    struct read_failure *failure; /* kept by config_read(), or NULL */
    struct map *kept;             /* of config_read(), after config_keep(); has no arena before */
    const struct platform *platform;
    const struct release *release;
    struct host host;
    struct main_cf main_cf;                 /* main_cf.source is NULL where there is none */
    struct master_cf master_cf;             /* likewise */
    const struct main_cf_entry **by_number; /* parameter number to its entry, or to NULL */
    struct names *names;                    /* kept by names.c */
    bool *asking_host;                      /* used by setting.c: which default is being computed */
    size_t *expansion_left; /* bytes that all expansions together may still produce */
};

/* the bytes of all lines with text in main.cf, or in master.cf: larger files are refused.  None
   that people write is nearly as large; long lists are in tables */
#define CONFIG_TEXT_MAX (2u * 1024 * 1024)

struct config_input {
    struct str path; /* a directory, a file, or "-" */
    /* if set, used instead of reading PATH, which is then only a name */
    const struct source *main_source, *master_source;
    /* if set, all files below PATH, their paths relative to it: nothing is read from disk */
    const struct source *const *files;
    size_t file_count;
    /* if set, the directory of PATH: all files below it are read through it, and none elsewhere */
    const struct folder *folder;
    struct read_failure *failure; /* for whoever must not go on without such a file, or NULL */
    const struct platform *platform;
    struct host host;
};

/*
 * Reads main.cf and master.cf of a directory (one of the two may be missing), or
 * one file, if it is one of the two (parser/postfix/kind.h); a master.cf is read with
 * the main.cf beside it, if there is one.  Returns false where nothing can be read;
 * *ERROR is then one line.
 */
bool config_open(struct config *config, struct arena *arena, const struct config_input *input,
                 struct str *error);

/* interprets the same files for another platform or machine */
void config_reinterpret(struct config *config, const struct platform *platform, struct host host);

/* the same configuration as postconf(1) sees it: $config_directory is PATH, as with -c, and options
   of daemons are what it takes for them */
void config_read_as_postconf(struct config *config);

enum origin {
    ORIGIN_NONE,     /* no such parameter: an undefined name */
    ORIGIN_RELEASE,  /* the release's default */
    ORIGIN_PLATFORM, /* the default of the platform's build */
    ORIGIN_HOST,     /* computed from the name or the addresses of the machine */
    ORIGIN_MAIN_CF,
    ORIGIN_OVERRIDE,
    ORIGIN_SERVICE, /* set by Postfix for each service: $service_name, $process_name */
};

struct setting {
    enum origin origin;
    struct str value;        /* not expanded; STR_NONE where it is undetermined or undefined */
    const struct line *line; /* where it is written; VALUE is part of its text; NULL for defaults */
    const struct parameter *parameter; /* NULL for names that are not in any release */
};

/* SERVICE may be NULL: what applies to all */
struct setting config_find(const struct config *config, const struct service *service,
                           enum parameter_number number);
/* the same if the files were empty */
struct setting config_default(const struct config *config, enum parameter_number number);
/* the line of main.cf that sets it, even if Postfix ignores it; NULL where there is none */
const struct main_cf_entry *config_entry(const struct config *config, enum parameter_number number);

/*
 * The expanded value; STR_NONE where the name is undefined.  *FLAGS (may be NULL)
 * is set to the EXPAND_ flags; ERROR may be NULL.
 */
struct str config_value(const struct config *config, const struct service *service,
                        enum parameter_number number, int *flags, struct expand_error *error);
/* TEXT, expanded like a value for SERVICE */
struct str config_expand(const struct config *config, const struct service *service,
                         struct str text, int *flags, struct expand_error *error);

/* who reads a value */
struct config_reader {
    const struct service *service; /* or NULL */
    const struct program *program; /* or NULL: it knows all defaults, as postconf(1) does */
    enum parameter_number number;  /* of the parameter that it reads */
    struct str unread;             /* set: a name in the value that is empty to it, or STR_NONE */
};

/*
 * TEXT, expanded as READER does: a parameter that neither main.cf nor -o sets is empty to a program
 * that has not read it before (program_knows()).
 */
struct str config_expand_for(const struct config *config, struct config_reader *reader,
                             struct str text, int *flags, struct expand_error *error);
/* the same with only the defaults, as postconf -d -x does */
struct str config_expand_default(const struct config *config, struct str text);

/* the value of a yes/no parameter: 1, 0, or -1 where it cannot be determined */
int config_flag(const struct config *config, const struct service *service,
                enum parameter_number number);

/* does master(8) run it in the chroot jail?  "-" means yes before compatibility level 1 */
bool config_chroots(const struct config *config, const struct service *service);

/* does master(8), which sees no -o, listen for the service on the loopback interface alone? */
bool config_is_local(const struct config *config, const struct service *service);

/* the parameter that a service defines by its name, or NULL; *WHICH (may be NULL) is that service
 */
const struct service_suffix *config_service_parameter(const struct config *config, struct str name,
                                                      const struct service **which);

/* the same for a name that comes from the files, which a service or a user may have defined */
struct setting config_find_named(const struct config *config, const struct service *service,
                                 struct str name);
struct setting config_default_named(const struct config *config, struct str name);
struct str config_value_named(const struct config *config, const struct service *service,
                              struct str name, int *flags, struct expand_error *error);

/* the seconds that the unit of a time stands for (postconf(5): s, m, h, d, w), or 0 */
long time_unit(char letter);

/*
 * The file that PATH means: a path below the platform's configuration directory is
 * mapped to the directory that was opened, so that a copy of /etc/postfix can be
 * examined anywhere.  The result ends in a NUL; *INSIDE (may be NULL) is set to
 * whether it is in the directory that was opened.
 */
struct str config_file(const struct config *config, struct str path, bool *inside);
/*
 * Does the file PATH belong to the configuration?  All files below the directory that was opened
 * do, and all others only where that directory is the platform's own: the /etc/aliases of the
 * machine that runs postmend is not that of another machine.  *FILE is set to the path of the file
 * to read.
 */
bool config_owns_file(const struct config *config, struct str path, struct str *file);
/* is the opened directory the platform's own?  A copy of it may lack files for good reason */
bool config_is_own(const struct config *config);
/* the content of such a FILE; NULL with errno set, as source_read() */
const struct source *config_read(const struct config *config, struct arena *arena, struct str file);
/* from now on, config_read() reads each file once, into the arena of the configuration, and answers
   what it answered the first time: for a server, which gives up the right to read them */
void config_keep(const struct config *config);

#endif
