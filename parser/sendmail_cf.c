#include "parser/sendmail_cf.h"

#include <string.h>

#include "facts/sendmail_lines.h"
#include "parser/sendmail_parts.h"
#include "parser/token.h"

#define BLANKS " \t\r"

enum { WORDS_MAX = 3 };

/* name_of - a macro's or class's name at the start of *REST: one byte, or {several} */
static struct str name_of(struct str *rest)
{
    struct str text = *rest;

    if (text.len > 0 && text.at[0] == '{') {
        size_t end = str_find(text, '}', 0);
        *rest = str_slice(text, end + 1, text.len);
        return str_slice(text, 1, end);
    }
    *rest = str_slice(text, 1, text.len);
    return str_slice(text, 0, 1);
}

/* word_of - what stands before the next of SEPARATORS, which are taken off too */
static struct str word_of(struct str *rest, const char *separators)
{
    struct str text = *rest;
    size_t end = str_span_not(text, 0, separators);

    *rest = str_slice(text, str_span(text, end, separators), text.len);
    return str_slice(text, 0, end);
}

static void set_arguments(struct arena *arena, struct sendmail_item *item, const struct str *texts,
                          size_t count)
{
    while (count > 0 && texts[count - 1].len == 0)
        count--;
    item->arguments = sendmail_arguments(arena, texts, count);
    item->argument_count = count;
}

/* "O Name=value", "OLvalue" */
static void read_option(struct arena *arena, struct str rest, struct sendmail_item *item)
{
    item->kind = ITEM_OPTION;
    if (rest.len > 0 && rest.at[0] != ' ') {
        item->name = str_slice(rest, 0, 1);
        rest = str_slice(rest, 1, rest.len);
    } else {
        size_t equals = str_find(rest, '=', 0);
        item->name = str_trim(str_slice(rest, 0, equals));
        rest = str_slice(rest, equals + 1, rest.len);
    }
    rest = str_trim(rest);
    item->arguments = sendmail_arguments(arena, &rest, 1);
    item->argument_count = 1;
}

static void read_class(struct arena *arena, struct str rest, struct sendmail_item *item)
{
    struct str *words = NULL, word;
    size_t count = 0, capacity = 0;

    item->kind = ITEM_CLASS;
    item->name = name_of(&rest);
    while (token_next_plain(&rest, BLANKS, &word)) {
        words = arena_grow(arena, words, count, &capacity, sizeof *words);
        words[count++] = word;
    }
    item->arguments = words;
    item->argument_count = count;
}

/* parts_of - the arguments of a line that is neither an option nor a class */
static size_t parts_of(char letter, struct str rest, struct str parts[WORDS_MAX])
{
    switch (letter) {
    case 'D':
    case 'F':
        parts[0] = name_of(&rest);
        parts[1] = str_trim(rest);
        return 2;
    case 'K':
        rest = str_trim(rest);
        parts[0] = word_of(&rest, BLANKS);
        parts[1] = word_of(&rest, BLANKS);
        parts[2] = rest;
        return 3;
    case 'M':
    case 'X':
        parts[0] = str_trim(word_of(&rest, ","));
        parts[1] = str_trim(rest);
        return 2;
    case 'P':
        parts[0] = str_trim(word_of(&rest, "="));
        parts[1] = str_trim(rest);
        return 2;
    case 'R':
        parts[0] = word_of(&rest, "\t");
        parts[1] = word_of(&rest, "\t");
        parts[2] = str_trim(rest);
        return 3;
    default:
        parts[0] = str_trim(rest);
        return 1;
    }
}

bool sendmail_cf_line(struct arena *arena, struct str text, struct sendmail_item *item)
{
    static const char letters[] = "ABCDEFHKLMOPQRSTUVX";
    struct str rest = str_slice(text, 1, text.len);
    struct str parts[WORDS_MAX];

    if (text.len == 0 || memchr(letters, text.at[0], sizeof letters - 1) == NULL)
        return false;
    if (text.at[0] == 'O') {
        read_option(arena, rest, item);
    } else if (text.at[0] == 'C') {
        read_class(arena, rest, item);
    } else {
        item->kind = ITEM_CF_LINE;
        item->name = str_slice(text, 0, 1);
        set_arguments(arena, item, parts, parts_of(text.at[0], rest, parts));
    }
    return true;
}

/* is_call - does the line start with a call of a macro that only a .mc file makes? */
static bool is_call(struct str line)
{
    static const char *const calls[] = {"divert(", "include(",        "sinclude(",  "VERSIONID(",
                                        "OSTYPE(", "define(",         "FEATURE(",   "MAILER(",
                                        "DOMAIN(", "undefine(",       "ifdef(",     "dnl",
                                        "LOCAL_",  "DAEMON_OPTIONS(", "MASQUERADE_"};

    line = str_trim(line);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (str_starts(line, calls[i]))
            return true;
    return false;
}

