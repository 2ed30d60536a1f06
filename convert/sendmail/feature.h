/*
 * feature - the features that the source asks for
 */
#ifndef CONVERT_SENDMAIL_FEATURE_H
#define CONVERT_SENDMAIL_FEATURE_H

#include "convert/draft/draft.h"

bool feature_is_on(const struct draft *draft, const char *name);
/* has FEATURE(`access_db', map, ...) the word as one of the optional arguments behind the map:
   skip, lookupdotdomain, relaytofulladdress? */
bool feature_access_has(const struct draft *draft, const char *word);
/* lookupdotdomain: then the tables that smtpd(8) asks tell a domain from what is below it, all of
   them, for parent_domain_matches_subdomains is one for all */
bool feature_has_dot_keys(const struct draft *draft);

/* the same fate for every line that asks for this feature and has none yet; false: none does */
bool feature_decide(struct draft *draft, const char *name, enum sendmail_fate fate,
                    const char *text);

#endif
