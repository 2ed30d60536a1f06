/*
 * sendmail_settle - which of several directives for the same thing is in effect: see
 * parser/sendmail/parts.h
 *
 * Source: m4/proto.m4 and mailer/ of Sendmail 8.17; the output of sendmail -bt for files with lines
 * in all of these places.
 */
#include "facts/sendmail.h"
#include "parser/sendmail/mc.h"
#include "parser/sendmail/parts.h"

static void override_item(struct sendmail_item *old, const struct sendmail_item *by)
{
    if (old == NULL)
        return;
    old->overridden = true;
    old->by = by;
}

/* the directives before MAILER that it uses (cf/mailer): later ones are too late */
static const struct {
    enum sendmail_item_kind kind;
    const char *name, *mailer;
} read_by_mailer[] = {
    {ITEM_DEFINE, "LOCAL_MAILER_", "local"},      {ITEM_DEFINE, "LOCAL_SHELL_", "local"},
    {ITEM_DEFINE, "SMTP_MAILER_", "smtp"},        {ITEM_DEFINE, "ESMTP_MAILER_", "smtp"},
    {ITEM_DEFINE, "SMTP8_MAILER_", "smtp"},       {ITEM_DEFINE, "DSMTP_MAILER_", "smtp"},
    {ITEM_DEFINE, "RELAY_MAILER_", "smtp"},       {ITEM_DEFINE, "PROCMAIL_MAILER_", "procmail"},
    {ITEM_DEFINE, "CYRUS_MAILER_", "cyrus"},      {ITEM_DEFINE, "CYRUS_BB_MAILER_", "cyrus"},
    {ITEM_DEFINE, "CYRUSV2_MAILER_", "cyrusv2"},  {ITEM_FEATURE, "local_procmail", "local"},
    {ITEM_FEATURE, "local_lmtp", "local"},        {ITEM_FEATURE, "smrsh", "local"},
    {ITEM_FEATURE, "always_add_domain", "local"}, {ITEM_FEATURE, "local_no_masquerade", "local"},
    {ITEM_FEATURE, "allmasquerade", "smtp"},
};

/* settle_late - directives that Sendmail reads too late have no effect */
static void settle_late(struct sendmail *sendmail)
{
    enum { ROWS = sizeof read_by_mailer / sizeof *read_by_mailer };
    bool seen[ROWS] = {false};

    for (size_t i = 0; i < sendmail->directive_count && !sendmail->is_cf; i++) {
        struct sendmail_item *item = &sendmail->items[i];
        for (size_t k = 0; k < ROWS; k++)
            if (item->kind == ITEM_MAILER) {
                seen[k] = seen[k] || str_is(item->name, read_by_mailer[k].mailer);
            } else if (seen[k] && item->kind == read_by_mailer[k].kind &&
                       str_starts(item->name, read_by_mailer[k].name)) {
                item->overridden = true;
                item->refused = "it comes after MAILER, which needs it before";
            }
    }
}

/* has_default - do Sendmail's own files set the define, so that there is always a line for it? */
static bool has_default(struct str define)
{
    size_t count;
    const struct m4_macro *macros = sendmail_macros(&count);

    for (size_t i = 0; i < count; i++)
        if (str_eq(macros[i].name, define))
            return macros[i].text.at != NULL;
    return false;
}

/* is_written_option - do Sendmail's own files put a line for this option after those of the .mc?  A
   second line for one of these options adds to the first */
static bool is_written_option(const struct sendmail_own *own, const struct sendmail_item *item)
{
    static const char *const adding[] = {"AliasFile", "PrivacyOptions", "DaemonPortOptions",
                                         "ClientPortOptions", "DontBlameSendmail"};
    const struct sendmail_fact *fact = facts_sendmail_option(item->name);

    for (size_t i = 0; fact != NULL && i < sizeof adding / sizeof *adding; i++)
        if (str_is(fact->option, adding[i]))
            return false;
    const struct sendmail_item *define = fact != NULL ? map_get(&own->defines, fact->name) : NULL;
    if (define != NULL)
        return define->kind == ITEM_DEFINE;
    return fact != NULL && has_default(fact->name);
}

/* is_written_macro - the same for a D line before all others */
static bool is_written_macro(const struct sendmail_own *own, const struct sendmail_item *item)
{
    static const char *const by[][2] = {
        {"S", ""},
        {"n", ""},
        {"Z", ""},
        {"R", "LOCAL_RELAY"},
        {"H", "MAIL_HUB"},
        {"L", "LUSER_RELAY"},
        {"j", "confDOMAIN_NAME"},
    };

    for (size_t i = 0; i < sizeof by / sizeof *by; i++)
        if (str_is(sendmail_argument(item, 0), by[i][0]))
            return by[i][1][0] == '\0' || map_get(&own->defines, str_of(by[i][1])) != NULL;
    return false;
}

/* settle_written - lines of the .mc that Sendmail's own lines replace (m4/proto.m4) */
static void settle_written(struct sendmail *sendmail)
{
    for (size_t i = 0; i < sendmail->directive_count && !sendmail->is_cf; i++) {
        struct sendmail_item *item = &sendmail->items[i];
        bool written = item->kind == ITEM_OPTION ? is_written_option(sendmail->own, item)
                       : item->kind == ITEM_CF_LINE && item->early && str_is(item->name, "D")
                           ? is_written_macro(sendmail->own, item)
                           : false;
        if (!written)
            continue;
        item->overridden = true;
        item->refused = "the line that its own files generate comes later and replaces it";
    }
}

/* settle_stock_option - sendmail.cf: one of Sendmail's own lines after one of the site's */
static void settle_stock_option(struct sendmail_own *own, const struct map *options,
                                struct sendmail_item *item)
{
    struct str name = sendmail_argument(item, 0);
    const struct sendmail_fact *fact = facts_sendmail_option(name);

    override_item(map_get(options, name), item);
    if (fact == NULL || map_get(&own->defines, fact->name) == NULL)
        return;
    override_item(map_get(&own->defines, fact->name), item);
    map_put(&own->defines, fact->name, item);
}

/* of two items with the same name, the later one is in effect */
void sendmail_settle(struct sendmail *sendmail)
{
    struct sendmail_own *own = sendmail->own;
    struct map options;

    settle_late(sendmail);
    map_init(&options, sendmail->arena);
    map_init(&own->defines, sendmail->arena);
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        struct sendmail_item *item = &sendmail->items[i];
        struct map *names = item->kind == ITEM_OPTION ? &options : &own->defines;
        if (item->kind == ITEM_CF_LINE && item->stock && str_is(item->name, "O"))
            settle_stock_option(own, &options, item);
        if (item->kind != ITEM_DEFINE && item->kind != ITEM_UNDEFINE && item->kind != ITEM_OPTION)
            continue;
        if (item->refused != NULL)
            continue;
        override_item(map_get(names, item->name), item->kind == ITEM_UNDEFINE ? NULL : item);
        map_put(names, item->name, item);
    }
    for (size_t i = 0; i < own->also_count; i++)
        if (own->also[i]->kind == ITEM_DEFINE && map_get(&own->defines, own->also[i]->name) == NULL)
            map_put(&own->defines, own->also[i]->name, own->also[i]);
    settle_written(sendmail);
}
