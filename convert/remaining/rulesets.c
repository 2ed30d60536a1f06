/*
 * rulesets - lines of sendmail.cf in a macro file, and local lines of a sendmail.cf
 *
 * The macros that introduce them (LOCAL_CONFIG, LOCAL_RULE_0, ...) only determine their place in
 * sendmail.cf.  Classes and macros that Sendmail's own files use are handled by other modules; the
 * rest is local.  The equivalent of a rule cannot be derived from its text; a class, macro or map
 * matters only if a rule uses it.
 */
#include <string.h>

#include "convert/remaining/modules.h"
#include "convert/remaining/uses.h"
#include "convert/sendmail/value.h"

/* what the rules of a section do, and how Postfix does that */
static const struct {
    const char *section, *acts, *advice;
} sections[] = {
    {"LOCAL_RULE_0", "routes addresses",
     "add an equivalent to transport_maps or virtual_alias_maps"},
    {"LOCAL_RULE_1", "rewrites senders", "add an equivalent to sender_canonical_maps"},
    {"LOCAL_RULE_2", "rewrites recipients", "add an equivalent to recipient_canonical_maps"},
    {"LOCAL_RULE_3", "rewrites addresses first of all",
     "add an equivalent to canonical_maps (a pcre table)"},
    {"LOCAL_NET_CONFIG", "routes mail to other hosts", "add an equivalent to transport_maps"},
    {"LOCAL_UUCP", "routes UUCP addresses", "add an equivalent to transport_maps"},
    {"LOCAL_DNSBL", "queries DNS lists",
     "add the lists with reject_rbl_client and permit_dnswl_client to "
     "smtpd_recipient_restrictions"},
    {"LOCAL_RULESETS", "is part of a local ruleset",
     "replace checks by check_client_access, check_sender_access, check_recipient_access, "
     "header_checks or a policy service (SMTPD_POLICY_README)"},
    {"LOCAL_SRV_FEATURES", "selects the features that clients are offered",
     "set smtpd_discard_ehlo_keyword_address_maps"},
    {"LOCAL_CLT_FEATURES", "selects the features that are used with servers",
     "set smtp_tls_policy_maps"},
    {"LOCAL_TLS_CLIENT", "checks the TLS sessions of clients",
     "use check_ccert_access or smtpd_tls_req_ccert"},
    {"LOCAL_TLS_SERVER", "checks the TLS sessions with servers", "set smtp_tls_policy_maps"},
    {"LOCAL_TLS_RCPT", "checks TLS by recipient", "set smtp_tls_policy_maps"},
    {"LOCAL_TRY_TLS", "selects the servers for which TLS is tried",
     "set smtp_tls_policy_maps (none, may)"},
    {"MAILER_DEFINITIONS", "is part of a local mailer",
     "create a pipe(8) service in master.cf and use it in transport_maps"},
};

/* classes and macros in Sendmail's own files that need no conversion */
static const struct {
    enum sendmail_item_kind kind;
    const char *name, *says;
} idle[] = {
    {ITEM_CLASS, "P", "names that are not domains, used by Sendmail itself"},
    {ITEM_CLASS, "O", "characters in addresses, used by Sendmail itself"},
    {ITEM_CLASS, ".", "characters in addresses, used by Sendmail itself"},
    {ITEM_CLASS, "[", "characters in addresses, used by Sendmail itself"},
    {ITEM_CLASS, "e", "the encodings that Sendmail supports"},
    {ITEM_CLASS, "n", "content types that are not decoded"},
    {ITEM_CLASS, "q", "content types that are not re-encoded"},
    {ITEM_CLASS, "s", "content types that are not re-encoded"},
    {ITEM_CLASS, "src", "used by Sendmail itself"},
    {ITEM_CLASS, "dst", "used by Sendmail itself"},
    {ITEM_CLASS, "tls", "used by Sendmail itself"},
    {ITEM_CLASS, "checkMIMEFieldBodies", "headers with a limited length"},
    {ITEM_CLASS, "checkMIMEHeaders", "headers with a limited length"},
    {ITEM_CF_LINE, "n", "the sender name of bounces; in Postfix it is MAILER-DAEMON"},
    {ITEM_CF_LINE, "Z", "the version of the configuration"},
    {ITEM_CF_LINE, "l", "the format of the From_ line"},
    {ITEM_CF_LINE, "o", "characters in addresses, used by Sendmail itself"},
    {ITEM_CF_LINE, "q", "the format of the From header"},
    {ITEM_CF_LINE, "e", "the greeting of Sendmail before 8.7"},
};

static bool is_rule(const struct sendmail_item *item)
{
    return (item->kind == ITEM_TEXT && item->argument_count > 0 &&
            str_starts(item->arguments[0], "R")) ||
           (item->kind == ITEM_CF_LINE && str_is(item->name, "R"));
}

static bool decide_idle(struct draft *draft, const struct sendmail_item *item, struct str name)
{
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (idle[i].kind == item->kind && str_is(name, idle[i].name)) {
            draft_fate(draft, item, FATE_MEANINGLESS, "%s", idle[i].says);
            return true;
        }
    return false;
}

