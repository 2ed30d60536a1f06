/*
 * users - who can log in: a file with lines "name:password", as in Dovecot's passwd-file with
 * plain passwords; # begins a comment line
 */
#ifndef SMTP_POLICY_USERS_H
#define SMTP_POLICY_USERS_H

#include "base/arena.h"

enum {
    USER_DIGEST_SIZE = 32,
    USER_TEXT_MAX = 500, /* of name and password together: users_read() refuses longer ones */
};

struct user {
    struct str name, password;
    unsigned char digest[USER_DIGEST_SIZE]; /* of both, for comparison in constant time */
};

struct users {
    struct user *items;
    size_t count, capacity;
};

/* adds the users of a file; on false *ERROR is one line */
bool users_read(struct users *users, struct arena *arena, struct str path, struct str *error);
void users_add(struct users *users, struct arena *arena, struct str name, struct str password);
/* takes the same time for every wrong password */
bool users_accept(const struct users *users, struct str name, struct str password);

/* the response of a client to AUTH PLAIN, in base64 (RFC 4616) */
struct str users_plain_response(struct arena *arena, struct str name, struct str password);

#endif
