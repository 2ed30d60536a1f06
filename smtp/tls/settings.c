/* settings - protocols, groups and options of a service, as Postfix applies them */
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/tls/parts.h"

/* --- protocols ------------------------------------------------------------------------- */

/* exclude_versions - OpenSSL's options for what a list leaves out */
static uint64_t exclude_versions(const struct tls_protocols *protocols)
{
    static const uint64_t without[VERSION_COUNT] = {
        [VERSION_SSL_3] = SSL_OP_NO_SSLv3,     [VERSION_TLS_1] = SSL_OP_NO_TLSv1,
        [VERSION_TLS_1_1] = SSL_OP_NO_TLSv1_1, [VERSION_TLS_1_2] = SSL_OP_NO_TLSv1_2,
        [VERSION_TLS_1_3] = SSL_OP_NO_TLSv1_3,
    };
    uint64_t options = 0;

    for (int i = 0; i < VERSION_COUNT; i++)
        if ((protocols->excluded & 1u << i) != 0)
            options |= without[i];
    return options;
}

enum parameter_number tls_protocols_parameter(const struct policy_service *service)
{
    return tls_level_of(service) == TLS_ENCRYPT ? PARAM_SMTPD_TLS_MANDATORY_PROTOCOLS
                                                : PARAM_SMTPD_TLS_PROTOCOLS;
}

bool tls_read_protocols(struct tls_protocols *protocols, const struct policy_service *service,
                        struct str *error)
{
    const struct config *config = service->policy->config;
    enum parameter_number name = tls_protocols_parameter(service);
    struct str text = policy_str(service, name), word;

    if (tls_protocols_read(text, release_has(config->release, FEATURE_TLS_PROTOCOL_BOUNDS),
                           protocols, &word))
        return true;
    *error = arena_printf(service->policy->arena, "%.*s = %.*s: invalid TLS protocol list",
                          STR_ARG(parameter_name(name)), STR_ARG(text));
    return false;
}

bool tls_set_protocols(SSL_CTX *context, const struct policy_service *service, struct str *error)
{
    struct tls_protocols protocols;

    if (!tls_read_protocols(&protocols, service, error))
        return false;
    /* unknown numbers have no effect, as in Postfix; 0 overrides openssl.cnf */
    SSL_CTX_set_options(context, exclude_versions(&protocols));
    SSL_CTX_set_min_proto_version(context, protocols.lowest);
    SSL_CTX_set_max_proto_version(context, protocols.highest);
    ERR_clear_error();
    return true;
}

/* --- groups ---------------------------------------------------------------------------- */

/* find_curve_list - the parameter with the curves, which depends on a grade in old releases */
static enum parameter_number find_curve_list(const struct policy_service *service)
{
    struct str grade = policy_str(service, PARAM_SMTPD_TLS_EECDH_GRADE);

    if (release_has(service->policy->config->release, FEATURE_TLS_EECDH_GRADES)) {
        if (str_is_nocase(grade, "strong"))
            return PARAM_TLS_EECDH_STRONG_CURVE;
        if (str_is_nocase(grade, "ultra"))
            return PARAM_TLS_EECDH_ULTRA_CURVE;
    }
    return PARAM_TLS_EECDH_AUTO_CURVES;
}

/* add_groups - those that OpenSSL supports, each once; others are ignored, as in Postfix */
static void add_groups(struct buffer *names, SSL_CTX *trial, struct arena *arena, struct str list)
{
    struct str word, have;
    size_t at = 0;

    while (tls_next_word(list, &at, &word)) {
        size_t from = 0;
        bool twice = false;
        while (tls_next_word(buffer_str(names), &from, &have))
            twice = twice || str_eq_nocase(have, word);
        if (twice || SSL_CTX_set1_groups_list(trial, arena_cstr(arena, word)) != 1)
            continue;
        buffer_printf(names, "%s%.*s", names->len > 0 ? ":" : "", STR_ARG(word));
    }
}

void tls_set_groups(SSL_CTX *context, const struct policy_service *service)
{
    struct arena *arena = service->policy->arena;
    SSL_CTX *trial = SSL_CTX_new(TLS_method());
    struct buffer names;

    SSL_CTX_set_dh_auto(context, 1);
    buffer_init(&names, arena);
    if (trial != NULL) {
        add_groups(&names, trial, arena, policy_str(service, find_curve_list(service)));
        add_groups(&names, trial, arena, policy_str(service, PARAM_TLS_FFDHE_AUTO_GROUPS));
    }
    SSL_CTX_free(trial);
    if (names.len > 0)
        SSL_CTX_set1_groups_list(context, arena_cstr(arena, buffer_str(&names)));
    ERR_clear_error();
}

/* --- options --------------------------------------------------------------------------- */

struct option {
    const char *name;
    uint64_t bits;
};

/* the options that tls_ssl_options may set; the names are OpenSSL's */
static const struct option options[] = {
    {"LEGACY_SERVER_CONNECT", SSL_OP_LEGACY_SERVER_CONNECT},
    {"NO_TICKET", SSL_OP_NO_TICKET},
    {"NO_COMPRESSION", SSL_OP_NO_COMPRESSION},
    {"NO_RENEGOTIATION", SSL_OP_NO_RENEGOTIATION},
    {"NO_SESSION_RESUMPTION_ON_RENEGOTIATION", SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION},
    {"PRIORITIZE_CHACHA", SSL_OP_PRIORITIZE_CHACHA},
    {"ENABLE_MIDDLEBOX_COMPAT", SSL_OP_ENABLE_MIDDLEBOX_COMPAT},
    {NULL, 0},
};

/* the workarounds that tls_disable_workarounds may remove; OpenSSL does not have the others any
 * more */
static const struct option workarounds[] = {
    {"DONT_INSERT_EMPTY_FRAGMENTS", SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS},
    {"CRYPTOPRO_TLSEXT_BUG", SSL_OP_CRYPTOPRO_TLSEXT_BUG},
    {"TLSEXT_PADDING", SSL_OP_TLSEXT_PADDING},
    {NULL, 0},
};

/* read_options - of names and numbers in LIST; unknown names are ignored (Postfix warns) */
static uint64_t read_options(struct arena *arena, struct str list, const struct option *known)
{
    uint64_t bits = 0;
    struct str word;
    size_t at = 0;

    while (tls_next_word(list, &at, &word)) {
        if (str_starts(word, "0x"))
            bits |= strtoull(arena_cstr(arena, word), NULL, 16);
        for (const struct option *option = known; option->name != NULL; option++)
            if (str_is_nocase(word, option->name))
                bits |= option->bits;
    }
    return bits;
}

void tls_set_options(SSL_CTX *context, const struct policy_service *service)
{
    struct arena *arena = service->policy->arena;
    uint64_t managed = SSL_OP_ALL | SSL_OP_NO_SSL_MASK | SSL_OP_CIPHER_SERVER_PREFERENCE;
    uint64_t bits = SSL_OP_ALL;

    if (policy_str(service, PARAM_TLS_DISABLE_WORKAROUNDS).len > 0)
        bits &=
            ~read_options(arena, policy_str(service, PARAM_TLS_DISABLE_WORKAROUNDS), workarounds);
    bits |= read_options(arena, policy_str(service, PARAM_TLS_SSL_OPTIONS), options) & ~managed;
    if (release_has(service->policy->config->release, FEATURE_TLS_NO_RENEGOTIATION))
        bits |= SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF;
    if (policy_flag(service, PARAM_TLS_PREEMPT_CIPHERLIST))
        bits |= SSL_OP_CIPHER_SERVER_PREFERENCE;
    SSL_CTX_set_options(context, bits);
}
