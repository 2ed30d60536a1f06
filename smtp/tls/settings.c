/* settings - protocols, ciphers, groups and options of a service, as Postfix applies them */
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/tls/parts.h"

bool tls_next_word(struct str list, size_t *at, struct str *word)
{
    static const char separators[] = ", \t\r\n:";
    size_t from = str_span(list, *at, separators);
    size_t to = str_span_not(list, from, separators);

    *word = str_slice(list, from, to);
    *at = to;
    return word->len > 0;
}

/* --- protocols ------------------------------------------------------------------------- */

static const struct {
    const char *name;
    int version;      /* -1: the name cannot be used as a bound */
    uint64_t without; /* 0: OpenSSL has no SSLv2 any more, but the name is valid */
} known_protocols[] = {
    {"SSLv2", -1, 0},
    {"SSLv3", SSL3_VERSION, SSL_OP_NO_SSLv3},
    {"TLSv1", TLS1_VERSION, SSL_OP_NO_TLSv1},
    {"TLSv1.1", TLS1_1_VERSION, SSL_OP_NO_TLSv1_1},
    {"TLSv1.2", TLS1_2_VERSION, SSL_OP_NO_TLSv1_2},
    {"TLSv1.3", TLS1_3_VERSION, SSL_OP_NO_TLSv1_3},
};

enum { PROTOCOL_COUNT = sizeof known_protocols / sizeof *known_protocols };

static const uint64_t all_protocols =
    SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;

/* read_bound - the version after >= or <=: a name, or a hexadecimal number with or without 0x */
static bool read_bound(struct str word, int *version)
{
    char text[32];
    char *end;

    if (str_is_nocase(word, "None")) {
        *version = 0;
        return true;
    }
    for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
        if (known_protocols[i].version != -1 && str_is_nocase(word, known_protocols[i].name)) {
            *version = known_protocols[i].version;
            return true;
        }
    }
    if (word.len >= sizeof text)
        return false;
    memcpy(text, word.at, word.len);
    text[word.len] = '\0';
    errno = 0;
    unsigned long number = strtoul(text, &end, 16);
    if (*end != '\0' || errno == ERANGE || number > INT_MAX)
        return false;
    *version = (int)number;
    return true;
}

static bool read_name(struct str word, uint64_t *without, bool *known)
{
    for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
        if (str_is_nocase(word, known_protocols[i].name)) {
            *without |= known_protocols[i].without;
            *known = true;
            return true;
        }
    }
    return false;
}

bool tls_protocols_read(struct str text, bool bounds, struct tls_protocols *protocols)
{
    uint64_t only = 0;
    bool has_only = false, excluded = false;
    struct str word;
    size_t at = 0;

    *protocols = (struct tls_protocols){0};
    while (tls_next_word(text, &at, &word)) {
        bool good;
        if (bounds && str_starts(word, ">="))
            good = read_bound(str_slice(word, 2, word.len), &protocols->lowest);
        else if (bounds && str_starts(word, "<="))
            good = read_bound(str_slice(word, 2, word.len), &protocols->highest);
        else if (word.at[0] == '!')
            good = read_name(str_slice(word, 1, word.len), &protocols->without, &excluded);
        else
            good = read_name(word, &only, &has_only);
        if (!good)
            return false;
    }
    /* a list of wanted protocols excludes all others */
    if (has_only)
        protocols->without |= all_protocols & ~only;
    return true;
}

bool tls_set_protocols(SSL_CTX *context, const struct policy_service *service, struct str *error)
{
    const struct config *config = service->policy->config;
    enum parameter_number name = tls_level_of(service) == TLS_LEVEL_ENCRYPT
                                     ? PARAM_SMTPD_TLS_MANDATORY_PROTOCOLS
                                     : PARAM_SMTPD_TLS_PROTOCOLS;
    struct str text = policy_str(service, name);
    struct tls_protocols protocols;

    if (!tls_protocols_read(text, release_has(config->release, FEATURE_TLS_PROTOCOL_BOUNDS),
                            &protocols)) {
        *error = arena_printf(service->policy->arena, "%.*s = %.*s: invalid TLS protocol list",
                              STR_ARG(parameter_name(name)), STR_ARG(text));
        return false;
    }
    /* unknown numbers have no effect, as in Postfix; 0 overrides openssl.cnf */
    SSL_CTX_set_options(context, protocols.without);
    SSL_CTX_set_min_proto_version(context, protocols.lowest);
    SSL_CTX_set_max_proto_version(context, protocols.highest);
    ERR_clear_error();
    return true;
}

