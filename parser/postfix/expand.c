#include "parser/postfix/expand.h"

#include <string.h>

#include "parser/postfix/domain.h"
#include "parser/text/token.h"

/* a reference takes as much time as so many bytes of text, and so does reading READ_COST bytes */
enum { REFERENCE_COST = 16, READ_COST = 8 };

/* the state of one expansion */
struct expansion {
    const struct expand_names *names;
    struct arena *arena;
    struct expand_error *error;
    void (*seen)(void *context, struct str name, struct str reference); /* set: scan only */
    void *seen_context;
    int flags;
    int level;
    int steps;
    size_t size; /* bytes produced so far, in all buffers */
    size_t read; /* bytes of references read so far */
};

static void expand_text(struct expansion *x, struct str text, struct buffer *out);

bool expand_needed(struct str value)
{
    return str_find(value, '$', 0) < value.len;
}

static void fail_expansion(struct expansion *x, struct str place, const char *message)
{
    if (!(x->flags & EXPAND_FAILED) && x->error != NULL)
        *x->error = (struct expand_error){.place = place, .message = str_of(message)};
    x->flags |= EXPAND_FAILED;
}

static bool has_failed(const struct expansion *x)
{
    return (x->flags & EXPAND_FAILED) != 0;
}

/* fail_bound - MESSAGE has the number of what there is too much of */
static void fail_bound(struct expansion *x, struct str place, struct str message)
{
    if (!has_failed(x) && x->error != NULL)
        *x->error = (struct expand_error){.place = place, .message = message, .bound = true};
    x->flags |= EXPAND_FAILED;
}

static void fail_together(struct expansion *x, struct str place)
{
    fail_bound(x, place,
               arena_printf(x->arena, "all expansions together take more than %d MB",
                            EXPAND_TOGETHER_MAX >> 20));
}

/* take_share - takes SIZE bytes of what all expansions together may produce; false: they are gone
 */
static bool take_share(struct expansion *x, size_t size)
{
    size_t *left = x->names->left;

    if (left == NULL)
        return true;
    if (size > *left)
        return false;
    *left -= size;
    return true;
}

/* add_text - adds TEXT to OUT, within the bounds for everything that is produced */
static void add_text(struct expansion *x, struct buffer *out, struct str text)
{
    x->size += text.len;
    if (x->size > EXPAND_SIZE_MAX) {
        fail_bound(
            x, text,
            arena_printf(x->arena, "the expansion takes more than %d MB", EXPAND_SIZE_MAX >> 20));
        return;
    }
    if (!take_share(x, text.len)) {
        fail_together(x, text);
        return;
    }
    buffer_add(out, text);
}

static bool is_name_char(char c)
{
    return is_alnum(c) || c == '_';
}

/* skip_space - S without the white space that Postfix skips inside an expression */
static struct str skip_space(struct str s)
{
    size_t i = 0;

    while (i < s.len && strchr(" \t\r\n", s.at[i]) != NULL && s.at[i] != '\0')
        i++;
    return str_slice(s, i, s.len);
}

/* --- relations --------------------------------------------------------------- */

long compatibility_level(struct str text)
{
    long parts[3] = {0, 0, 0};
    size_t i = 0;

    for (int n = 0; n < 3; n++) {
        size_t from = i;
        while (i < text.len && text.at[i] >= '0' && text.at[i] <= '9' && i - from < 4)
            parts[n] = parts[n] * 10 + (text.at[i++] - '0');
        if (i == from || (i < text.len && text.at[i] != '.') || parts[n] > 1023)
            return -1;
        if (i == text.len)
            return (parts[0] << 20) + (parts[1] << 10) + parts[2];
        i++;
    }
    return -1;
}

enum relation { LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, GREATER_EQUAL, GREATER };

