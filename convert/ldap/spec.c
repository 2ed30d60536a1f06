/*
 * spec - the query of an LDAP map: see ldap.h
 */
#include <string.h>

#include "convert/ldap/ldap.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/value.h"
#include "parser/m4/include.h"
#include "parser/text/token.h"

/* --- reading ---------------------------------------------------------------------------------- */

static void skip_spaces(struct str *rest)
{
    *rest = str_slice(*rest, str_span(*rest, 0, TOKEN_BLANKS), rest->len);
}

/* find_word_end - the end of the word at the start of TEXT; spaces within double quotes are part of
   it */
static size_t find_word_end(struct str text)
{
    size_t at = 0;

    while (at < text.len && !is_space(text.at[at])) {
        if (text.at[at] == '"')
            at = str_find(text, '"', at + 1);
        at += at < text.len;
    }
    return at;
}

static struct str strip_quotes(struct str word)
{
    if (word.len == 0 || word.at[0] != '"')
        return word;
    return str_slice(word, 1, str_find(word, '"', 1));
}

/* find_setting - where the value of a flag is stored, or NULL */
static struct str *find_setting(struct ldap_spec *spec, char flag)
{
    switch (flag) {
    case 'h':
        return &spec->hosts;
    case 'H':
        return &spec->uri;
    case 'p':
        return &spec->port;
    case 'b':
        return &spec->base;
    case 'd':
        return &spec->bind_dn;
    case 'M':
        return &spec->method;
    case 'P':
        return &spec->secret;
    case 'w':
        return &spec->version;
    case 's':
        return &spec->scope;
    case 'r':
        return &spec->dereference;
    case 'l':
        return &spec->seconds;
    case 'Z':
        return &spec->size;
    case 'k':
        return &spec->filter;
    case 'v':
        return &spec->attributes;
    default:
        return NULL;
    }
}

/* flags about error handling and connections, which do not affect the result */
static const char quiet_flags[] = "1RDtofNOqScxT";
/* of these, the flags whose value may be the next word */
static const char quiet_values[] = "cx";

static void read_flag(struct ldap_spec *spec, char flag, struct str *rest)
{
    struct str *place = find_setting(spec, flag);

    spec->single = spec->single || flag == '1';
    spec->no_referrals = spec->no_referrals || flag == 'R';
    if (place == NULL && strchr(quiet_flags, flag) == NULL && spec->odd.len == 0)
        spec->odd = str_slice((struct str){rest->at - 2, rest->len + 2}, 0, 2);
    if (place != NULL || strchr(quiet_values, flag) != NULL)
        skip_spaces(rest);
    struct str word = str_slice(*rest, 0, find_word_end(*rest));
    if (place != NULL)
        *place = strip_quotes(word);
    *rest = str_slice(*rest, word.len, rest->len);
}

void ldap_spec_read(struct arena *arena, struct str text, struct ldap_spec *spec)
{
    struct str rest = arena_copy(arena, text);

    for (skip_spaces(&rest); rest.len > 1 && rest.at[0] == '-' && rest.at[1] != '\0';
         skip_spaces(&rest)) {
        char flag = rest.at[1];
        rest = str_slice(rest, 2, rest.len);
        read_flag(spec, flag, &rest);
    }
}

struct ldap_spec ldap_spec_default(const struct draft *draft)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confLDAP_DEFAULT_SPEC");
    struct ldap_spec spec;
    struct str text = item != NULL ? sendmail_item_value(draft, item)
                                   : sendmail_value(draft->sendmail, "confLDAP_DEFAULT_SPEC");

    memset(&spec, 0, sizeof spec);
    if (text.at != NULL)
        ldap_spec_read(draft->arena, text, &spec);
    return spec;
}

/* --- filters ---------------------------------------------------------------------------------- */

struct str ldap_cluster(const struct draft *draft)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confLDAP_CLUSTER");

    if (item != NULL)
        return sendmail_item_value(draft, item);
    item = NULL;
    while ((item = sendmail_next(draft->sendmail, ITEM_CF_LINE, "D", item)) != NULL)
        if (str_is(sendmail_argument(item, 0), "sendmailMTACluster"))
            return str_trim(sendmail_argument(item, 1));
    return STR_NONE;
}

