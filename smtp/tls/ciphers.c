#include "smtp/tls/ciphers.h"

#include <openssl/err.h>
#include <string.h>

#include "smtp/tls/parts.h"

enum {
    KEPT_MAX = 64,
    LENGTH_MAX = 511, /* of a list that is kept */
};

/* a list that OpenSSL was asked about */
struct kept_list {
    char text[LENGTH_MAX + 1];
    size_t len;
    bool works;
};

struct tls_ciphers {
    SSL_CTX *context; /* NULL until it is needed */
    struct kept_list kept[KEPT_MAX];
    size_t count; /* of the lists that were kept: the oldest makes room */
};

/* --- the list ---------------------------------------------------------------------------- */

enum parameter_number tls_grade_parameter(const struct policy_service *service)
{
    return tls_level_of(service) == TLS_ENCRYPT ? PARAM_SMTPD_TLS_MANDATORY_CIPHERS
                                                : PARAM_SMTPD_TLS_CIPHERS;
}

/* find_grade_list - the parameter of a grade; PARAM_NONE: there is no such grade */
static enum parameter_number find_grade_list(const struct policy_service *service, struct str grade)
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

/* list_ciphers - for OpenSSL; false: Postfix does not ask it */
static bool list_ciphers(const struct policy_service *service, struct str *text, struct str *error)
{
    struct arena *arena = service->policy->arena;
    enum parameter_number name = tls_grade_parameter(service);
    struct str grade = policy_str(service, name);
    enum parameter_number base = find_grade_list(service, grade);
    struct buffer list;

    if (base == PARAM_NONE) {
        *error = arena_printf(arena, "%.*s = %.*s: invalid cipher grade",
                              STR_ARG(parameter_name(name)), STR_ARG(grade));
        return false;
    }
    buffer_init(&list, arena);
    buffer_add(&list, policy_str(service, base));
    if (!exclude_ciphers(&list, policy_str(service, PARAM_SMTPD_TLS_EXCLUDE_CIPHERS)) ||
        (name == PARAM_SMTPD_TLS_MANDATORY_CIPHERS &&
         !exclude_ciphers(&list, policy_str(service, PARAM_SMTPD_TLS_MANDATORY_EXCLUDE_CIPHERS)))) {
        *error = str_of("smtpd_tls_exclude_ciphers: a cipher to exclude must not begin with one of "
                        "!+-@");
        return false;
    }
    if (tls_asks_client(service))
        buffer_add_cstr(&list, ":!aNULL");
    *text = buffer_str(&list);
    return true;
}

/* set_list - false: no cipher of the list is available */
static bool set_list(SSL_CTX *context, const char *list)
{
    bool works = SSL_CTX_set_cipher_list(context, list) == 1;

    if (!works)
        ERR_clear_error();
    return works;
}

static struct str describe_failure(const struct policy_service *service, struct str list)
{
    enum parameter_number name = tls_grade_parameter(service);

    return arena_printf(service->policy->arena, "%.*s = %.*s: no cipher of \"%.*s\" is available",
                        STR_ARG(parameter_name(name)), STR_ARG(policy_str(service, name)),
                        STR_ARG(list));
}

bool tls_set_ciphers(SSL_CTX *context, const struct policy_service *service, struct str *error)
{
    struct str list;

    if (!list_ciphers(service, &list, error))
        return false;
    if (set_list(context, arena_cstr(service->policy->arena, list)))
        return true;
    *error = describe_failure(service, list);
    return false;
}

/* --- what OpenSSL said ------------------------------------------------------------------- */

static void release_context(void *data)
{
    struct tls_ciphers *ciphers = data;

    SSL_CTX_free(ciphers->context);
}

struct tls_ciphers *tls_ciphers_create(struct arena *arena)
{
    struct tls_ciphers *ciphers = arena_alloc(arena, sizeof *ciphers);

    arena_at_end(arena, release_context, ciphers);
    return ciphers;
}

static const struct kept_list *find_kept(const struct tls_ciphers *ciphers, struct str list)
{
    for (size_t i = 0; i < ciphers->count && i < KEPT_MAX; i++)
        if (str_eq((struct str){ciphers->kept[i].text, ciphers->kept[i].len}, list))
            return &ciphers->kept[i];
    return NULL;
}

static void keep_list(struct tls_ciphers *ciphers, struct str list, bool works)
{
    struct kept_list *kept = &ciphers->kept[ciphers->count % KEPT_MAX];

    if (list.len > LENGTH_MAX)
        return;
    memcpy(kept->text, list.at, list.len);
    kept->len = list.len;
    kept->works = works;
    ciphers->count++;
}

/* ask_openssl - a context that cannot be created says nothing against the list */
static bool ask_openssl(struct tls_ciphers *ciphers, const char *list)
{
    if (ciphers->context == NULL)
        ciphers->context = SSL_CTX_new(TLS_server_method());
    return ciphers->context == NULL || set_list(ciphers->context, list);
}

bool tls_ciphers_work(struct tls_ciphers *ciphers, const struct policy_service *service,
                      struct str *error)
{
    struct str list;

    if (!list_ciphers(service, &list, error))
        return false;
    const struct kept_list *kept = find_kept(ciphers, list);
    bool works =
        kept != NULL ? kept->works : ask_openssl(ciphers, arena_cstr(service->policy->arena, list));
    if (kept == NULL)
        keep_list(ciphers, list, works);
    if (!works)
        *error = describe_failure(service, list);
    return works;
}