/* --- classes, macros, maps -------------------------------------------------------------------- */

static void map_used(struct draft *draft, const struct sendmail_item *item, const char *needles[],
                     size_t count, const char *what)
{
    for (size_t i = 0; i < count; i++)
        if (uses_contain(draft, item, str_of(needles[i]))) {
            draft_open_point(draft, item, "convert it together with the rules that use it",
                             "%s used by local rules", what);
            return;
        }
    draft_fate(draft, item, FATE_MEANINGLESS, "%s that no local rule uses", what);
}

static void map_class(struct draft *draft, const struct sendmail_item *item)
{
    const char *name = arena_cstr(draft->arena, item->name);
    const char *braces = item->name.len > 1 ? "{" : "", *end = item->name.len > 1 ? "}" : "";
    const char *needles[] = {
        arena_printf(draft->arena, "$=%s%s%s", braces, name, end).at,
        arena_printf(draft->arena, "$~%s%s%s", braces, name, end).at,
    };

    if (!decide_idle(draft, item, item->name))
        map_used(draft, item, needles, sizeof needles / sizeof *needles, "a class");
}

static void map_macro(struct draft *draft, const struct sendmail_item *item)
{
    struct str name = sendmail_argument(item, 0);
    const char *text = arena_cstr(draft->arena, name);
    const char *needles[] = {
        arena_printf(draft->arena, name.len > 1 ? "${%s}" : "$%s", text).at,
        arena_printf(draft->arena, name.len > 1 ? "$&{%s}" : "$&%s", text).at,
    };

    if (!decide_idle(draft, item, name))
        map_used(draft, item, needles, sizeof needles / sizeof *needles, "a macro");
}

static void map_map(struct draft *draft, const struct sendmail_item *item)
{
    const char *name = arena_cstr(draft->arena, sendmail_argument(item, 0));
    const char *needles[] = {arena_printf(draft->arena, "$(%s", name).at};

    map_used(draft, item, needles, sizeof needles / sizeof *needles, "a map");
}

/* --- rules and other lines -------------------------------------------------------------------- */

static void map_section(struct draft *draft, const struct sendmail_item *item, struct str text)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (str_is(item->name, sections[i].section)) {
            draft_open_point(draft, item, sections[i].advice, "\"%.*s\" %s", STR_ARG(text),
                             sections[i].acts);
            return;
        }
    draft_open_point(draft, item, "find out what it does and convert it by hand",
                     "\"%.*s\" is a local addition", STR_ARG(text));
}

/* shorten_text - the start of the first line, without tabs */
static struct str shorten_text(struct arena *arena, struct str text)
{
    enum { SHOWN_MAX = 60 };
    struct buffer out;

    text = str_slice(text, 0, str_find(text, '\n', 0));
    buffer_init(&out, arena);
    for (size_t i = 0; i < text.len && i < SHOWN_MAX; i++) {
        char c = text.at[i];
        buffer_add_char(&out, (unsigned char)c < ' ' || c == '\177' ? ' ' : c);
    }
    if (text.len > SHOWN_MAX)
        buffer_add_cstr(&out, " ...");
    return str_trim(buffer_str(&out));
}

/* map_header - "HX-Mark: text" adds a header, "HSubject: $>Check" has a ruleset check it */
static void map_header(struct draft *draft, const struct sendmail_item *item, struct str text)
{
    if (str_search(text, "$>") < text.len)
        draft_open_point(draft, item, "add an equivalent to header_checks",
                         "\"%.*s\" has a ruleset check a header", STR_ARG(text));
    else
        draft_open_point(
            draft, item,
            "add it with PREPEND in smtpd_recipient_restrictions or header_checks, or leave it out",
            "\"%.*s\" adds a header", STR_ARG(text));
}

static void map_text(struct draft *draft, const struct sendmail_item *item)
{
    struct str line = sendmail_argument(item, 0);
    struct str text = shorten_text(draft->arena, line);
    char letter = line.len > 0 ? line.at[0] : '\0';

    if (letter == 'H')
        map_header(draft, item, text);
    else if (letter == 'M' || letter == 'X')
        draft_open_point(draft, item,
                         "create a pipe(8) service in master.cf and use it in transport_maps",
                         "\"%.*s\" defines a program that handles mail", STR_ARG(text));
    else if (letter == 'S' && !is_rule(item))
        draft_open_point(draft, item, "convert it together with the rules below it",
                         "\"%.*s\" starts a ruleset", STR_ARG(text));
    else if (item->name.len == 0)
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "\"%.*s\" is neither a Sendmail macro nor a line of sendmail.cf", STR_ARG(text));
    else
        map_section(draft, item, text);
}

