#include "parser/value/shape.h"

#include "parser/text/token.h"
#include "parser/value/hostname.h"
#include "parser/value/protocols.h"

/* what each check of a shape is given */
struct shape_request {
    struct arena *arena;
    const struct config *config;
    const struct value_shape *shape;
    struct str value;
    struct value_fault *fault;
};

/* fail_shape - PART of the value is wrong */
static bool fail_shape(const struct shape_request *request, struct str part, const char *what,
                       struct str advice)
{
    *request->fault = (struct value_fault){request->shape->effect, part, str_of(what), advice};
    return false;
}

/* --- words ------------------------------------------------------------------------------------ */

static bool has_word(const struct value_shape *shape, const struct str_list *words, struct str word)
{
    for (size_t i = 0; i < words->count; i++)
        if (shape->any_case ? str_eq_nocase(words->items[i], word) : str_eq(words->items[i], word))
            return true;
    return false;
}

/* list_words - "none, may or encrypt" */
static struct str list_words(struct arena *arena, const struct str_list *words)
{
    struct buffer text;

    buffer_init(&text, arena);
    for (size_t i = 0; i < words->count; i++) {
        if (i > 0)
            buffer_add_cstr(&text, i + 1 < words->count ? ", " : " or ");
        buffer_add(&text, words->items[i]);
    }
    return buffer_str(&text);
}

/* is_hexadecimal - what strtoul(3) takes as a number in base 16 */
static bool is_hexadecimal(struct str word)
{
    if (str_starts(word, "0x") || str_starts(word, "0X"))
        word = str_slice(word, 2, word.len);
    return word.len > 0 && str_span(word, 0, "0123456789abcdefABCDEF") == word.len;
}

static bool check_one_word(const struct shape_request *request, struct str word)
{
    const struct value_shape *shape = request->shape;

    if (has_word(shape, &shape->words, word) || (shape->number && is_hexadecimal(word)))
        return true;
    if (has_word(shape, &shape->weak, word)) {
        fail_shape(request, word, "is not a valid value",
                   arena_printf(request->arena, "use %.*s", STR_ARG(shape->weak_as)));
        request->fault->effect = VALUE_WARNS;
        return false;
    }
    struct str words = list_words(request->arena, &shape->words);
    bool several = shape->words.count > 1;
    return fail_shape(
        request, word, word.len > 0 ? "is not a valid value" : "must not be empty",
        arena_printf(request->arena, "use %s%.*s", several ? "one of " : "", STR_ARG(words)));
}

static bool check_word(const struct shape_request *request)
{
    if (request->value.len == 0 && !request->shape->nonempty)
        return true;
    return check_one_word(request, request->value);
}

static bool check_words(const struct shape_request *request)
{
    struct str rest = request->value, word;
    size_t count = 0;

    for (; token_next_plain(&rest, TOKEN_COMMAS, &word); count++)
        if (!check_one_word(request, word))
            return false;
    if (count == 0 && request->shape->nonempty)
        return check_one_word(request, str_of(""));
    return true;
}

/* --- the others ------------------------------------------------------------------------------- */

/* advise_hostname - quotes and a dot at the end are what people write */
static struct str advise_hostname(const struct shape_request *request)
{
    struct str plain = str_trim(request->value);

    while (plain.len > 0 && strchr("\"'.", plain.at[plain.len - 1]) != NULL)
        plain.len--;
    while (plain.len > 0 && strchr("\"'.", plain.at[0]) != NULL)
        plain = str_slice(plain, 1, plain.len);
    if (hostname_fault(plain, false) == NULL)
        return arena_printf(request->arena, "use %.*s", STR_ARG(plain));
    return (struct str)STR("use a full host name, such as mail.example.com");
}

static bool check_hostname(const struct shape_request *request)
{
    const char *what = hostname_fault(request->value, false);

    return what == NULL || fail_shape(request, request->value, what, advise_hostname(request));
}

static bool check_protocols(const struct shape_request *request)
{
    bool bounds = release_has(request->config->release, FEATURE_TLS_PROTOCOL_BOUNDS);
    struct tls_protocols protocols;
    struct str word;

    if (tls_protocols_read(request->value, bounds, &protocols, &word))
        return true;
    return fail_shape(request, word, "is not a TLS protocol",
                      bounds ? (struct str)STR("write a bound, such as >=TLSv1.2, or names from "
                                               "SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3")
                             : (struct str)STR("write names from SSLv3, TLSv1, TLSv1.1, TLSv1.2, "
                                               "TLSv1.3, each with ! to exclude it"));
}

bool shape_valid(struct arena *arena, const struct config *config, const struct value_shape *shape,
                 struct str value, struct value_fault *fault)
{
    static bool (*const checks[])(const struct shape_request *) = {
        [SHAPE_WORD] = check_word,
        [SHAPE_WORDS] = check_words,
        [SHAPE_HOST_NAME] = check_hostname,
        [SHAPE_TLS_PROTOCOLS] = check_protocols,
    };
    struct shape_request request = {arena, config, shape, value, fault};

    return checks[shape->kind](&request);
}
