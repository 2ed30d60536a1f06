/*
 * value_report - the finding about a value that is not valid: what is wrong, and what Postfix does
 */
#ifndef RULES_NAMES_VALUE_REPORT_H
#define RULES_NAMES_VALUE_REPORT_H

#include "parser/value/value.h"
#include "rules/rule/rule.h"

/* reports FAULT, of the value of NAME or of a part of it, at SPAN */
void value_report(struct check *check, struct span span, struct str name,
                  const struct value_fault *fault);

#endif
