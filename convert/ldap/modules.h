/*
 * modules - LDAP: see convert/convert.h
 */
#ifndef CONVERT_LDAP_MODULES_H
#define CONVERT_LDAP_MODULES_H

#include "convert/draft/draft.h"

/* LDAP routing, and the defaults of all LDAP maps: cf/README, USING LDAP FOR ALIASES, MAPS, AND
   CLASSES, LDAP ROUTING; ldap_table(5) */
void ldap_convert(struct draft *draft);

#endif
