/*
 * master_cf - the syntax of master.cf
 *
 * Each logical line is a service: eight fields, then the daemon's arguments;
 * see master(5).  Arguments are converted to the form in which postconf(1)
 * shows them: "-vo name=value" becomes "-v" "-o" "name=value", "-oname=value"
 * and "-o { name = value }" become "-o" "name=value", "{ text }" becomes
 * "text".  Each keeps its place in the file.
 */
#ifndef PARSER_POSTFIX_MASTER_CF_H
#define PARSER_POSTFIX_MASTER_CF_H

#include "parser/postfix/main_cf.h"

enum master_field {
    MASTER_SERVICE,
    MASTER_TYPE,
    MASTER_PRIVATE,
    MASTER_UNPRIVILEGED,
    MASTER_CHROOT,
    MASTER_WAKEUP,
    MASTER_PROCESS_LIMIT,
    MASTER_COMMAND,
    MASTER_FIELD_COUNT,
};

/* postconf's names of the fields: "service", "type", ... */
const char *master_field_name(enum master_field field);

/*
 * The daemons and postconf(1) read the same arguments, each in its way.  master(8) takes the braces
 * off a word that starts with one, and the daemon reads the words with getopt(3): in
 * "{ -o name=value }" it finds an option, and "-o{name=value}" sets a parameter called "{name".
 * postconf(1) takes the first for an argument, and the second for "-o name=value".  The overrides
 * and the operand are the daemon's; the arguments are postconf's.
 */

/* one argument of the daemon, in the canonical form of postconf(1) */
struct master_argument {
    struct str text;
    struct str place; /* the part of line.text that it comes from */
    bool option;      /* comes before the first word that does not start with "-" */
    bool takes_value; /* starts with "-o", and the next argument is its value */
    bool is_value;    /* is that value */
};

/* "-o name=value" */
struct master_override {
    const struct parameter *parameter; /* the parameter of that name, or NULL */
    struct str name;                   /* part of line.text */
    struct str value;                  /* part of line.text */
    struct str place; /* what to remove with it: from its "-", unless other options in the word need
                         that, or from the brace before it */
    struct master_override *next;          /* of the same service, in the order of the file */
    const struct master_override *earlier; /* the one of this name that it takes the place of, or
                                              NULL */
    bool overridden;                       /* a later one of the service has the same name */
};

struct service {
    struct line line;
    struct str fields[MASTER_FIELD_COUNT]; /* as written, "-" included; parts of line.text */
    struct str name, type, command;        /* the same as three of the fields */
    struct master_argument *arguments;
    size_t argument_count, argument_capacity;
    struct master_override
        *overrides; /* all of them, including repeated names; NULL if there are none */
    size_t override_count;
    struct str operand; /* the first argument that the daemon does not read as an option or as the
                           value of one; part of line.text, or STR_NONE */
    struct map *override_names; /* name to its last override where there are many, else NULL */
    struct str host, port;      /* of an inet service; parts of its name.  The host has no brackets,
                                   and is empty where inet_interfaces decides */
    size_t number;              /* its index in master_cf.services */
    const struct problem *problem; /* the first with which its program does not start, or NULL */
};

struct master_cf {
    const struct source *source;
    struct service **services; /* those that could be read, in the order of the file */
    size_t count, capacity;
    struct problem_list problems;
};

void master_cf_parse(struct master_cf *master_cf, struct arena *arena, const struct source *source);
/*
 * The same services with the overrides that postconf(1) sees: services of one name and type share
 * theirs, from the first that has some.  Names and values need not be part of line.text.
 */
void master_cf_read_as_postconf(struct master_cf *master_cf, struct arena *arena);

/* does the daemon read this argument as an option, or as the value of one? */
bool service_takes_option(const struct service *service, const struct master_argument *argument);

/* the last "-o NAME=" of the service, which is the one that counts, or NULL */
const struct master_override *service_override(const struct service *service,
                                               enum parameter_number number);
const struct master_override *service_override_named(const struct service *service,
                                                     struct str name);
/* does the service run this daemon?  Directories in its command do not count */
bool service_runs(const struct service *service, const char *daemon);
/* the port number of an inet service, which may be given by name; 0 where it is unknown */
int service_port(const struct service *service);
/* the command's last path component: what Postfix calls $process_name */
struct str service_process_name(const struct service *service);

#endif
