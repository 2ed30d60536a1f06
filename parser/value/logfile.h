/*
 * logfile - where Postfix writes its log without syslog: maillog_file
 *
 * The name begins with one of maillog_file_prefixes, or each program exits (maillog_client.c).
 */
#ifndef PARSER_VALUE_LOGFILE_H
#define PARSER_VALUE_LOGFILE_H

#include "parser/value/value.h"

bool log_file_valid(struct arena *arena, const struct config *config, struct str path,
                    struct value_fault *fault);

#endif
