/*
 * account - users and groups
 *
 * What can be known without the machine's password file: root is never allowed, and Postfix takes
 * names where it looks up an account (check_mail_owner() and its neighbours in mail_params.c), and
 * numbers where virtual(8) delivers (mailbox.c).
 */
#ifndef PARSER_VALUE_ACCOUNT_H
#define PARSER_VALUE_ACCOUNT_H

#include "parser/value/value.h"

/* a user or a group by name: mail_owner, setgid_group, default_privs */
bool account_valid(struct arena *arena, const struct config *config, struct str name,
                   struct value_fault *fault);

/* the user IDs and group IDs that static: tables give to virtual(8), if it delivers */
bool user_ids_valid(struct arena *arena, const struct config *config, struct str tables,
                    struct value_fault *fault);
bool group_ids_valid(struct arena *arena, const struct config *config, struct str tables,
                     struct value_fault *fault);

#endif
