/*
 * authinfo - the passwords of the client: FEATURE(`authinfo'), AuthInfo: in access, DefaultAuthInfo
 *
 * Sendmail looks up AuthInfo: with the name of the server, then with its address, then alone
 * (m4/proto.m4, Sauthinfo); in the access table a line also applies to subdomains.  A value
 * consists of quoted words: U: (the user to act as), I: (the login), P: (the password), R: (the
 * realm), M: (mechanisms); "=" instead of ":" precedes base64.  cf/README, SMTP AUTHENTICATION.
 */
#include <string.h>

#include "base/base64.h"
#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/auth.h"
#include "convert/server/modules.h"
#include "parser/text/token.h"

#define TAG "AuthInfo:"
#define INDEXED "sasl_passwd"
#define PATTERNS "sasl_passwd_patterns"

struct auth_info {
    struct str user, login, password, realm, mechanisms;
    bool broken; /* not valid base64 */
};

static struct str decode_password(struct arena *arena, struct str text, bool *broken)
{
    char *bytes = arena_alloc_raw(arena, text.len + 1);
    size_t len;

    if (!base64_decode(text, bytes, &len)) {
        *broken = true;
        return str_of("");
    }
    return (struct str){bytes, len};
}

/* take_word - the text between quotes, or up to a space */
static bool take_word(struct str *rest, struct str *word)
{
    struct str text = str_trim(*rest);

    if (text.len == 0)
        return false;
    if (text.at[0] == '"') {
        size_t end = str_find(text, '"', 1);
        *word = str_slice(text, 1, end);
        *rest = str_slice(text, end + 1, text.len);
        return true;
    }
    size_t end = str_span_not(text, 0, " \t");
    *word = str_slice(text, 0, end);
    *rest = str_slice(text, end, text.len);
    return true;
}

static struct auth_info read_info(struct arena *arena, struct str value)
{
    struct auth_info info = {.broken = false};
    struct str word;

    while (take_word(&value, &word)) {
        if (word.len < 2 || (word.at[1] != ':' && word.at[1] != '='))
            continue;
        struct str text = str_slice(word, 2, word.len);
        if (word.at[1] == '=')
            text = decode_password(arena, text, &info.broken);
        switch (word.at[0]) {
        case 'U':
        case 'u':
            info.user = text;
            break;
        case 'I':
        case 'i':
            info.login = text;
            break;
        case 'P':
        case 'p':
            info.password = text;
            break;
        case 'R':
        case 'r':
            info.realm = text;
            break;
        case 'M':
        case 'm':
            info.mechanisms = text;
            break;
        default:
            break;
        }
    }
    return info;
}

/* can the text be part of a table line? */
static bool is_table_text(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == '\177')
            return false;
    return true;
}

static bool is_address(struct str key)
{
    if (str_find(key, ':', 0) < key.len)
        return true;
    return key.len > 0 && str_span(key, 0, "0123456789.") == key.len;
}

/* add_pattern - adds an entry to the table of patterns; "$" is special in its results */
static void add_pattern(struct draft *draft, const struct sendmail_item *item, struct str domain,
                        struct str secret)
{
    struct draft_table *table = draft_table(draft, PATTERNS, DRAFT_REGEXP);
    struct buffer key, value;

    buffer_init(&key, draft->arena);
    buffer_init(&value, draft->arena);
    buffer_add_cstr(&key, domain.len > 0 ? "/\\." : "/");
    for (size_t i = 0; i < domain.len; i++) {
        if (!is_alnum(domain.at[i]) && domain.at[i] != '-')
            buffer_add_char(&key, '\\');
        buffer_add_char(&key, domain.at[i]);
    }
    buffer_add_cstr(&key, domain.len > 0 ? "$/" : "./");
    for (size_t i = 0; i < secret.len; i++) {
        if (secret.at[i] == '$')
            buffer_add_char(&value, '$');
        buffer_add_char(&value, secret.at[i]);
    }
    table->secret = true;
    draft_entry(draft, table, item, buffer_str(&key), buffer_str(&value));
}

static void add_entry(struct draft *draft, const struct sendmail_item *item, struct str key,
                      struct str secret, bool of_access)
{
    if (key.len > 0) {
        struct draft_table *table = draft_table(draft, INDEXED, DRAFT_INDEXED);
        table->secret = true;
        draft_entry(draft, table, item, key, secret);
    }
    if (key.len == 0 || (of_access && !is_address(key)))
        add_pattern(draft, item, key, secret);
}

/* find_problem - why the line cannot be converted, or NULL */
static const char *find_problem(const struct auth_info *info, struct str login)
{
    if (info->broken)
        return "its base64 is not valid";
    if (login.len == 0)
        return "it has no user (U: or I:)";
    if (info->password.len == 0)
        return "it has no password (P:)";
    if (str_find(login, ':', 0) < login.len)
        return "its user contains a colon, which ends the name in Postfix";
    if (!is_table_text(login) || !is_table_text(info->password))
        return "it contains bytes that are not valid in a table";
    if (is_space(info->password.at[info->password.len - 1]) || is_space(info->password.at[0]) ||
        is_space(login.at[0]))
        return "its user or password starts or ends with a space";
    return NULL;
}

