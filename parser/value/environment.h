/*
 * environment - what programs take from their environment, and pass on: import_environment
 *
 * A list of names, and of settings name=value, which may stand in braces.  A setting without a name
 * ends the program that sets up the environment (clean_env.c).
 */
#ifndef PARSER_VALUE_ENVIRONMENT_H
#define PARSER_VALUE_ENVIRONMENT_H

#include "parser/value/value.h"

bool environment_valid(struct arena *arena, const struct config *config, struct str list,
                       struct value_fault *fault);

#endif
