/*
 * masquerade - the list in which senders are rewritten, shared by masquerading and genericstable
 *
 * Sendmail rewrites senders in headers when a message leaves, with masquerade_envelope also
 * envelope senders, with allmasquerade also header recipients.  This corresponds to
 * sender_canonical_maps with sender_canonical_classes.  With local_no_masquerade mail for local
 * users is not rewritten; this requires smtp_generic_maps, which has no classes.
 */
#ifndef CONVERT_ADDRESSES_MASQUERADE_H
#define CONVERT_ADDRESSES_MASQUERADE_H

#include "convert/draft/draft.h"

/* "sender_canonical_maps" or "smtp_generic_maps" */
enum parameter_number masquerade_list(const struct draft *draft);
/* adds a table to that list, with the settings that limit it as Sendmail does */
void masquerade_add(struct draft *draft, const struct sendmail_item *item, int rank,
                    struct str table);

#endif
