/*
 * modules - what no subject takes: see convert/convert.h
 */
#ifndef CONVERT_REMAINING_MODULES_H
#define CONVERT_REMAINING_MODULES_H

#include "convert/draft/draft.h"

/* lines whose fact says it all: one parameter of Postfix, its default, or nothing: cf/README,
   TWEAKING CONFIGURATION OPTIONS; op.me; postconf(5) */
void simple_convert(struct draft *draft);

/* the site's own rules, classes, macros and maps: op.me, The Whole Scoop on the Configuration
   File; cf/README, ADDING NEW ... */
void rulesets_convert(struct draft *draft);

/* how Postfix differs whatever its files say: smtpd(8); m4/proto.m4, check_mail */
void remarks_convert(struct draft *draft);

#endif
