/*
 * names - which parameter names a configuration gives a meaning
 *
 * Besides the names that the release knows there are those that a service
 * defines ("slow_destination_rate_delay") and those that users define: a name
 * counts as used when a value refers to it, when it is a restriction class, or
 * when it is a setting of a table in the old style ("ldap:accounts" reads
 * accounts_server_host).  The rules are those of postconf(1), which warns about
 * all other names ("unused parameter") and about references to names without a
 * value ("undefined parameter").
 */
#ifndef PARSER_POSTFIX_NAMES_H
#define PARSER_POSTFIX_NAMES_H

#include "parser/postfix/config.h"

enum name_class {
    NAME_UNKNOWN, /* nothing reads it */
    NAME_BUILTIN,
    NAME_SERVICE, /* derived from a service's name */
    NAME_LEGACY,  /* an old name that the release still supports */
    NAME_USER,
    NAME_READ_ONLY, /* set by Postfix itself; an assignment is ignored */
};

/* SERVICE is NULL for a name in main.cf, otherwise the service that overrides it */
enum name_class config_name_class(const struct config *config, const struct service *service,
                                  struct str name);

/* is NAME a restriction class for SERVICE, or (with NULL) in main.cf? */
bool config_is_class(const struct config *config, const struct service *service, struct str name);

/* one place where a value refers to a name */
struct reference {
    struct str name; /* part of LINE's text */
    struct str text; /* "$name" or "${...}", part of LINE's text */
    const struct line *line;
    const struct service *service; /* whose override contains it, or NULL in main.cf */
    bool undefined;
    const struct reference *same_name; /* the previous one to the same name, or NULL */
};

/* a value whose expression Postfix cannot read */
struct bad_expression {
    struct expand_error error;
    struct str name; /* whose value it is */
    const struct line *line;
    const struct service *service; /* whose override it is, or NULL in main.cf */
};

/* a service that may define parameters: of those of one name, the first that runs each daemon */
struct named_service {
    const struct service *service;
    struct named_service *next;
};

struct names {
    struct map services;          /* the name of a service to its struct named_service */
    struct reference *references; /* those of main.cf, then those of overrides */
    size_t count, capacity;
    struct bad_expression *bad;
    size_t bad_count, bad_capacity;
    struct map in_main;      /* names that values in main.cf refer to */
    struct map by_name;      /* the last reference to each name */
    struct user_names *user; /* NULL until it is needed */
};

/* fills config->names; config_open() calls it */
void names_build(struct config *config);

#endif
