#include "convert/sendmail/session.h"

#include "convert/sendmail/value.h"
#include "parser/text/token.h"

static bool is_name_char(char c)
{
    return is_alnum(c) || c == '_';
}

/* replace_names - TEXT with the names of defines replaced by their values; *CHANGED if there were
   any */
static struct str replace_names(const struct draft *draft, struct str text, bool *changed)
{
    struct buffer out;

    buffer_init(&out, draft->arena);
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && is_name_char(text.at[end]))
            end++;
        if (end == at) {
            if (text.at[at] != '`' && text.at[at] != '\'')
                buffer_add_char(&out, text.at[at]);
            at++;
            continue;
        }
        struct str name = str_slice(text, at, end);
        const struct sendmail_item *define =
            sendmail_define(draft->sendmail, arena_cstr(draft->arena, name));
        if (define != NULL) {
            buffer_add(&out, sendmail_argument(define, 0));
            *changed = true;
        } else if (str_is(name, "MAIL_SETTINGS_DIR")) {
            buffer_add(&out, sendmail_default("MAIL_SETTINGS_DIR"));
        } else {
            buffer_add(&out, name);
        }
        at = end;
    }
    return buffer_str(&out);
}

/* expand_names - *CUT: there are names left to replace */
static struct str expand_names(const struct draft *draft, const struct sendmail_item *item,
                               bool *cut)
{
    struct str value = sendmail_item_value(draft, item);
    bool changed = item->kind == ITEM_DEFINE || item->kind == ITEM_MACRO;

    for (int i = 0; changed && i < SENDMAIL_REFERENCES_MAX && value.len < SENDMAIL_VALUE_MAX; i++) {
        changed = false;
        value = replace_names(draft, value, &changed);
    }
    *cut = changed;
    return str_trim(value);
}

struct str session_item_value(const struct draft *draft, const struct sendmail_item *item)
{
    bool cut;

    return expand_names(draft, item, &cut);
}

bool session_value_is_cut(const struct draft *draft, const struct sendmail_item *item)
{
    bool cut;

    expand_names(draft, item, &cut);
    return cut;
}

const struct sendmail_item *session_item(const struct draft *draft, const char *define)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, define);
    const struct sendmail_fact *fact = facts_sendmail(SENDMAIL_DEFINE, str_of(define));

    if (item != NULL || fact == NULL || fact->option.len == 0)
        return item;
    const struct sendmail_item *found = NULL;
    while ((item = sendmail_next(draft->sendmail, ITEM_OPTION, NULL, item)) != NULL)
        if (facts_sendmail_option(item->name) == fact)
            found = item;
    return found;
}

struct str session_value(const struct draft *draft, const char *define)
{
    const struct sendmail_item *item = session_item(draft, define);

    return item != NULL ? session_item_value(draft, item) : str_of("");
}

bool session_letter(struct str text, char letter)
{
    struct str word;

    while (token_next_plain(&text, TOKEN_COMMAS, &word))
        if (word.at[0] == letter)
            return true;
    return false;
}

bool session_tls_without_certificate(const struct draft *draft)
{
    return session_letter(session_value(draft, "confTLS_SRV_OPTIONS"), 'C') &&
           session_value(draft, "confSERVER_CERT").len == 0;
}

bool session_offers_tls(const struct draft *draft)
{
    static const char *const needed[] = {"confSERVER_CERT", "confSERVER_KEY", "confCACERT",
                                         "confCACERT_PATH"};

    if (session_letter(session_value(draft, "confTLS_SRV_OPTIONS"), 'C'))
        return true;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (session_value(draft, needed[i]).len == 0)
            return false;
    return true;
}

static bool is_daemon(const struct sendmail_item *item)
{
    if (item->overridden || item->stock)
        return false;
    switch (item->kind) {
    case ITEM_MACRO:
        return str_is(item->name, "DAEMON_OPTIONS");
    case ITEM_DEFINE:
        return str_is(item->name, "confDAEMON_OPTIONS");
    case ITEM_OPTION:
        return str_is_nocase(item->name, "DaemonPortOptions") || str_is(item->name, "O");
    default:
        return false;
    }
}

const struct sendmail_item *session_daemon(const struct draft *draft,
                                           const struct sendmail_item *after)
{
    const struct sendmail *sendmail = draft->sendmail;

    for (size_t i = after != NULL ? after->number + 1 : 0; i < sendmail->directive_count; i++)
        if (is_daemon(&sendmail->items[i]))
            return &sendmail->items[i];
    return NULL;
}

/* has_modifier - does the M= of a DAEMON_OPTIONS line contain LETTER? */
static bool has_modifier(struct str text, char letter)
{
    struct str modifiers = sendmail_pair(text, 'M');

    return str_find(modifiers, letter, 0) < modifiers.len;
}

bool session_offers_auth(const struct draft *draft)
{
    static const char *const defines[] = {"confAUTH_MECHANISMS", "confAUTH_REALM"};
    static const char server_letters[] = "acdfmpy";
    const struct sendmail_item *item = NULL;

    for (size_t i = 0; i < sizeof defines / sizeof *defines; i++)
        if (session_item(draft, defines[i]) != NULL)
            return true;
    for (size_t i = 0; i < sizeof server_letters - 1; i++)
        if (session_letter(session_value(draft, "confAUTH_OPTIONS"), server_letters[i]))
            return true;
    if (sendmail_next(draft->sendmail, ITEM_MACRO, "TRUST_AUTH_MECH", NULL) != NULL ||
        sendmail_next(draft->sendmail, ITEM_CLASS, "TrustAuthMech", NULL) != NULL)
        return true;
    while ((item = session_daemon(draft, item)) != NULL)
        if (has_modifier(session_item_value(draft, item), 'a'))
            return true;
    return false;
}
