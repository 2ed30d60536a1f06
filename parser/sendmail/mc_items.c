/* sendmail_mc_items - the items of a macro file: see parser/sendmail/parts.h */
#include <string.h>

#include "parser/sendmail/cf.h"
#include "parser/sendmail/mc.h"
#include "parser/sendmail/parts.h"

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

/* only_moves_text - a builtin of m4 that has no meaning for Sendmail? */
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

/* add_undefines - undefine may have several names */
static void add_undefines(struct sendmail *sendmail, const struct sendmail_directive *directive)
{
    for (size_t i = 0; i < directive->argument_count; i++)
        sendmail_add(sendmail, (struct sendmail_item){.kind = ITEM_UNDEFINE,
                                                      .name = str_trim(directive->arguments[i]),
                                                      .span = directive->span,
                                                      .line = directive->line});
}

/* is_domain_file - the include of DOMAIN, whose call is the item? */
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

    bool unread = directive->fate == M4_NOT_READ; /* undivert of a file is an include, too */
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
        item.refused = "the file does not exist, or is not below the directory of the macro file";
    }
    sendmail_add(sendmail, item);
}

/* is_like_call - "DEAMON_OPTIONS(`Port=smtp')": not a macro, but meant to be one? */
static bool is_like_call(struct str text)
{
    size_t end = 0;

    while (end < text.len && (is_alnum(text.at[end]) || text.at[end] == '_'))
        end++;
    return end > 1 && end < text.len && text.at[end] == '(';
}

/* add_text - a line that is copied to sendmail.cf */
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
        sendmail_set_arguments(sendmail->arena, &item, &directive->text, 1);
    }
    sendmail_add(sendmail, item);
}

void sendmail_add_mc(struct sendmail *sendmail, const struct sendmail_mc *mc)
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
