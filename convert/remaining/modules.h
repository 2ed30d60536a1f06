/*
 * modules - the lines that belong to no subject: see convert/convert.h
 */
#ifndef CONVERT_REMAINING_MODULES_H
#define CONVERT_REMAINING_MODULES_H

#include "convert/draft/draft.h"

/* lines whose conversion is in facts/sendmail.yaml: cf/README, TWEAKING CONFIGURATION OPTIONS;
   op.me; postconf(5) */
void simple_convert(struct draft *draft);

/* local rules, classes, macros and maps: op.me, The Whole Scoop on the Configuration File;
   cf/README, ADDING NEW ... */
void rulesets_convert(struct draft *draft);

/* differences that no setting can remove: smtpd(8); m4/proto.m4, check_mail */
void remarks_convert(struct draft *draft);

#endif