/* find_relation - the operator spelled TEXT; false where it is not one */
static bool find_relation(struct str text, enum relation *relation)
{
    static const struct {
        const char *text;
        enum relation relation;
    } table[] = {{"==", EQUAL},      {"!=", NOT_EQUAL},     {"<", LESS},
                 {"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {">", GREATER}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (str_is(text, table[i].text)) {
            *relation = table[i].relation;
            return true;
        }
    return false;
}

static bool is_relation_true(enum relation relation, long difference)
{
    switch (relation) {
    case LESS:
        return difference < 0;
    case LESS_EQUAL:
        return difference <= 0;
    case EQUAL:
        return difference == 0;
    case NOT_EQUAL:
        return difference != 0;
    case GREATER_EQUAL:
        return difference >= 0;
    case GREATER:
        return difference > 0;
    }
    return false;
}

/* compare_digits - two unsigned decimal numbers of any length */
static long compare_digits(struct str a, struct str b)
{
    while (a.len > 1 && a.at[0] == '0')
        a = str_slice(a, 1, a.len);
    while (b.len > 1 && b.at[0] == '0')
        b = str_slice(b, 1, b.len);
    return a.len != b.len ? (a.len < b.len ? -1 : 1) : str_cmp(a, b);
}

static bool compare_operands(struct expansion *x, struct str left, enum relation relation,
                             bool level, struct str right, struct str place)
{
    if (level) {
        long a = compatibility_level(left);
        long b = compatibility_level(right);
        if (a < 0 || b < 0)
            fail_expansion(x, place, "malformed compatibility level");
        return is_relation_true(relation, a - b);
    }
    if (str_is_digits(left) && str_is_digits(right))
        return is_relation_true(relation, compare_digits(left, right));
    return is_relation_true(relation, str_cmp(left, right));
}

/* --- one expression: the text between "${" and "}" ------------------------------ */

/* take_braced - takes "{...}" off the start of *REST; *INSIDE is the text in it */
static bool take_braced(struct expansion *x, struct str *rest, struct str *inside)
{
    size_t length = token_balanced(*rest);

    if (length == 0) {
        fail_expansion(x, *rest, "unbalanced {} in an expression");
        return false;
    }
    *inside = str_slice(*rest, 1, length - 1);
    *rest = skip_space(str_slice(*rest, length, rest->len));
    return true;
}

static bool starts_with_brace(struct str s, struct str *at_brace)
{
    *at_brace = skip_space(s);
    return at_brace->len > 0 && at_brace->at[0] == '{';
}

/* expand_operand - the expansion of one side of a relation */
static struct str expand_operand(struct expansion *x, struct str text)
{
    struct buffer out;

    buffer_init(&out, x->arena);
    expand_text(x, text, &out);
    return buffer_str(&out);
}

/* expand_relation - "{left} op {right}" at the start of *REST; sets what it evaluates to */
static bool expand_relation(struct expansion *x, struct str *rest, bool *holds)
{
    struct str left, right, place = *rest;
    enum relation which;

    if (!take_braced(x, rest, &left))
        return false;
    size_t length = str_span(*rest, 0, "<>!=?+-*/~&|%");
    if (!find_relation(str_slice(*rest, 0, length), &which)) {
        fail_expansion(x, *rest, "expected one of == != < <= >= >");
        return false;
    }
    size_t end = length;
    while (end < rest->len && is_alnum(rest->at[end]))
        end++;
    struct str suffix = str_slice(*rest, length, end);
    bool level = suffix.len > 0 && release_has(x->names->release, FEATURE_LEVEL_OPERATORS);
    if (level && !str_is(suffix, "level")) {
        fail_expansion(x, suffix, "unknown operator suffix");
        return false;
    }
    struct str after = str_slice(*rest, level ? end : length, rest->len);
    if (!starts_with_brace(after, rest)) {
        fail_expansion(x, after, "expected \"{expression}\"");
        return false;
    }
    if (!take_braced(x, rest, &right))
        return false;
    struct str a = expand_operand(x, left);
    struct str b = expand_operand(x, right);
    *holds = x->seen == NULL && !has_failed(x) && compare_operands(x, a, which, level, b, place);
    return !has_failed(x);
}

/* take_branch - takes the text after "?" or ":" off *REST */
static bool take_branch(struct expansion *x, struct str *rest, struct str *text)
{
    struct str at_brace;

    if (release_has(x->names->release, FEATURE_IF_THEN_ELSE) &&
        starts_with_brace(*rest, &at_brace)) {
        *rest = at_brace;
        return take_braced(x, rest, text);
    }
    *text = *rest;
    *rest = str_slice(*rest, rest->len, rest->len);
    return true;
}

/* expand_branches - "?{a}:{b}", "?a" or ":b" at the start of REST */
static void expand_branches(struct expansion *x, struct str rest, bool truth, struct buffer *out)
{
    struct str text;

    if (rest.at[0] == '?') {
        rest = str_slice(rest, 1, rest.len);
        if (!take_branch(x, &rest, &text))
            return;
        if (truth || x->seen != NULL)
            expand_text(x, text, out);
        if (rest.len == 0 || has_failed(x))
            return;
        if (rest.at[0] != ':') {
            fail_expansion(x, rest, "expected \":\"");
            return;
        }
    }
    rest = str_slice(rest, 1, rest.len);
    if (!take_branch(x, &rest, &text))
        return;
    if (!truth || x->seen != NULL)
        expand_text(x, text, out);
    if (rest.len > 0)
        fail_expansion(x, rest, "unexpected text at the end of an expression");
}

/* take_name - takes the name off the start of *REST, which then starts with "?", ":" or "{" or is
 * empty */
static bool take_name(struct expansion *x, struct str *rest, struct str *name)
{
    struct str at = skip_space(*rest);
    size_t length = 0;

    while (length < at.len && is_name_char(at.at[length]))
        length++;
    *name = str_slice(at, 0, length);
    struct str after = skip_space(str_slice(at, length, at.len));
    if (after.len > 0 && strchr("?:{", after.at[0]) == NULL) {
        fail_expansion(x, after, "a parameter name contains only letters, digits and _");
        return false;
    }
    if (after.len > 0 && after.at[0] == '{' &&
        !release_has(x->names->release, FEATURE_EXPANSION_FUNCTIONS)) {
        fail_expansion(x, after, "a parameter name contains only letters, digits and _");
        return false;
    }
    *rest = after;
    return true;
}

/* expand_function - "name{argument}" */
static void expand_function(struct expansion *x, struct str name, struct str rest,
                            struct str reference, struct buffer *out)
{
    struct str argument;
    enum domain_result (*convert)(struct arena *, struct str, struct str *) =
        str_is(name, "domain_to_ascii")  ? domain_to_ascii
        : str_is(name, "domain_to_utf8") ? domain_to_utf8
                                         : NULL;

    if (!take_braced(x, &rest, &argument))
        return;
    if (rest.len > 0) {
        fail_expansion(x, rest, "unexpected text at the end of an expression");
        return;
    }
    if (convert == NULL) {
        fail_expansion(x, name, "unknown function");
        return;
    }
    struct str text = expand_operand(x, str_trim(argument));
    if (x->seen != NULL || has_failed(x))
        return;
    switch (convert(x->arena, text, &text)) {
    case DOMAIN_CONVERTED:
        add_text(x, out, text);
        break;
    case DOMAIN_INVALID:
        fail_expansion(x, reference, "the argument is not a valid domain name");
        break;
    case DOMAIN_UNDETERMINED:
        x->flags |= EXPAND_HAS_UNDETERMINED;
        add_text(x, out, reference);
        break;
    }
}

/* --- names ------------------------------------------------------------------------ */

/* expand_name - a reference without "?" and ":": the value itself */
static void expand_name(struct expansion *x, enum expand_found found, struct str value,
                        struct str reference, struct buffer *out)
{
    switch (found) {
    case EXPAND_UNDEFINED:
        x->flags |= EXPAND_HAS_UNDEFINED;
        break;
    case EXPAND_TEXT:
        if (x->level == EXPAND_LEVELS_MAX)
            fail_expansion(
                x, reference,
                "the value refers to itself, or its references are nested more than 100 levels "
                "deep");
        else if (expand_needed(value))
            expand_text(x, value, out);
        else
            add_text(x, out, value);
        break;
    case EXPAND_RAW_TEXT:
        add_text(x, out, value);
        break;
    case EXPAND_UNDETERMINED:
        x->flags |= EXPAND_HAS_UNDETERMINED;
        add_text(x, out, reference);
        break;
    }
}

/* expand_expression - the inside of one reference */
static void expand_expression(struct expansion *x, struct str inside, struct str reference,
                              struct buffer *out)
{
    struct str rest, name, value = STR_NONE;

    if (starts_with_brace(inside, &rest) &&
        release_has(x->names->release, FEATURE_LOGICAL_EXPRESSIONS)) {
        bool holds;
        if (!expand_relation(x, &rest, &holds))
            return;
        if (rest.len == 0)
            buffer_add_cstr(out, holds ? "true" : "");
        else if (rest.at[0] == '?' || rest.at[0] == ':')
            expand_branches(x, rest, holds, out);
        else
            fail_expansion(x, rest, "expected \"?\" or \":\"");
        return;
    }
    rest = inside;
    if (!take_name(x, &rest, &name))
        return;
    if (rest.len > 0 && rest.at[0] == '{') {
        expand_function(x, name, rest, reference, out);
        return;
    }
    enum expand_found found = EXPAND_UNDEFINED;
    if (x->seen != NULL)
        x->seen(x->seen_context, name, reference);
    else
        found = x->names->find(x->names->context, name, &value);
    if (rest.len > 0)
        expand_branches(x, rest, found == EXPAND_UNDETERMINED || value.len > 0, out);
    else if (x->seen == NULL)
        expand_name(x, found, value, reference, out);
}

/* find_reference_end - the index after the reference that starts with the "$" at AT, or 0 */
static size_t find_reference_end(struct str text, size_t at, struct str *inside)
{
    char open = at + 1 < text.len ? text.at[at + 1] : '\0';
    size_t i = at + 1;
    int level = 0;

    if (open != '{' && open != '(') {
        while (i < text.len && is_name_char(text.at[i]))
            i++;
        *inside = str_slice(text, at + 1, i);
        return i;
    }
    char close = open == '{' ? '}' : ')';
    for (; i < text.len; i++) {
        if (text.at[i] == open)
            level++;
        else if (text.at[i] == close && --level == 0) {
            *inside = str_slice(text, at + 2, i);
            return i + 1;
        }
    }
    return 0;
}

/* expand_reference - expands the reference that starts with the "$" at AT; returns the index after
 * it */
static size_t expand_reference(struct expansion *x, struct str text, size_t at, struct buffer *out)
{
    struct str inside;
    size_t end = find_reference_end(text, at, &inside);
    struct str here = str_slice(text, at, end == 0 ? text.len : end);

    x->read += here.len;
    if (end == 0)
        fail_expansion(x, here, "the reference is not closed");
    else if (inside.len == 0)
        fail_expansion(x, here, "\"$\" without a name; a dollar sign is written \"$$\"");
    else if (++x->steps > EXPAND_STEPS_MAX)
        fail_bound(
            x, here,
            arena_printf(x->arena, "the expansion has more than %d references", EXPAND_STEPS_MAX));
    else if (x->read > EXPAND_READ_MAX)
        fail_bound(x, here,
                   arena_printf(x->arena, "the references in it are longer than %d MB",
                                EXPAND_READ_MAX >> 20));
    else if (!take_share(x, REFERENCE_COST + here.len / READ_COST))
        fail_together(x, here);
    else
        expand_expression(x, inside, here, out);
    return end;
}

static void expand_text(struct expansion *x, struct str text, struct buffer *out)
{
    if (++x->level > EXPAND_LEVELS_MAX)
        fail_expansion(x, text, "the references are nested more than 100 levels deep");
    for (size_t i = 0; i < text.len && !has_failed(x);) {
        size_t dollar = str_find(text, '$', i);
        if (x->seen == NULL)
            add_text(x, out, str_slice(text, i, dollar));
        if (dollar == text.len)
            break;
        if (dollar + 1 < text.len && text.at[dollar + 1] == '$') {
            if (x->seen == NULL)
                add_text(x, out, str_slice(text, dollar, dollar + 1));
            i = dollar + 2;
            continue;
        }
        i = expand_reference(x, text, dollar, out);
    }
    x->level--;
}

int expand(const struct expand_names *names, struct str value, struct buffer *out,
           struct expand_error *error)
{
    struct expansion x = {.names = names, .arena = out->arena, .error = error};

    expand_text(&x, value, out);
    return x.flags;
}

int expand_scan(const struct release *release, struct arena *arena, struct str value,
                void (*seen)(void *context, struct str name, struct str reference), void *context,
                struct expand_error *error)
{
    const struct expand_names names = {.release = release};
    struct expansion x = {
        .names = &names, .arena = arena, .error = error, .seen = seen, .seen_context = context};
    struct buffer nothing;

    buffer_init(&nothing, arena);
    expand_text(&x, value, &nothing);
    return x.flags & EXPAND_FAILED;
}