static void map_line(struct draft *draft, const struct sendmail_item *item, bool of_access)
{
    struct auth_info info = read_info(draft->arena, sendmail_argument(item, 1));
    struct str login = info.login.len > 0 ? info.login : info.user;
    struct str key = str_slice(item->arguments[0], sizeof TAG - 1, item->arguments[0].len);
    const char *problem = find_problem(&info, login);

    if (str_starts(key, "[") && str_ends(key, "]"))
        key = str_slice(key, 1, key.len - 1);
    if (str_starts(key, "IPv6:"))
        key = str_slice(key, 5, key.len);
    if (problem != NULL || !sendmail_is_plain(key.len > 0 ? key : str_of("-"))) {
        draft_open_point(draft, item, "add its line to " INDEXED " by hand: host user:password",
                         "the line cannot be converted: %s",
                         problem != NULL ? problem : "its key is not valid");
        return;
    }
    add_entry(draft, item, key,
              arena_printf(draft->arena, "%.*s:%.*s", STR_ARG(login), STR_ARG(info.password)),
              of_access);
    draft_fate(draft, item, FATE_MAPPED, "%s of smtp_sasl_password_maps",
               key.len > 0 ? "an entry" : "the entry for all hosts");
    if (info.user.len > 0 && info.login.len > 0 && !str_eq(info.user, info.login))
        draft_open_point(draft, item, "find out whether the relay accepts the login alone",
                         "it acts as another user (U:) than the login (I:)");
    if (info.realm.len > 0)
        draft_fate(draft, item, FATE_MAPPED, "the server sets the realm (R:)");
    if (info.mechanisms.len > 0 && sendmail_is_plain(info.mechanisms)) {
        struct str rest = info.mechanisms, word;
        while (token_next_plain(&rest, TOKEN_COMMAS, &word))
            if (!str_is_nocase(word, "EXTERNAL"))
                draft_add(draft, item, PARAM_SMTP_SASL_MECHANISM_FILTER, RANK_AUTH, "%.*s",
                          STR_ARG(word));
    }
}

/* is_auth_info - is it a line with the tag that is in effect? */
static bool is_auth_info(const struct sendmail_item *item)
{
    return !item->overridden && item->argument_count > 0 &&
           str_is_nocase(str_slice(item->arguments[0], 0, sizeof TAG - 1), TAG);
}

static size_t map_lines(struct draft *draft, const char *table, bool used)
{
    const struct sendmail_item *item = NULL;
    bool of_access = strcmp(table, "access") == 0;
    size_t count = 0;

    while ((item = sendmail_next(draft->sendmail, ITEM_TABLE_LINE, table, item)) != NULL) {
        if (item->overridden || (of_access && !is_auth_info(item)))
            continue;
        if (!is_auth_info(item)) {
            draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail looks up only keys with AuthInfo:");
        } else if (!used) {
            draft_fate(
                draft, item, FATE_MEANINGLESS,
                "FEATURE(`authinfo') has a table of its own, and Sendmail looks up only that");
        } else {
            map_line(draft, item, of_access);
            count++;
        }
    }
    return count;
}

/* set_client - enables AUTH in the client.  Sendmail uses any mechanism */
static void set_client(struct draft *draft, const struct sendmail_item *from)
{
    static const struct {
        const char *name;
        enum draft_table_kind kind;
    } tables[] = {{INDEXED, DRAFT_INDEXED}, {PATTERNS, DRAFT_REGEXP}};
    const struct sendmail_item *chosen = session_item(draft, "confAUTH_MECHANISMS");

    draft_set(draft, from, PARAM_SMTP_SASL_AUTH_ENABLE, "yes");
    draft_set(draft, from, PARAM_SMTP_SASL_SECURITY_OPTIONS, "noanonymous");
    draft_reason(draft, PARAM_SMTP_SASL_SECURITY_OPTIONS,
                 "Sendmail's client also uses plaintext mechanisms");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (size_t k = 0; k < draft->table_count; k++)
            if (str_is(draft->tables[k]->name, tables[i].name))
                draft_add(draft, from, PARAM_SMTP_SASL_PASSWORD_MAPS, RANK_AUTH + (int)i, "%.*s",
                          STR_ARG(draft_table_ref(draft, draft->tables[k])));
    if (chosen == NULL)
        return;
    struct str rest = auth_offered(draft), word;
    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        if (!str_is_nocase(word, "EXTERNAL") && sendmail_is_plain(word))
            draft_add(draft, chosen, PARAM_SMTP_SASL_MECHANISM_FILTER, RANK_AUTH, "%.*s",
                      STR_ARG(word));
    draft_fate(draft, chosen, FATE_MAPPED, "also for the client: smtp_sasl_mechanism_filter");
}

static void map_feature(struct draft *draft, const struct sendmail_item *feature, size_t count)
{
    const struct sendmail_table *table = sendmail_table(draft->sendmail, "authinfo");

    if (table == NULL || table->source == NULL)
        draft_open_point(draft, feature,
                         "put the source text of the table next to the macro file and convert "
                         "again, or create " INDEXED ": host user:password",
                         "the source text of its table was not found");
    else if (count == 0)
        draft_fate(draft, feature, FATE_MAPPED, "its table has no line that is in effect");
    else
        draft_fate(draft, feature, FATE_MAPPED, "smtp_sasl_password_maps");
}

void authinfo_convert(struct draft *draft)
{
    const struct sendmail_item *feature = sendmail_feature(draft->sendmail, "authinfo");
    const struct sendmail_item *file = session_item(draft, "confDEF_AUTH_INFO");
    bool own = sendmail_table(draft->sendmail, "authinfo") != NULL;
    size_t count = map_lines(draft, "authinfo", true) + map_lines(draft, "access", !own);

    if (count > 0)
        set_client(draft, feature);
    if (feature != NULL)
        map_feature(draft, feature, count);
    if (file != NULL && session_value(draft, "confDEF_AUTH_INFO").len > 0)
        draft_open_point(
            draft, file,
            "add \"[relay] user:password\" with lines 1 (or 2) and 3 of that file to " INDEXED
            ", mode 0600, and set smtp_sasl_password_maps and smtp_sasl_auth_enable = yes",
            "the file with the client's password is not read here");
    else if (file != NULL)
        draft_fate(draft, file, FATE_ALREADY, "no file is set");
}
