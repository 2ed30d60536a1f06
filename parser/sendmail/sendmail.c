#include "parser/sendmail/sendmail.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "facts/sendmail.h"
#include "parser/sendmail/cf.h"
#include "parser/sendmail/mc.h"
#include "parser/sendmail/parts.h"

struct sendmail_item *sendmail_add(struct sendmail *sendmail, struct sendmail_item item)
{
    sendmail->items = arena_grow(sendmail->arena, sendmail->items, sendmail->count,
                                 &sendmail->capacity, sizeof item);
    item.number = sendmail->count;
    sendmail->items[sendmail->count] = item;
    return &sendmail->items[sendmail->count++];
}

void sendmail_also(struct sendmail *sendmail, struct sendmail_item item)
{
    struct sendmail_own *own = sendmail->own;
    struct sendmail_item *copy = arena_alloc(sendmail->arena, sizeof *copy);

    *copy = item;
    own->also = arena_grow(sendmail->arena, own->also, own->also_count, &own->also_capacity,
                           sizeof *own->also);
    own->also[own->also_count++] = copy;
}

const struct str *sendmail_arguments(struct arena *arena, const struct str *texts, size_t count)
{
    struct str *copy = arena_alloc(arena, (count + 1) * sizeof *copy);

    for (size_t i = 0; i < count; i++)
        copy[i] = texts[i];
    return copy;
}

/* --- of a macro file -------------------------------------------------------------------------- */

static const struct call_kind {
    const char *name;
    enum sendmail_item_kind kind;
    bool named; /* the item's name is the first argument */
} calls[] = {
    {"define", ITEM_DEFINE, true},    {"pushdef", ITEM_DEFINE, true},
    {"FEATURE", ITEM_FEATURE, true},  {"MAILER", ITEM_MAILER, true},
    {"OSTYPE", ITEM_OSTYPE, true},    {"DOMAIN", ITEM_DOMAIN, true},
    {"include", ITEM_INCLUDE, false}, {"sinclude", ITEM_INCLUDE, false},
};

