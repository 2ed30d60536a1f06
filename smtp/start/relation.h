/*
 * start_relation - what must hold between two values for a program to start
 *
 * The relations are in facts/values.yaml.  Only for start.c.
 */
#ifndef SMTP_START_RELATION_H
#define SMTP_START_RELATION_H

#include "smtp/start/start.h"

/*
 * Do the relations of PROGRAM hold for SERVICE?  An empty PROGRAM stands for every program.  False,
 * with *FAULT set, where one does not; what is not known counts as kept.
 */
bool start_check_relations(const struct policy *policy, const struct service *service,
                           struct str program, struct start_fault *fault);

#endif
