/*
 * choice - which rules run
 */
#ifndef RULES_ENGINE_CHOICE_H
#define RULES_ENGINE_CHOICE_H

#include "rules/rule/rule.h"

/* names of rules, and of families: the folders that rules are in; zero: all rules */
struct rule_choice {
    struct str_list select; /* these alone; empty: all */
    struct str_list ignore; /* without these */
};

/* adds the names in TEXT, separated by commas or blanks, to LIST; on false *EXPECTED says which one
   is unknown, and what was probably meant */
bool choice_add(struct str_list *list, struct arena *arena, struct str text, struct str *expected);

bool choice_has(const struct rule_choice *choice, const struct rule *rule);

#endif