bool sendmail_cf_is(struct str bytes)
{
    bool seen = false;

    for (size_t at = 0; at < bytes.len;) {
        size_t end = str_find(bytes, '\n', at);
        struct str line = str_slice(bytes, at, end);
        if (is_call(line))
            return false;
        if (line.len > 1 && line.at[0] == 'V' && line.at[1] >= '0' && line.at[1] <= '9')
            seen = true;
        if (str_starts(line, "O ") || str_starts(line, "Mlocal,") || str_starts(line, "Sparse="))
            seen = true;
        at = end + 1;
    }
    return seen;
}

/* a logical line: what the physical lines from AT on join to */
static struct str join_lines(struct arena *arena, const struct source *source, size_t *at,
                             size_t *end)
{
    struct str bytes = source->bytes;
    struct buffer joined;
    bool copied = false;

    *end = str_find(bytes, '\n', *at);
    struct str text = str_slice(bytes, *at, *end);
    *at = *end + 1;
    while (text.len > 0 && text.at[0] != '#' && *at < bytes.len &&
           (bytes.at[*at] == ' ' || bytes.at[*at] == '\t')) {
        if (!copied) {
            buffer_init(&joined, arena);
            buffer_add(&joined, text);
        }
        copied = true;
        *end = str_find(bytes, '\n', *at);
        buffer_add_char(&joined, '\n');
        buffer_add(&joined, str_slice(bytes, *at, *end));
        *at = *end + 1;
    }
    return copied ? buffer_str(&joined) : text;
}

/* what the macro file says to get the line: the other way round of cf/m4 */
static const struct said_by {
    enum sendmail_item_kind kind;
    char letter;
    const char *name; /* of the macro, class or option; NULL: any */
    const char *says;
} said_by[] = {
    {ITEM_DEFINE, 'D', "S", "SMART_HOST"},
    {ITEM_DEFINE, 'D', "H", "MAIL_HUB"},
    {ITEM_DEFINE, 'D', "R", "LOCAL_RELAY"},
    {ITEM_DEFINE, 'D', "L", "LUSER_RELAY"},
    {ITEM_DEFINE, 'D', "Y", "UUCP_RELAY"},
    {ITEM_DEFINE, 'D', "B", "BITNET_RELAY"},
    {ITEM_DEFINE, 'D', "j", "confDOMAIN_NAME"},
    {ITEM_DEFINE, 'D', "n", "confMAILER_NAME"},
    {ITEM_MACRO, 'D', "M", "MASQUERADE_AS"},
    {ITEM_MACRO, 'C', "w", "LOCAL_DOMAIN"},
    {ITEM_MACRO, 'C', "R", "RELAY_DOMAIN"},
    {ITEM_MACRO, 'C', "M", "MASQUERADE_DOMAIN"},
    {ITEM_MACRO, 'C', "N", "MASQUERADE_EXCEPTION"},
    {ITEM_MACRO, 'C', "E", "EXPOSED_USER"},
    {ITEM_MACRO, 'C', "G", "GENERICS_DOMAIN"},
    {ITEM_MACRO, 'C', "L", "LOCAL_USER"},
    {ITEM_MACRO, 'C', "VirtHost", "VIRTUSER_DOMAIN"},
    {ITEM_MACRO, 'C', "LDAPRoute", "LDAPROUTE_DOMAIN"},
    {ITEM_MACRO, 'C', "LDAPRouteEquiv", "LDAPROUTE_EQUIVALENT"},
    {ITEM_MACRO, 'C', "Canonify", "CANONIFY_DOMAIN"},
    {ITEM_MACRO, 'C', "TrustAuthMech", "TRUST_AUTH_MECH"},
    {ITEM_MACRO, 'O', "DaemonPortOptions", "DAEMON_OPTIONS"},
    {ITEM_MACRO, 'O', "ClientPortOptions", "CLIENT_OPTIONS"},
    {ITEM_MACRO, 'X', NULL, "INPUT_MAIL_FILTER"},
};

/* joined - the words as one text, as the macro would have had them */
static struct str joined(struct arena *arena, const struct sendmail_item *item)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < item->argument_count; i++) {
        if (i > 0)
            buffer_add_char(&out, ' ');
        buffer_add(&out, item->arguments[i]);
    }
    return buffer_str(&out);
}

/* translate - the item becomes what the macro file would have said */
static void translate(struct arena *arena, char letter, struct sendmail_item *item)
{
    struct str name = letter == 'D' ? sendmail_argument(item, 0) : item->name;

    for (size_t i = 0; i < sizeof said_by / sizeof *said_by; i++) {
        const struct said_by *row = &said_by[i];
        if (row->letter != letter ||
            (row->name != NULL &&
             !(letter == 'O' ? str_is_nocase(name, row->name) : str_is(name, row->name))))
            continue;
        struct str value = letter == 'D' ? sendmail_argument(item, 1) : joined(arena, item);
        if (value.len == 0)
            return;
        item->kind = row->kind;
        item->name = str_of(row->says);
        if (letter == 'X')
            return;
        item->arguments = sendmail_arguments(arena, &value, 1);
        item->argument_count = 1;
        return;
    }
}

