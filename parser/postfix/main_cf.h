/*
 * main_cf - the syntax of main.cf and of the settings files of SQL and LDAP tables
 *
 * Each logical line is "name = value"; see postconf(5).  The reader never
 * fails: what Postfix rejects or ignores becomes a problem with a place, and the
 * next line is read.
 */
#ifndef PARSER_POSTFIX_MAIN_CF_H
#define PARSER_POSTFIX_MAIN_CF_H

#include "base/map.h"
#include "facts/facts.h"
#include "parser/text/line.h"

/* what is wrong with a part of a file, and what to do about it, in one sentence each */
struct problem {
    struct span span;
    struct str message;
    struct str advice;
    bool fatal; /* Postfix does not start; otherwise it warns or ignores the text */
    bool
        one_service; /* in master.cf: with FATAL, only the program of this service does not start */
    bool unreadable; /* postconf, too, gives up at this line */
};

struct problem_list {
    struct problem *items;
    size_t count, capacity;
};

void problem_add(struct problem_list *list, struct arena *arena, struct problem problem);

struct main_cf_entry {
    struct line line;
    struct str name;  /* part of line.text */
    struct str value; /* part of line.text, without white space at its ends; may be empty */
    const struct parameter *parameter;   /* set by config: the parameter of that name, or NULL */
    const struct main_cf_entry *earlier; /* the entry of this name that it overrides, or NULL */
    bool overridden;                     /* a later entry has the same name */
};

struct main_cf {
    const struct source *source;
    struct main_cf_entry **entries; /* in the order of the file */
    size_t count, capacity;
    struct map names; /* name to the entry that counts, its last */
    struct problem_list problems;
};

void main_cf_parse(struct main_cf *main_cf, struct arena *arena, const struct source *source);
/* the entry that counts, or NULL */
const struct main_cf_entry *main_cf_get(const struct main_cf *main_cf, struct str name);

/*
 * Splits "name = value"; white space around both is removed.  Returns NULL, or
 * what is missing, in the words of Postfix.
 */
const char *split_name_value(struct str text, struct str *name, struct str *value);

#endif
