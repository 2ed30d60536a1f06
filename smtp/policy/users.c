#include "smtp/policy/users.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/base64.h"
#include "parser/text/source.h"

_Static_assert(SHA256_DIGEST_LENGTH == USER_DIGEST_SIZE, "users.h has the size of SHA-256");

/* compute_digest - of both: comparing digests takes the same time for every name */
static void compute_digest(struct arena *arena, struct str name, struct str password,
                           unsigned char made[USER_DIGEST_SIZE])
{
    unsigned char small[512], *text = small;
    size_t len = name.len + 1 + password.len;

    if (len > sizeof small) {
        if (arena == NULL) {
            memset(made, 0, USER_DIGEST_SIZE);
            return;
        }
        text = arena_alloc_raw(arena, len);
    }
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    if (password.len > 0)
        memcpy(text + name.len + 1, password.at, password.len);
    SHA256(text, len, made);
}

void users_add(struct users *users, struct arena *arena, struct str name, struct str password)
{
    users->items =
        arena_grow(arena, users->items, users->count, &users->capacity, sizeof *users->items);
    struct user *user = &users->items[users->count++];
    user->name = arena_copy(arena, name);
    user->password = arena_copy(arena, password);
    compute_digest(arena, name, password, user->digest);
}

bool users_read(struct users *users, struct arena *arena, struct str path, struct str *error)
{
    const struct source *source = source_read(arena, path);
    size_t line = 1;

    if (source == NULL) {
        *error = arena_printf(arena, "%.*s: %s", STR_ARG(path), strerror(errno));
        return false;
    }
    for (size_t at = 0; at < source->bytes.len; line++) {
        size_t end = str_find(source->bytes, '\n', at);
        struct str text = str_trim(str_slice(source->bytes, at, end));
        size_t colon = str_find(text, ':', 0);
        at = end + 1;
        if (text.len == 0 || text.at[0] == '#')
            continue;
        if (colon == 0 || colon == text.len) {
            *error =
                arena_printf(arena, "%.*s: line %zu: expected name:password", STR_ARG(path), line);
            return false;
        }
        if (text.len - 1 > USER_TEXT_MAX) {
            *error =
                arena_printf(arena, "%.*s: line %zu: name and password are longer than %d bytes",
                             STR_ARG(path), line, USER_TEXT_MAX);
            return false;
        }
        users_add(users, arena, str_slice(text, 0, colon), str_slice(text, colon + 1, text.len));
    }
    return true;
}

bool users_accept(const struct users *users, struct str name, struct str password)
{
    unsigned char given[USER_DIGEST_SIZE];
    int accepted = 0;

    if (name.len == 0 || name.len + password.len > USER_TEXT_MAX)
        return false;
    compute_digest(NULL, name, password, given);
    for (size_t i = 0; i < users->count; i++)
        accepted |= CRYPTO_memcmp(users->items[i].digest, given, sizeof given) == 0;
    return accepted != 0;
}

struct str users_plain_response(struct arena *arena, struct str name, struct str password)
{
    struct buffer response;

    buffer_init(&response, arena);
    buffer_add_char(&response, '\0');
    buffer_add(&response, name);
    buffer_add_char(&response, '\0');
    buffer_add(&response, password);
    return base64_encode(arena, buffer_str(&response));
}
