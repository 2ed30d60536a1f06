/*
 * masquerade - where senders are rewritten, which masquerading and genericstable share
 *
 * Sendmail rewrites the senders in headers when a message leaves, those of the envelope with
 * masquerade_envelope, header recipients with allmasquerade.  sender_canonical_maps with
 * sender_canonical_classes is that, but for mail to local users with local_no_masquerade: then it
 * is smtp_generic_maps, which knows no classes.
 */
#ifndef CONVERT_ADDRESSES_MASQUERADE_H
#define CONVERT_ADDRESSES_MASQUERADE_H

#include "convert/draft/draft.h"

/* "sender_canonical_maps" or "smtp_generic_maps" */
const char *masquerade_list(const struct draft *draft);
/* one more table of that list, with the settings that give it Sendmail's scope */
void masquerade_add(struct draft *draft, const struct sendmail_item *item, int rank,
                    struct str table);

#endif
