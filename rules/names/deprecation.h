/*
 * deprecation - old parameters and restrictions that a release warns about or has removed
 *
 * The common part of the rules deprecated-parameter (it still works) and removed-parameter (it no
 * longer does).  What becomes of *_use_tls and its kin is not decided here.
 */
#ifndef RULES_NAMES_DEPRECATION_H
#define RULES_NAMES_DEPRECATION_H

#include "rules/names/written.h"

/* is there something else to write for it in the configuration's release? */
bool deprecation_applies(const struct config *config, const struct deprecation *deprecation);
bool deprecation_removed(const struct config *config, const struct deprecation *deprecation);

/* the fact's advice, as findings have it: without a capital and a full stop */
struct str deprecation_advice(struct arena *arena, const struct deprecation *deprecation);

/* reports the restrictions that are (not) removed */
void deprecation_check_restrictions(struct check *check, bool removed);

/* --- what becomes of one setting ----------------------------------------------------------- */

enum deprecation_fate {
    FATE_NONE,   /* the administrator must decide */
    FATE_RENAME, /* only the name changes */
    FATE_REMOVE, /* it goes: nothing reads it, or it says what holds anyway */
};

/* what keeps the behaviour where DEPRECATION is a rename */
enum deprecation_fate deprecation_rename_fate(const struct check *check,
                                              const struct written *written,
                                              const struct deprecation *deprecation);
/* the edits for a fate, for every setting of the name in main.cf or in the service */
void deprecation_edit(struct check *check, struct finding *finding, const struct written *written,
                      enum deprecation_fate fate, struct str new_name);

/* disable_dns_lookups */
void deprecation_dns_level(struct check *check, struct finding *finding,
                           const struct written *written);

#endif
