/*
 * client - settings of LDAP, SQL and other clients with which a table cannot be used
 *
 * The file that "mysql:/etc/postfix/x.cf" names is read when a program opens the table; in the old
 * syntax, the settings are in main.cf ("ldap:people" reads people_server_host).  Which settings
 * there are is in facts/tables.yaml.
 */
#ifndef PARSER_TABLES_CLIENT_H
#define PARSER_TABLES_CLIENT_H

#include "parser/postfix/config.h"

/* texts live in the arena or are constants */
struct client_fault {
    bool exits;       /* the program that opens the table exits; else it uses it, to no purpose */
    struct span span; /* the value, or where the settings begin */
    struct str what;  /* one clause */
    const char *advice;
};

/*
 * Calls SEEN for each fault in the settings of the table TYPE:NAME, of a type that is a client's. A
 * file that cannot be read, or does not belong to the configuration, has none.
 */
void client_faults(struct arena *arena, const struct config *config, const struct table_type *type,
                   struct str name, void (*seen)(void *context, const struct client_fault *fault),
                   void *context);

#endif
