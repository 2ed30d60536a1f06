/*
 * uses - which classes, macros and maps the site's own lines use
 */
#ifndef CONVERT_REMAINING_USES_H
#define CONVERT_REMAINING_USES_H

#include "convert/draft/draft.h"

/*
 * Does another line than ITEM, which Sendmail's own files do not generate, contain NEEDLE, such as
 * "$=w" or "$(map"?  It starts with "$".  The first call reads all lines.
 */
bool uses_contain(struct draft *draft, const struct sendmail_item *item, struct str needle);

#endif
