/*
 * deprecation - old parameters and restrictions that a release warns about or has removed
 *
 * What the rules deprecated-parameter (it still works) and removed-parameter (it no longer does)
 * have in common.  rules/tls decides what replaces *_use_tls and the like.
 */
#ifndef RULES_NAMES_DEPRECATION_H
#define RULES_NAMES_DEPRECATION_H

#include "rules/names/written.h"

/* does the configuration's release have what replaces it? */
bool deprecation_applies(const struct config *config, const struct deprecation *deprecation);
bool deprecation_removed(const struct config *config, const struct deprecation *deprecation);

/* the fact's advice as findings have it: without a capital letter and a full stop */
struct str deprecation_advice(struct arena *arena, const struct deprecation *deprecation);

/* reports the restrictions that are removed, or those that are deprecated and not removed */
void deprecation_check_restrictions(struct check *check, bool removed);

/* --- what replaces one setting ------------------------------------------------------------- */

enum deprecation_fate {
    FATE_NONE,   /* the administrator has to decide */
    FATE_RENAME, /* only the name changes */
    FATE_REMOVE, /* nothing reads it, or it is the default */
};

/* how to keep the behaviour, if DEPRECATION is a rename */
enum deprecation_fate deprecation_rename_fate(const struct check *check,
                                              const struct written *written,
                                              const struct deprecation *deprecation);
/* adds the edits for a fate, for every setting of the name in main.cf or in the service */
void deprecation_edit(struct check *check, struct finding *finding, const struct written *written,
                      enum deprecation_fate fate, struct str new_name);

/* the fix for disable_dns_lookups */
void deprecation_dns_level(struct check *check, struct finding *finding,
                           const struct written *written);

#endif