static void become_feature(struct arena *arena, struct sendmail_item *item, const char *name,
                           const struct str *arguments, size_t count)
{
    item->kind = ITEM_FEATURE;
    item->name = str_of(name);
    item->arguments = sendmail_arguments(arena, arguments, count);
    item->argument_count = count;
}

/* is_dnsbl - "$(dnsbl $4.$3.$2.$1.ZONE. $: OK $)": FEATURE(`dnsbl', `ZONE') */
static bool is_dnsbl(struct arena *arena, struct str text, struct sendmail_item *item)
{
    static const char octets[] = "dnsbl $4.$3.$2.$1.";
    size_t at = str_search(text, octets) + sizeof octets - 1;
    size_t end = str_span_not(text, at, " \t$");

    if (at >= text.len || text.at[0] != 'R' || end <= at + 1)
        return false;
    struct str zone = str_slice(text, at, end - (text.at[end - 1] == '.'));
    become_feature(arena, item, "dnsbl", &zone, 1);
    return true;
}

/* is_pause - "R<?> <$*>  $# 5000": FEATURE(`greet_pause', `5000') */
static bool is_pause(struct arena *arena, struct sendmail_item *item)
{
    struct str right = sendmail_argument(item, 1);

    if (!str_is(item->name, "R") || !str_is(str_trim(sendmail_argument(item, 0)), "<?> <$*>") ||
        !str_starts(right, "$#"))
        return false;
    struct str value = str_trim(str_slice(right, 2, right.len));
    if (!str_is_digits(value))
        return false;
    become_feature(arena, item, "greet_pause", &value, 1);
    return true;
}

/* equate - the value of "P=/usr/bin/procmail" among the rest of an M line */
static struct str equate(struct str rest, char key)
{
    for (size_t at = 0; at < rest.len;) {
        size_t end = str_find(rest, ',', at);
        struct str part = str_trim(str_slice(rest, at, end));
        if (part.len > 2 && part.at[0] == key && part.at[1] == '=')
            return str_slice(part, 2, part.len);
        at = end + 1;
    }
    return str_of("");
}

/* is_procmail - the mailer local that runs procmail: FEATURE(`local_procmail') */
static bool is_procmail(struct arena *arena, struct sendmail_item *item)
{
    struct str rest = sendmail_argument(item, 1);
    struct str path = equate(rest, 'P');

    if (!str_is(item->name, "M") || !str_is(sendmail_argument(item, 0), "local") ||
        !str_ends(path, "procmail"))
        return false;
    struct str arguments[] = {path, equate(rest, 'A'), equate(rest, 'F')};
    become_feature(arena, item, "local_procmail", arguments, 3);
    return true;
}

/* what is known so far of the file that is read */
struct recogniser {
    struct arena *arena;
    struct map features; /* those that were seen */
    bool in_dnsbl;       /* the rules behind a lookup say what it answers */
};

/*
 * recognise - a line that Sendmail's m4 makes is stock; the first one that a feature makes alone
 * stands for the feature, so that the model is that of the macro file
 */
static void recognise(struct recogniser *known, struct str text, struct sendmail_item *item)
{
    struct str made_by = facts_sendmail_line(text);
    bool answer = known->in_dnsbl && str_starts(text, "R<?>");

    known->in_dnsbl = answer;
    if (is_dnsbl(known->arena, text, item)) {
        known->in_dnsbl = true;
        return;
    }
    /* DZ is the version; the map of a lookup says less than the rule that uses it */
    if (answer || str_starts(text, "DZ") || str_starts(text, "Kdnsbl ") ||
        str_starts(text, "Kednsbl "))
        made_by = str_of("plain");
    if (made_by.at == NULL) {
        if (!is_pause(known->arena, item) && !is_procmail(known->arena, item))
            translate(known->arena, text.at[0], item);
        return;
    }
    if (str_is(made_by, "plain") || map_get(&known->features, made_by) != NULL) {
        item->stock = true;
        return;
    }
    map_put(&known->features, made_by, known);
    become_feature(known->arena, item, made_by.at, NULL, 0);
    item->name = made_by;
}

void sendmail_cf_read(struct sendmail *sendmail, const struct source *source)
{
    struct source_cursor cursor = {0};
    struct recogniser known = {.arena = sendmail->arena};

    map_init(&known.features, sendmail->arena);

    for (size_t at = 0; at < source->bytes.len;) {
        size_t start = at, end;
        struct str text = join_lines(sendmail->arena, source, &at, &end);
        struct sendmail_item item = {.span = {source, start, end - start}};
        if (str_trim(text).len == 0 || text.at[0] == '#')
            continue;
        item.line = source_position_next(&cursor, source, start).line;
        if (!sendmail_cf_line(sendmail->arena, text, &item)) {
            item.kind = ITEM_TEXT;
            item.name = str_of("");
            item.arguments = sendmail_arguments(sendmail->arena, &text, 1);
            item.argument_count = 1;
        }
        recognise(&known, text, &item);
        sendmail_add(sendmail, item);
    }
}