/* --- ciphers --------------------------------------------------------------------------- */

/* find_cipher_list - the parameter that a grade names; PARAM_NONE: there is no such grade */
static enum parameter_number find_cipher_list(const struct policy_service *service,
                                              struct str grade)
{
    static const struct {
        const char *grade;
        enum parameter_number list;
        bool old;
    } grades[] = {
        {"high", PARAM_TLS_HIGH_CIPHERLIST, false}, {"medium", PARAM_TLS_MEDIUM_CIPHERLIST, false},
        {"low", PARAM_TLS_LOW_CIPHERLIST, true},    {"export", PARAM_TLS_EXPORT_CIPHERLIST, true},
        {"null", PARAM_TLS_NULL_CIPHERLIST, false},
    };
    bool old = release_has(service->policy->config->release, FEATURE_TLS_LOW_GRADES);

    for (size_t i = 0; i < sizeof grades / sizeof *grades; i++)
        if (str_is_nocase(grade, grades[i].grade))
            return grades[i].old && !old ? PARAM_TLS_MEDIUM_CIPHERLIST : grades[i].list;
    return PARAM_NONE;
}

/* exclude_ciphers - ":!word" for each word; false: Postfix rejects words with an operator */
static bool exclude_ciphers(struct buffer *list, struct str words)
{
    struct str word;
    size_t at = 0;

    while (tls_next_word(words, &at, &word)) {
        if (strchr("!+-@", word.at[0]) != NULL)
            return false;
        buffer_printf(list, ":!%.*s", STR_ARG(word));
    }
    return true;
}

bool tls_set_ciphers(SSL_CTX *context, const struct policy_service *service, struct str *error)
{
    struct arena *arena = service->policy->arena;
    bool mandatory = tls_level_of(service) == TLS_LEVEL_ENCRYPT;
    enum parameter_number name =
        mandatory ? PARAM_SMTPD_TLS_MANDATORY_CIPHERS : PARAM_SMTPD_TLS_CIPHERS;
    struct str grade = policy_str(service, name);
    enum parameter_number base = find_cipher_list(service, grade);
    struct buffer list;

    if (base == PARAM_NONE) {
        *error = arena_printf(arena, "%.*s = %.*s: invalid cipher grade",
                              STR_ARG(parameter_name(name)), STR_ARG(grade));
        return false;
    }
    buffer_init(&list, arena);
    buffer_add(&list, policy_str(service, base));
    if (!exclude_ciphers(&list, policy_str(service, PARAM_SMTPD_TLS_EXCLUDE_CIPHERS)) ||
        (mandatory &&
         !exclude_ciphers(&list, policy_str(service, PARAM_SMTPD_TLS_MANDATORY_EXCLUDE_CIPHERS)))) {
        *error = str_of("smtpd_tls_exclude_ciphers: a cipher to exclude must not begin with one of "
                        "!+-@");
        return false;
    }
    if (tls_asks_client(service))
        buffer_add_cstr(&list, ":!aNULL");
    if (SSL_CTX_set_cipher_list(context, arena_cstr(arena, buffer_str(&list))) == 1)
        return true;
    *error =
        arena_printf(arena, "%.*s = %.*s: no cipher of \"%.*s\" is available",
                     STR_ARG(parameter_name(name)), STR_ARG(grade), STR_ARG(buffer_str(&list)));
    ERR_clear_error();
    return false;
}

/* --- groups ---------------------------------------------------------------------------- */

/* find_curve_list - the parameters that hold the groups: by a grade in old releases */
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
    uint64_t managed = SSL_OP_ALL | all_protocols | SSL_OP_CIPHER_SERVER_PREFERENCE;
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
