#include "base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct str base64_encode(struct arena *arena, struct str bytes)
{
    size_t len = (bytes.len + 2) / 3 * 4;
    char *text = arena_alloc_raw(arena, len + 1);
    char *to = text;

    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t count = bytes.len - at < 3 ? bytes.len - at : 3;
        unsigned bits = 0;
        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < count ? (unsigned char)bytes.at[at + i] : 0);
        for (size_t i = 0; i < 4; i++)
            *to++ = i <= count ? digits[bits >> (18 - 6 * i) & 0x3f] : '=';
    }
    *to = '\0';
    return (struct str){text, len};
}

bool base64_decode(struct str text, char *out, size_t *len)
{
    unsigned bits = 0;
    unsigned held = 0; /* how many of the bits are not written yet */

    *len = 0;
    while (text.len > 0 && text.at[text.len - 1] == '=')
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = memchr(digits, text.at[i], sizeof digits - 1);
        if (digit == NULL)
            return false;
        bits = (bits << 6 | (unsigned)(digit - digits)) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[(*len)++] = (char)(bits >> held & 0xff);
        }
    }
    return true;
}