/* builtins of m4 that say nothing to Sendmail */
static bool only_moves_text(struct str name)
{
    static const char *const names[] = {
        "divert", "undivert", "ifdef",  "ifelse", "changequote", "changecom", "dnl",
        "divnum", "errprint", "m4exit", "m4wrap", "dumpdef",     "traceon",   "traceoff"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

/* add_undefines - undefine takes several names */
static void add_undefines(struct sendmail *sendmail, const struct sendmail_directive *directive)
{
    for (size_t i = 0; i < directive->argument_count; i++)
        sendmail_add(sendmail, (struct sendmail_item){.kind = ITEM_UNDEFINE,
                                                      .name = str_trim(directive->arguments[i]),
                                                      .span = directive->span,
                                                      .line = directive->line});
}

/* is_domain_file - the include that DOMAIN is: the item is that of the call */
static bool is_domain_file(const struct sendmail_directive *directive)
{
    return sendmail_calls(directive, "sinclude") && !directive->written &&
           str_starts(sendmail_directive_argument(directive, 1), "domain/");
}

static void add_call(struct sendmail *sendmail, const struct sendmail_directive *directive)
{
    struct sendmail_item item = {
        .kind = ITEM_MACRO,
        .name = directive->text,
        .arguments = directive->arguments,
        .argument_count = directive->argument_count,
        .span = directive->span,
        .line = directive->line,
    };

    bool unread = directive->fate == M4_NOT_READ; /* undivert of a file is one more include */
    if (directive->fate == M4_PRELUDE || (only_moves_text(directive->text) && !unread) ||
        is_domain_file(directive))
        return;
    if (sendmail_calls(directive, "undefine") || sendmail_calls(directive, "popdef")) {
        add_undefines(sendmail, directive);
        return;
    }
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (str_is(directive->text, calls[i].name)) {
            item.kind = calls[i].kind;
            if (!calls[i].named)
                break;
            item.name = item.argument_count > 0 ? str_trim(item.arguments[0]) : str_of("");
            if (item.argument_count > 0) {
                item.arguments++;
                item.argument_count--;
            }
            break;
        }
    if (directive->fate == M4_NOT_RUN)
        item.kind = ITEM_NOT_RUN;
    if (unread) {
        item.kind = ITEM_INCLUDE;
        item.refused = "it is not there, or not below the directory of the macro file";
    }
    sendmail_add(sendmail, item);
}

/* is_like_call - "DEAMON_OPTIONS(`Port=smtp')": no macro, but meant to be one */
static bool is_like_call(struct str text)
{
    size_t end = 0;

    while (end < text.len && (is_alnum(text.at[end]) || text.at[end] == '_'))
        end++;
    return end > 1 && end < text.len && text.at[end] == '(';
}

/* add_text - a line that goes to sendmail.cf */
static void add_text(struct sendmail *sendmail, const struct sendmail_directive *directive,
                     struct str section)
{
    struct sendmail_item item = {.span = directive->span, .line = directive->line};

    if (directive->text.at[0] == '#')
        return;
    item.early = section.len == 0;
    bool parsed = directive->text.at[0] != '\0' && strchr("OCDFK", directive->text.at[0]) != NULL &&
                  !(item.early && is_like_call(directive->text)) &&
                  sendmail_cf_line(sendmail->arena, directive->text, &item);
    if (!parsed) {
        item.kind = ITEM_TEXT;
        item.name = section;
        item.arguments = sendmail_arguments(sendmail->arena, &directive->text, 1);
        item.argument_count = 1;
    }
    sendmail_add(sendmail, item);
}

static void read_mc(struct sendmail *sendmail, const struct sendmail_mc *mc)
{
    struct str section = str_of("");

    for (size_t i = 0; i < mc->count; i++) {
        const struct sendmail_directive *directive = &mc->directives[i];
        if (directive->kind == SENDMAIL_TEXT)
            add_text(sendmail, directive, section);
        if (directive->kind != SENDMAIL_CALL)
            continue;
        add_call(sendmail, directive);
        if (sendmail_calls(directive, "divert") && directive->written)
            section = str_of("");
        else if (directive->argument_count == 0 &&
                 (str_starts(directive->text, "LOCAL_") ||
                  sendmail_calls(directive, "MAILER_DEFINITIONS")))
            section = directive->text;
    }
}

/* --- what holds in the end -------------------------------------------------------------------- */

const struct sendmail_item *sendmail_define(const struct sendmail *sendmail, const char *name)
{
    const struct sendmail_own *own = sendmail->own;
    const struct sendmail_item *item = map_get(&own->defines, str_of(name));

    return item != NULL && item->kind == ITEM_DEFINE ? item : NULL;
}

struct str sendmail_value(const struct sendmail *sendmail, const char *define)
{
    const struct sendmail_item *item = sendmail_define(sendmail, define);

    if (item != NULL)
        return item->argument_count > 0 ? item->arguments[0] : str_of("");
    const struct sendmail_fact *fact = facts_sendmail(SENDMAIL_DEFINE, str_of(define));
    if (fact == NULL || fact->option.len == 0)
        return STR_NONE;
    for (size_t i = sendmail->directive_count; i-- > 0;) {
        item = &sendmail->items[i];
        if (item->kind == ITEM_OPTION && item->refused == NULL &&
            facts_sendmail_option(item->name) == fact)
            return item->arguments[0];
    }
    return STR_NONE;
}

bool sendmail_has_default(const struct sendmail *sendmail, const char *define)
{
    const struct sendmail_fact *fact = facts_sendmail(SENDMAIL_DEFINE, str_of(define));
    const struct sendmail_item *item = NULL;

    if (sendmail_value(sendmail, define).at != NULL)
        return false;
    while (sendmail->is_cf && (item = sendmail_next(sendmail, ITEM_CF_LINE, "O", item)) != NULL)
        if (item->stock && facts_sendmail_option(sendmail_argument(item, 0)) == fact)
            return true;
    return !sendmail->is_cf;
}

const struct sendmail_item *sendmail_next(const struct sendmail *sendmail,
                                          enum sendmail_item_kind kind, const char *name,
                                          const struct sendmail_item *after)
{
    size_t end = kind == ITEM_TABLE_LINE ? sendmail->count : sendmail->directive_count;
    size_t at = after != NULL ? after->number + 1 : 0;

    if (kind == ITEM_TABLE_LINE && at < sendmail->directive_count)
        at = sendmail->directive_count;
    for (; at < end; at++) {
        const struct sendmail_item *item = &sendmail->items[at];
        if (item->kind == kind && (name == NULL || str_is(item->name, name)))
            return item;
    }
    return NULL;
}

const struct sendmail_item *sendmail_feature(const struct sendmail *sendmail, const char *name)
{
    const struct sendmail_own *own = sendmail->own;
    const struct sendmail_item *found = NULL, *item = NULL;

    while ((item = sendmail_next(sendmail, ITEM_FEATURE, name, item)) != NULL)
        if (!item->overridden)
            found = item;
    for (size_t i = 0; i < own->also_count && found == NULL; i++)
        if (own->also[i]->kind == ITEM_FEATURE && str_is(own->also[i]->name, name))
            found = own->also[i];
    return found;
}

const struct sendmail_item *sendmail_part(const struct sendmail *sendmail, size_t i)
{
    const struct sendmail_own *own = sendmail->own;

    return i < own->also_count ? own->also[i] : NULL;
}

struct str sendmail_argument(const struct sendmail_item *item, size_t i)
{
    return i < item->argument_count ? item->arguments[i] : STR_NONE;
}

const struct sendmail_table *sendmail_table(const struct sendmail *sendmail, const char *name)
{
    for (size_t i = 0; i < sendmail->table_count; i++)
        if (str_is(sendmail->tables[i].name, name))
            return &sendmail->tables[i];
    return NULL;
}

/* is_key - is TEXT's first letter KEY?  setsockaddroptions() in sendmail/daemon.c */
static bool is_key(struct str text, char key)
{
    if (text.len == 0)
        return false;
    if (text.at[0] == key)
        return true;
    return key != '\0' && strchr("AFILMNPS", key) != NULL && text.at[0] == key - 'A' + 'a';
}

struct str sendmail_pair(struct str text, char key)
{
    struct str found = STR_NONE;

    for (size_t at = 0; at < text.len;) {
        size_t end = str_find(text, ',', at);
        struct str pair = str_trim(str_slice(text, at, end));
        size_t equals = str_find(pair, '=', 0);
        if (equals < pair.len && is_key(pair, key))
            found = str_trim(str_slice(pair, equals + 1, pair.len));
        at = end + 1;
    }
    return found;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* read_small - NULL with errno set, EFBIG beyond SENDMAIL_FILE_SIZE_MAX */
static const struct source *read_small(struct arena *arena, struct str path)
{
    struct stat status;

    /* not even read: what stands in it would take more memory than there may be */
    if (!str_is(path, "-") && stat(arena_cstr(arena, path), &status) == 0 &&
        S_ISREG(status.st_mode) && status.st_size > (off_t)SENDMAIL_FILE_SIZE_MAX) {
        errno = EFBIG;
        return NULL;
    }
    const struct source *source = source_read(arena, path);
    if (source != NULL && source->bytes.len > SENDMAIL_FILE_SIZE_MAX) {
        errno = EFBIG;
        return NULL;
    }
    return source;
}

bool sendmail_open(struct sendmail *sendmail, struct arena *arena, struct str path,
                   struct str *error)
{
    const struct source *source = read_small(arena, path);

    *sendmail = (struct sendmail){.arena = arena};
    if (source == NULL) {
        *error = errno == EINVAL
                     ? arena_printf(arena, "%.*s: is no regular file", STR_ARG(path))
                     : arena_printf(arena, "%.*s: cannot read: %s", STR_ARG(path), strerror(errno));
        return false;
    }
    struct str directory =
        str_is(path, "-") ? str_of(".") : arena_copy(arena, path_directory(path));
    return sendmail_read(sendmail, arena, source, directory, error);
}

bool sendmail_read(struct sendmail *sendmail, struct arena *arena, const struct source *source,
                   struct str directory, struct str *error)
{
    struct sendmail_own *own = arena_alloc(arena, sizeof *own);

    *sendmail =
        (struct sendmail){.arena = arena, .source = source, .directory = directory, .own = own};
    sendmail->is_cf = sendmail_cf_is(source->bytes);
    if (sendmail->is_cf) {
        sendmail_cf_read(sendmail, source);
    } else {
        struct m4_directories includes = {&directory, 1, M4_INCLUDE_SIZE_MAX};
        struct sendmail_mc *mc = arena_alloc(arena, sizeof *mc);
        bool good = sendmail_mc_parse(mc, arena, source, &includes);
        sendmail->mc = mc;
        read_mc(sendmail, mc);
        if (!good) {
            sendmail->directive_count = sendmail->count;
            sendmail_settle(sendmail);
            *error = mc->error;
            return false;
        }
    }
    sendmail->directive_count = sendmail->count;
    sendmail_settle(sendmail);
    *error = sendmail_add_tables(sendmail);
    sendmail_settle(sendmail);
    return error->at == NULL;
}
