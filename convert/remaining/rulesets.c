/*
 * rulesets - lines of sendmail.cf in a macro file, and local lines of a sendmail.cf
 *
 * The macros that lead them in (LOCAL_CONFIG, LOCAL_RULE_0, ...) only say where in sendmail.cf the
 * lines go.  Classes and macros that Sendmail's own files give a meaning are the other modules';
 * what is left here is the site's own.  A rule has no equivalent that could be told from its text;
 * a class, macro or map counts where a rule uses it, and else says nothing.
 */
#include <string.h>

#include "convert/remaining/modules.h"
#include "convert/sendmail/value.h"

/* where the rules of a section act, and what to think of in Postfix */
static const struct {
    const char *section, *acts, *advice;
} sections[] = {
    {"LOCAL_RULE_0", "chooses the way of addresses",
     "write what it does into transport_maps or virtual_alias_maps"},
    {"LOCAL_RULE_1", "rewrites senders", "write what it does into sender_canonical_maps"},
    {"LOCAL_RULE_2", "rewrites recipients", "write what it does into recipient_canonical_maps"},
    {"LOCAL_RULE_3", "rewrites addresses before all else",
     "write what it does into canonical_maps (a pcre table)"},
    {"LOCAL_NET_CONFIG", "chooses the way to other hosts",
     "write what it does into transport_maps"},
    {"LOCAL_UUCP", "chooses the way of UUCP addresses", "write what it does into transport_maps"},
    {"LOCAL_DNSBL", "asks DNS lists",
     "write the lists with reject_rbl_client, and permit_dnswl_client, into "
     "smtpd_recipient_restrictions"},
    {"LOCAL_RULESETS", "is part of a ruleset of the site",
     "checks become check_client_access, check_sender_access, check_recipient_access, "
     "header_checks or a policy service (SMTPD_POLICY_README)"},
    {"LOCAL_SRV_FEATURES", "chooses what clients are offered",
     "write smtpd_discard_ehlo_keyword_address_maps"},
    {"LOCAL_CLT_FEATURES", "chooses what servers are asked for", "write smtp_tls_policy_maps"},
    {"LOCAL_TLS_CLIENT", "judges the TLS of clients",
     "write check_ccert_access or smtpd_tls_req_ccert"},
    {"LOCAL_TLS_SERVER", "judges the TLS of servers", "write smtp_tls_policy_maps"},
    {"LOCAL_TLS_RCPT", "judges TLS by the recipient", "write smtp_tls_policy_maps"},
    {"LOCAL_TRY_TLS", "says whom TLS is tried with", "write smtp_tls_policy_maps (none, may)"},
    {"MAILER_DEFINITIONS", "is part of a mailer of the site",
     "write a service with pipe(8) into master.cf, and name it in transport_maps"},
};

/* classes and macros of Sendmail's own files that mean nothing here */
static const struct {
    enum sendmail_item_kind kind;
    const char *name, *says;
} idle[] = {
    {ITEM_CLASS, "P", "names that stand for no domain: Sendmail's own"},
    {ITEM_CLASS, "O", "characters of addresses: Sendmail's own"},
    {ITEM_CLASS, ".", "characters of addresses: Sendmail's own"},
    {ITEM_CLASS, "[", "characters of addresses: Sendmail's own"},
    {ITEM_CLASS, "e", "the encodings that Sendmail knows"},
    {ITEM_CLASS, "n", "types of content that are not looked into"},
    {ITEM_CLASS, "q", "types of content that are not recoded"},
    {ITEM_CLASS, "s", "types of content that are not recoded"},
    {ITEM_CLASS, "src", "Sendmail's own"},
    {ITEM_CLASS, "dst", "Sendmail's own"},
    {ITEM_CLASS, "tls", "Sendmail's own"},
    {ITEM_CLASS, "checkMIMEFieldBodies", "headers whose length is bounded"},
    {ITEM_CLASS, "checkMIMEHeaders", "headers whose length is bounded"},
    {ITEM_CF_LINE, "n", "the name that bounces come from; Postfix's is MAILER-DAEMON"},
    {ITEM_CF_LINE, "Z", "the version of the configuration"},
    {ITEM_CF_LINE, "l", "how the From_ line looks"},
    {ITEM_CF_LINE, "o", "characters of addresses: Sendmail's own"},
    {ITEM_CF_LINE, "q", "how a From header looks"},
    {ITEM_CF_LINE, "e", "the greeting of Sendmail before 8.7"},
};