/* read_macro - the value of "$j" or "${sendmailMTACluster}" at the start of TEXT; LEN is set to its
   length */
static struct str read_macro(const struct draft *draft, struct str text, size_t *len)
{
    static const char cluster[] = "${sendmailMTACluster}";

    if (str_starts(text, "$j")) {
        *len = 2;
        return addresses_own_name(draft);
    }
    if (str_starts(text, cluster)) {
        *len = sizeof cluster - 1;
        return ldap_cluster(draft);
    }
    return STR_NONE;
}

struct str ldap_filter(const struct draft *draft, struct str filter, const char *key)
{
    struct buffer out;
    size_t len = 1;

    buffer_init(&out, draft->arena);
    for (size_t i = 0; i < filter.len; i += len) {
        char next = i + 1 < filter.len ? filter.at[i + 1] : '\0';
        len = 1;
        if (filter.at[i] == '%') {
            if (next != '0' && next != 's' && next != '%')
                return STR_NONE;
            buffer_add_cstr(&out, next == '%' ? "%%" : key);
            len = 2;
        } else if (filter.at[i] == '$') {
            struct str value = read_macro(draft, str_slice(filter, i, filter.len), &len);
            if (value.at == NULL)
                return STR_NONE;
            buffer_add(&out, value);
        } else {
            buffer_add_char(&out, filter.at[i]);
        }
    }
    return buffer_str(&out);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Sendmail's words, with or without libldap's prefixes, and the values of Postfix */
static const struct ldap_word {
    const char *word, *value;
} scopes[] = {{"base", "base"}, {"one", "one"}, {"sub", "sub"}},
  dereferences[] = {{"never", "0"}, {"always", "3"}, {"search", "1"}, {"find", "2"}};

static const char *find_word_value(const struct ldap_word *words, size_t count, const char *prefix,
                                   struct str text)
{
    size_t skip = strlen(prefix);

    if (text.len > skip && str_is_nocase(str_slice(text, 0, skip), prefix))
        text = str_slice(text, skip, text.len);
    for (size_t i = 0; i < count; i++)
        if (text.len >= strlen(words[i].word) &&
            str_is_nocase(str_slice(text, 0, strlen(words[i].word)), words[i].word))
            return words[i].value;
    return NULL;
}

static void add_setting(struct draft *draft, struct draft_table *table,
                        const struct sendmail_item *item, const char *name, struct str value)
{
    draft_entry(draft, table, item, str_of(name), arena_copy(draft->arena, value));
}

/* add_server - host names with one port, or URIs */
static void add_server(struct draft *draft, struct draft_table *table,
                       const struct sendmail_item *item, const struct ldap_spec *spec)
{
    struct str server = spec->uri.len > 0 ? spec->uri : spec->hosts;

    if (server.len == 0)
        draft_open_point(draft, item,
                         "look up URI (or HOST) in ldap.conf(5) on the old host and set "
                         "server_host in the ldap_table(5) files",
                         "the source does not name an LDAP server: Sendmail's library uses "
                         "ldap.conf, or else localhost");
    add_setting(draft, table, item, "server_host", server.len > 0 ? server : str_of("localhost"));
    if (spec->port.len > 0 && spec->uri.len == 0)
        add_setting(draft, table, item, "server_port", spec->port);
    add_setting(draft, table, item, "version", spec->version.len > 0 ? spec->version : str_of("3"));
}

static void add_base(struct draft *draft, struct draft_table *table,
                     const struct sendmail_item *item, const struct ldap_spec *spec)
{
    const char *scope =
        find_word_value(scopes, sizeof scopes / sizeof *scopes, "LDAP_SCOPE_", spec->scope);

    if (spec->base.len == 0)
        draft_open_point(draft, item,
                         "look up BASE in ldap.conf(5) on the old host and set search_base in the "
                         "ldap_table(5) files",
                         "the source does not name a search base: Sendmail's library uses "
                         "ldap.conf, Postfix does not");
    add_setting(draft, table, item, "search_base", spec->base);
    if (scope != NULL)
        add_setting(draft, table, item, "scope", str_of(scope));
}

/* read_password - the first line of the password file if that is next to the source */
static struct str read_password(struct draft *draft, struct str path)
{
    struct m4_directories directories = {
        .paths = &draft->sendmail->directory, .count = 1, .size_max = M4_INCLUDE_SIZE_MAX};