static void map_line(struct draft *draft, const struct sendmail_item *item)
{
    char letter = item->name.len > 0 ? item->name.at[0] : '\0';
    struct buffer text;

    buffer_init(&text, draft->arena);
    buffer_add(&text, item->name);
    for (size_t i = 0; i < item->argument_count; i++)
        buffer_printf(&text, "%s%.*s", i > 0 ? " " : "", STR_ARG(item->arguments[i]));
    struct str line = shorten_text(draft->arena, buffer_str(&text));
    switch (letter) {
    case 'D':
        map_macro(draft, item);
        break;
    case 'K':
        map_map(draft, item);
        break;
    case 'F':
        draft_open_point(draft, item, "convert it together with the rules that use it",
                         "\"%.*s\" fills a local class from a file", STR_ARG(line));
        break;
    case 'E':
        draft_open_point(draft, item, "set import_environment and export_environment if needed",
                         "\"%.*s\" sets an environment variable", STR_ARG(line));
        break;
    case 'H':
        map_header(draft, item, line);
        break;
    case 'Q':
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "a queue group; Postfix has a single queue that is fair to all destinations");
        break;
    default:
        draft_open_point(draft, item, "find out what it does and convert it by hand",
                         "\"%.*s\" is a local addition", STR_ARG(line));
    }
}

/* --- the module ------------------------------------------------------------------------------- */

static bool starts_section(const struct sendmail_item *item)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    return item->kind == ITEM_MACRO && fact != NULL && str_is(fact->module, "rulesets");
}

/* does the line name a table with lines of its own? */
static bool names_table(const struct draft *draft, const struct sendmail_item *item)
{
    for (size_t i = 0; i < draft->sendmail->table_count; i++)
        if (draft->sendmail->tables[i].from == item && draft->sendmail->tables[i].count > 0)
            return true;
    return false;
}

/* map_missing - the open point for a ruleset in addition to the fate of the line that starts it */
static void map_missing(struct draft *draft, const struct sendmail_item *item)
{
    draft_open_point(draft, item,
                     "compare the ruleset with the one that Sendmail's m4 generates, and convert "
                     "the intended change by hand",
                     "%zu of the rules that Sendmail's own files have in this ruleset %s removed "
                     "and no longer applied",
                     item->missing, item->missing == 1 ? "was" : "were");
}

static void map_item(struct draft *draft, const struct sendmail_item *item)
{
    if (starts_section(item))
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "it marks the place of the lines below it, which have entries of their own");
    else if (item->kind == ITEM_TEXT)
        map_text(draft, item);
    else if (item->kind == ITEM_CLASS)
        map_class(draft, item);
    else if (item->kind == ITEM_CF_LINE)
        map_line(draft, item);
    else if (item->kind == ITEM_TABLE_LINE && item->table != NULL &&
             item->table->kind == ITEM_CF_LINE && names_table(draft, item->table))
        draft_open_point(draft, item, "convert it together with the rules that use its table",
                         "a line of a local table");
}

/* has_ruleset - does a line of sendmail.cf start that ruleset? */
static bool has_ruleset(const struct sendmail *sendmail, const char *name)
{
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        struct str text = span_str(sendmail->items[i].span);
        if (str_starts(text, "S") && str_starts(str_slice(text, 1, text.len), name))
            return true;
    }
    return false;
}

/* map_no_check - Sendmail relays for everyone unless the ruleset check_rcpt rejects it */
static void map_no_check(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;

    if (sendmail->is_cf && sendmail->directive_count > 0 && !has_ruleset(sendmail, "check_rcpt"))
        draft_open_point(draft, &sendmail->items[0],
                         "list the hosts that may relay in mynetworks, or require authentication",
                         "the ruleset check_rcpt is missing, so this Sendmail relays mail for "
                         "everyone; Postfix will not");
}

/* map_unknown - a sendmail.cf of an unknown release, known by the number of its rules: m4 generates
   more than people write */
static void map_unknown(struct draft *draft)
{
    enum { MADE_BY_M4 = 150 };
    const struct sendmail *sendmail = draft->sendmail;
    size_t known = 0, unknown = 0;

    for (size_t i = 0; sendmail->is_cf && i < sendmail->directive_count; i++)
        if (is_rule(&sendmail->items[i]))
            *(sendmail->items[i].stock ? &known : &unknown) += 1;
    if (unknown >= MADE_BY_M4 && unknown > known)
        draft_open_point(draft, &sendmail->items[0],
                         "convert the macro file that it was generated from, if possible; "
                         "otherwise compare it with the sendmail.cf of a Sendmail of that age: "
                         "only the differences are local changes",
                         "most of its rules are not in any known Sendmail release: it is older, or "
                         "was modified extensively");
}

void rulesets_convert(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;

    map_no_check(draft);
    map_unknown(draft);
    for (size_t i = 0; i < sendmail->count; i++)
        if (sendmail->items[i].missing > 0)
            map_missing(draft, &sendmail->items[i]);
    for (size_t i = 0; i < sendmail->count; i++)
        if (!draft->fates[i].decided && !sendmail->items[i].overridden && !sendmail->items[i].stock)
            map_item(draft, &sendmail->items[i]);
}