static bool is_rule(const struct sendmail_item *item)
{
    return (item->kind == ITEM_TEXT && item->argument_count > 0 &&
            str_starts(item->arguments[0], "R")) ||
           (item->kind == ITEM_CF_LINE && str_is(item->name, "R"));
}

/* uses - does one of the site's rules or another line hold NEEDLE? */
static bool uses(const struct draft *draft, const struct sendmail_item *except, const char *needle)
{
    const struct sendmail *sendmail = draft->sendmail;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item == except || item->stock)
            continue;
        for (size_t k = 0; k < item->argument_count; k++)
            if (str_search(item->arguments[k], needle) < item->arguments[k].len)
                return true;
    }
    return false;
}

static bool say_idle(struct draft *draft, const struct sendmail_item *item, struct str name)
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
        if (uses(draft, item, needles[i])) {
            draft_open_point(draft, item, "carry it over with the rules that use it",
                             "%s of the site's own rules", what);
            return;
        }
    draft_fate(draft, item, FATE_MEANINGLESS, "%s that no rule of the site uses", what);
}

static void map_class(struct draft *draft, const struct sendmail_item *item)
{
    const char *name = arena_cstr(draft->arena, item->name);
    const char *braces = item->name.len > 1 ? "{" : "", *end = item->name.len > 1 ? "}" : "";
    const char *needles[] = {
        arena_printf(draft->arena, "$=%s%s%s", braces, name, end).at,
        arena_printf(draft->arena, "$~%s%s%s", braces, name, end).at,
    };

    if (!say_idle(draft, item, item->name))
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

    if (!say_idle(draft, item, name))
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
    draft_open_point(draft, item, "look at what it does and carry it over by hand",
                     "\"%.*s\" is a line of the site's own", STR_ARG(text));
}

/* shown - the first line of the text, without tabs and not too long */
static struct str shown(struct arena *arena, struct str text)
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

/* map_header - "HX-Mark: text" adds one, "HSubject: $>Check" lets a ruleset look at it */
static void map_header(struct draft *draft, const struct sendmail_item *item, struct str text)
{
    if (str_search(text, "$>") < text.len)
        draft_open_point(draft, item, "write what the ruleset refuses into header_checks",
                         "\"%.*s\" lets a ruleset judge the mail by a header", STR_ARG(text));
    else
        draft_open_point(draft, item,
                         "add it with PREPEND in smtpd_recipient_restrictions or header_checks, or "
                         "leave it out",
                         "\"%.*s\" adds a header", STR_ARG(text));
}