    while (path.len > 0) {
        const struct source *source = m4_include_open(&directories, draft->arena, path);
        if (source != NULL)
            return str_slice(source->bytes, 0, str_find(source->bytes, '\n', 0));
        if (directories.unreadable.at != NULL)
            draft->unreadable =
                arena_printf(draft->arena, "%.*s: cannot read: %s", STR_ARG(directories.unreadable),
                             strerror(directories.reason));
        path = str_slice(path, str_find(path, '/', 0) + 1, path.len);
    }
    return STR_NONE;
}

static void add_credentials(struct draft *draft, struct draft_table *table,
                            const struct sendmail_item *item, const struct ldap_spec *spec)
{
    struct str method = spec->method, password = STR_NONE;

    if (method.len > 10 && str_is_nocase(str_slice(method, 0, 10), "LDAP_AUTH_"))
        method = str_slice(method, 10, method.len);
    if (spec->bind_dn.len == 0 || str_is_nocase(method, "none")) {
        add_setting(draft, table, item, "bind", str_of("no"));
        return;
    }
    if (method.len > 0 && !str_is_nocase(method, "simple"))
        draft_open_point(draft, item,
                         "choose bind = sasl with the mechanisms of the LDAP server, or a name "
                         "with a password: see ldap_table(5)",
                         "Postfix does not support the bind method %.*s", STR_ARG(method));
    if (spec->secret.len > 0)
        password = read_password(draft, spec->secret);
    if (password.at == NULL)
        draft_open_point(
            draft, item,
            "set bind_pw in the ldap_table(5) files, which must be readable by root only",
            "the password for %.*s was not found; it is in %.*s", STR_ARG(spec->bind_dn),
            STR_ARG(spec->secret.len > 0 ? spec->secret : str_of("no file")));
    add_setting(draft, table, item, "bind", str_of("yes"));
    add_setting(draft, table, item, "bind_dn", spec->bind_dn);
    add_setting(draft, table, item, "bind_pw", password.at != NULL ? password : str_of(""));
    table->secret = true;
}

static void add_search(struct draft *draft, struct draft_table *table,
                       const struct sendmail_item *item, const struct ldap_spec *spec)
{
    const char *dereference = find_word_value(
        dereferences, sizeof dereferences / sizeof *dereferences, "LDAP_DEREF_", spec->dereference);

    if (dereference != NULL)
        add_setting(draft, table, item, "dereference", str_of(dereference));
    if (!spec->no_referrals)
        add_setting(draft, table, item, "chase_referrals", str_of("yes"));
    if (spec->seconds.len > 0 && str_is_digits(spec->seconds) && spec->seconds.at[0] != '0')
        add_setting(draft, table, item, "timeout", spec->seconds);
    if (spec->size.len > 0 && str_is_digits(spec->size) && !spec->single)
        add_setting(draft, table, item, "size_limit", spec->size);
}

struct draft_table *ldap_table(struct draft *draft, const struct sendmail_item *item,
                               const char *name, const struct ldap_spec *spec, struct str filter,
                               struct str attribute, const char *format)
{
    struct draft_table *table = draft_find_table(draft, name);

    if (table != NULL)
        return table;
    table = draft_table(draft, name, DRAFT_LDAP);
    add_server(draft, table, item, spec);
    add_credentials(draft, table, item, spec);
    add_base(draft, table, item, spec);
    add_search(draft, table, item, spec);
    add_setting(draft, table, item, "query_filter", filter);
    add_setting(draft, table, item, "result_attribute", attribute);
    if (format != NULL)
        add_setting(draft, table, item, "result_format", str_of(format));
    return table;
}
