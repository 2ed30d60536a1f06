/*
 * base64 - bytes as text, RFC 4648 section 4
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/arena.h"

struct str base64_encode(struct arena *arena, struct str bytes);

/*
 * Decodes TEXT to OUT, which has room for TEXT.len bytes, and sets *LEN to what was written there.
 * "=" at the end may be missing.  Returns false where TEXT holds anything else.
 */
bool base64_decode(struct str text, char *out, size_t *len);

#endif