static void map_text(struct draft *draft, const struct sendmail_item *item)
{
    struct str line = sendmail_argument(item, 0);
    struct str text = shown(draft->arena, line);
    char letter = line.len > 0 ? line.at[0] : '\0';

    if (letter == 'H')
        map_header(draft, item, text);
    else if (letter == 'M' || letter == 'X')
        draft_open_point(draft, item,
                         "write a service with pipe(8) into master.cf, and name it in "
                         "transport_maps",
                         "\"%.*s\" defines a program that mail is given to", STR_ARG(text));
    else if (letter == 'S' && !is_rule(item))
        draft_open_point(draft, item, "carry it over with the rules that follow it",
                         "\"%.*s\" starts a ruleset", STR_ARG(text));
    else if (item->name.len == 0)
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "\"%.*s\" is neither a macro of Sendmail's nor a line of sendmail.cf",
                   STR_ARG(text));
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
    struct str line = shown(draft->arena, buffer_str(&text));
    switch (letter) {
    case 'D':
        map_macro(draft, item);
        break;
    case 'K':
        map_map(draft, item);
        break;
    case 'F':
        draft_open_point(draft, item, "carry it over with the rules that use it",
                         "\"%.*s\" fills a class of the site's own from a file", STR_ARG(line));
        break;
    case 'E':
        draft_open_point(draft, item, "set import_environment and export_environment if needed",
                         "\"%.*s\" sets a variable of the environment", STR_ARG(line));
        break;
    case 'H':
        map_header(draft, item, line);
        break;
    case 'Q':
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "a group of queues; Postfix has one queue that is fair to all destinations");
        break;
    default:
        draft_open_point(draft, item, "look at what it does and carry it over by hand",
                         "\"%.*s\" is a line of the site's own", STR_ARG(line));
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

static bool leads_in(const struct sendmail_item *item)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    return item->kind == ITEM_MACRO && fact != NULL && str_is(fact->module, "rulesets");
}

/* is there a table of this line's that has a fate of its own? */
static bool names_table(const struct draft *draft, const struct sendmail_item *item)
{
    for (size_t i = 0; i < draft->sendmail->table_count; i++)
        if (draft->sendmail->tables[i].from == item && draft->sendmail->tables[i].count > 0)
            return true;
    return false;
}

/* map_missing - what is said of a ruleset beside the line that starts it */
static void map_missing(struct draft *draft, const struct sendmail_item *item)
{
    draft_open_point(draft, item,
                     "compare the ruleset with the one that Sendmail's m4 makes, and carry over by "
                     "hand what the change was meant to do",
                     "%zu of the rules that Sendmail's own files put into this ruleset %s taken "
                     "away: what they did is not done any more",
                     item->missing, item->missing == 1 ? "was" : "were");
}

static void map_item(struct draft *draft, const struct sendmail_item *item)
{
    if (leads_in(item))
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "it says where the lines behind it go, and they have fates of their own");
    else if (item->kind == ITEM_TEXT)
        map_text(draft, item);
    else if (item->kind == ITEM_CLASS)
        map_class(draft, item);
    else if (item->kind == ITEM_CF_LINE)
        map_line(draft, item);
    else if (item->kind == ITEM_TABLE_LINE && item->table != NULL &&
             item->table->kind == ITEM_CF_LINE && names_table(draft, item->table))
        draft_open_point(draft, item, "carry it over with the rules that use its table",
                         "a line of a table of the site's own");
}

/* has_ruleset - does a line of sendmail.cf start it? */
static bool has_ruleset(const struct sendmail *sendmail, const char *name)
{
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        struct str text = span_str(sendmail->items[i].span);
        if (str_starts(text, "S") && str_starts(str_slice(text, 1, text.len), name))
            return true;
    }
    return false;
}

/* map_no_check - Sendmail relays for everyone unless the ruleset check_rcpt says no */
static void map_no_check(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;

    if (sendmail->is_cf && sendmail->directive_count > 0 && !has_ruleset(sendmail, "check_rcpt"))
        draft_open_point(draft, &sendmail->items[0],
                         "name those who may relay in mynetworks, or let them authenticate",
                         "there is no ruleset check_rcpt, so that this Sendmail relays for "
                         "everyone; Postfix will not");
}

/* map_unknown - a sendmail.cf of a release that is not known here; m4 makes more rules than who
   writes them by hand */
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
                         "convert the macro file that it was made of, if that is there; else look "
                         "at what a Sendmail of that age makes of one: only what differs is the "
                         "site's own",
                         "most of its rules are of no Sendmail that is known here: it is older, or "
                         "much was changed");
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
