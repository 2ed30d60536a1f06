/*
 * address_rewrite - the rules of trivial-rewrite(8) for addresses of the "local" context
 */
#ifndef SMTP_ADDRESS_REWRITE_H
#define SMTP_ADDRESS_REWRITE_H

#include "smtp/address/token.h"
#include "smtp/service/state.h"

/* the parameters that the rules need, of the rewrite service */
struct rewriting {
    bool swap_bangpath, percent_hack, append_at_myorigin, append_dot_mydomain;
    struct str mydomain;
    struct state *state; /* for myorigin, which may have to be asked of the world */
};

/* STATE is rewrite_service_view() */
struct rewriting rewriting_read(struct state *state);
void rewrite_tokens(const struct rewriting *rewriting, struct tokens *tokens);
/* STATE with the parameters of the rewrite service */
struct state rewrite_service_view(const struct state *state);

#endif
