/*
 * value - is a text a valid value of a parameter?
 *
 * The one place that knows: lint says so, and whether a program starts (smtp/start/start.h) stands
 * on it.  What a value may be is its type with its bounds (facts/parameters.yaml) and, where that
 * is not all, its shape (facts/values.yaml); see parser/value/type.h and shape.h.
 */
#ifndef PARSER_VALUE_VALUE_H
#define PARSER_VALUE_VALUE_H

#include "facts/programs.h"
#include "parser/postfix/config.h"

/* what is wrong with a value; texts live in the arena or are constants */
struct value_fault {
    enum value_effect effect; /* of the program that reads it: facts/facts.h */
    struct str part;          /* what of the value is wrong, a piece of it or all of it */
    struct str what;          /* "is not a valid number", said of PART */
    struct str advice;        /* "use yes or no" */
    struct str failure;       /* of VALUE_FAILS: what fails, in one clause; may be empty */
};

/*
 * Is VALUE, which is expanded, a valid value of PARAMETER for the release and platform of CONFIG?
 * False, with *FAULT set, where it is not.  What only the machine can tell (does the user exist?)
 * counts as valid.
 */
bool value_valid(struct arena *arena, const struct config *config,
                 const struct parameter *parameter, struct str value, struct value_fault *fault);

#endif
