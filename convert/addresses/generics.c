/*
 * generics - the addresses that users have outside this host
 *
 * Sendmail looks up senders in headers in genericstable, with masquerade_envelope also envelope
 * senders, with allmasquerade also header recipients; but only addresses in class G and names
 * without a domain (m4/proto.m4, MasqHdr).  sender_canonical_maps with its classes does the same.
 * With local_no_masquerade the senders of mail for local users are not rewritten; only
 * smtp_generic_maps can do that, which has no classes.
 *
 * The order in Sendmail: user+detail@domain, user+*@domain, user@domain, @domain, user.
 * canonical(5) looks up the bare user before @domain, and for every domain of this host.  So a key
 * without a domain is written for each domain of the class that has no line of its own.
 */
#include "convert/addresses/masquerade.h"
#include "convert/addresses/modules.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"

#define TABLE "genericstable"
#define PATTERNS "genericstable_patterns"

struct generics {
    struct draft *draft;
    struct class_members domains;
    struct draft_table *table;
    struct map domain_lines; /* "example.com" where "@example.com" is a key */
    struct map addresses;    /* keys with a user and a domain */
    struct str own, target;  /* from MASQUERADE_AS */
    struct class_members local, masqueraded;
    struct buffer own_entries; /* of an inline: table, for when only Postfix knows the host's
                                  name */
    bool entire;
    bool narrow; /* this host has names that are not in class G */
};

/* the size limit of a table in main.cf */
enum { OWN_ENTRIES_MOST = 8000 };

static bool is_asked(const struct generics *generics, struct str domain)
{
    return class_has(&generics->domains, domain) ||
           (generics->entire && class_covers(&generics->domains, domain)) ||
           (generics->own.at != NULL && str_eq_nocase(domain, generics->own));
}

/* --- keys ------------------------------------------------------------------------------------- */

static void add_entry(struct generics *generics, const struct sendmail_item *line, struct str key,
                      struct str value)
{
    draft_entry(generics->draft, generics->table, line,
                addresses_lower(generics->draft->arena, key), value);
}

/* keep_result - canonical(5) looks up the result again, and masquerading would rewrite it, which
   Sendmail does not do: an entry maps it to itself */
static void keep_result(struct generics *generics, const struct sendmail_item *line,
                        struct str value)
{
    struct str key = addresses_lower(generics->draft->arena, value);
    struct str domain = addresses_domain(key);

    if (generics->target.len == 0 || domain.len == key.len ||
        str_eq_nocase(domain, generics->target) || map_get(&generics->addresses, key) != NULL ||
        (!class_has(&generics->local, domain) && !class_covers(&generics->masqueraded, domain)))
        return;
    map_put(&generics->addresses, key, generics);
    add_entry(generics, line, key, value);
}

/* add_own - the key USER, without a domain, for a host name that only Postfix knows; as it is, the
   key would match all names of the host */
static void add_own(struct generics *generics, const struct sendmail_item *line, struct str user,
                    struct str value)
{
    bool full = generics->own_entries.len > OWN_ENTRIES_MOST;

    if (generics->narrow && full)
        draft_open_point(
            generics->draft, line,
            "replace the user by user@host.example.com, with the host's own name",
            "the users before it take %d bytes, the most for the value of a parameter: "
            "it matches all names of the host",
            OWN_ENTRIES_MOST);
    if (!generics->narrow || full || str_span_not(user, 0, "{}$=, ") < user.len ||
        str_span_not(value, 0, "{}$, ") < value.len)
        add_entry(generics, line, user, value);
    else
        buffer_printf(&generics->own_entries, "%s{%.*s@$myhostname = %.*s}",
                      generics->own_entries.len > 0 ? ", " : "", STR_ARG(user), STR_ARG(value));
}

/* add_pattern - USER followed by DETAIL in a domain, with BELOW also in its subdomains */
static void add_pattern(struct generics *generics, const struct sendmail_item *line,
                        struct str user, const char *detail, struct str domain, bool below,
                        struct str value)
{
    struct draft *draft = generics->draft;
    struct buffer pattern, result;

    buffer_init(&pattern, draft->arena);
    buffer_init(&result, draft->arena);
    buffer_add_cstr(&pattern, "/^");
    addresses_quote(&pattern, user);
    buffer_add_cstr(&pattern, detail);
    buffer_add_cstr(&pattern, below ? "@(.+\\.)?" : "@");
    addresses_quote(&pattern, domain);
    buffer_add_cstr(&pattern, "$/");
    addresses_quote_result(&result, value);
    draft_entry(draft, draft_table(draft, PATTERNS, DRAFT_REGEXP), line, buffer_str(&pattern),
                buffer_str(&result));
}

/* add_for_domain - the key USER, without a domain, for one domain */
static void add_for_domain(struct generics *generics, const struct sendmail_item *line,
                           struct str user, struct str domain, struct str value)
{
    domain = addresses_lower(generics->draft->arena, domain);
    struct str address =
        arena_printf(generics->draft->arena, "%.*s@%.*s", STR_ARG(user), STR_ARG(domain));

    if (map_get(&generics->domain_lines, domain) != NULL)
        return;
    if (str_ends(user, "+*"))
        add_pattern(generics, line, str_slice(user, 0, user.len - 2), "\\+.*", domain,
                    generics->entire, value);
    else if (generics->entire)
        add_pattern(generics, line, user, "(\\+.*)?", domain, true, value);
    else if (map_get(&generics->addresses, address) == NULL)
        add_entry(generics, line, address, value);
}

static void map_user(struct generics *generics, const struct sendmail_item *line, struct str user,
                     struct str value)
{
    for (size_t i = 0; i < generics->domains.count; i++)
        add_for_domain(generics, line, user, generics->domains.at[i].word, value);
    if (generics->own.at != NULL && !class_has(&generics->domains, generics->own))
        add_for_domain(generics, line, user, generics->own, value);
    if (generics->own.at == NULL && !str_ends(user, "+*"))
        add_own(generics, line, user, value);
    bool other = generics->own.at == NULL || !class_has(&generics->domains, generics->own);
    draft_fate(generics->draft, line, FATE_MAPPED, "%s: %.*s to %.*s%s",
               parameter_name(masquerade_list(generics->draft)).at, STR_ARG(user), STR_ARG(value),
               other ? "; in Postfix this includes addresses with the name of this host, as every "
                       "address has a domain"
                     : "");
}

static void map_line(struct generics *generics, const struct sendmail_item *line)
{
    struct draft *draft = generics->draft;
    struct str key = addresses_lower(draft->arena, line->arguments[0]);
    struct str value = str_trim(sendmail_argument(line, 1)), domain = addresses_domain(key);
    size_t at = key.len - domain.len;

    if (value.len == 0 || str_span_not(value, 0, " \t,;%<>()|:\\") < value.len) {
        draft_open_point(draft, line, "add an equivalent to sender_canonical_maps",
                         "the result is not a plain address: %.*s", STR_ARG(value));
        return;
    }
    keep_result(generics, line, value);
    if (at == 0) {
        map_user(generics, line, key, value);
        return;
    }
    if (!is_asked(generics, domain) && !generics->domains.incomplete && generics->own.at != NULL) {
        draft_fate(draft, line, FATE_MEANINGLESS,
                   "%.*s is not in GENERICS_DOMAIN, so Sendmail does not look it up in this table",
                   STR_ARG(domain));
        return;
    }
    if (at > 3 && str_ends(str_slice(key, 0, at - 1), "+*"))
        add_pattern(generics, line, str_slice(key, 0, at - 3), "\\+.*", domain, false, value);
    else
        add_entry(generics, line, key, value);
    draft_fate(draft, line, FATE_MAPPED, "%s: %.*s to %.*s",
               parameter_name(masquerade_list(draft)).at, STR_ARG(key), STR_ARG(value));
    if (!is_asked(generics, domain) && !generics->domains.incomplete)
        draft_open_point(
            draft, line,
            "keep the line if the domain is the name of this host, remove it otherwise",
            "%.*s is not in GENERICS_DOMAIN, and the name of this host is not in the source",
            STR_ARG(domain));
}

/* --- the module ------------------------------------------------------------------------------- */

static void find_keys(struct generics *generics)
{
    const struct sendmail_item *line = NULL;

    map_init(&generics->domain_lines, generics->draft->arena);
    map_init(&generics->addresses, generics->draft->arena);
    while ((line = addresses_line(generics->draft, TABLE, line)) != NULL) {
        struct str key = addresses_lower(generics->draft->arena, line->arguments[0]);
        if (key.at[0] == '@')
            map_put(&generics->domain_lines, str_slice(key, 1, key.len), generics);
        else
            map_put(&generics->addresses, key, generics);
    }
}

static void read_masquerading(struct generics *generics)
{
    struct draft *draft = generics->draft;
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, ITEM_MACRO, "MASQUERADE_AS", item)) != NULL)
        generics->target = str_trim(sendmail_argument(item, 0));
    class_read(draft, &class_masquerade, &generics->masqueraded);
    class_read_local(draft, &generics->local);
    buffer_init(&generics->own_entries, draft->arena);
    for (size_t i = 0; i < generics->local.count; i++)
        if (!is_asked(generics, generics->local.at[i].word))
            generics->narrow = draft_has_table_type(draft, "inline");
}

static void decide_domains(struct generics *generics, bool used)
{
    struct draft *draft = generics->draft;

    for (size_t i = 0; i < generics->domains.count; i++) {
        const struct class_member *member = &generics->domains.at[i];
        if (used)
            draft_fate(draft, member->item, FATE_MAPPED,
                       "senders in %.*s are looked up in the table", STR_ARG(member->word));
        else
            draft_fate(draft, member->item, FATE_MEANINGLESS, "there is no genericstable");
    }
    class_decide_files(draft, &class_generics, "senders in its domains are looked up");
    feature_decide(draft, "generics_entire_domain", used ? FATE_MAPPED : FATE_MEANINGLESS,
                   used ? "lines for a user also match in subdomains"
                        : "there is no genericstable");
}

void generics_convert(struct draft *draft)
{
    struct generics generics = {.draft = draft, .own = addresses_own_name(draft)};
    const struct sendmail_item *line = NULL, *feature;
    bool at_hand = addresses_table(draft, TABLE);

    generics.entire = feature_is_on(draft, "generics_entire_domain");
    class_read(draft, &class_generics, &generics.domains);
    decide_domains(&generics, at_hand || sendmail_table(draft->sendmail, TABLE) != NULL);
    if (!at_hand)
        return;
    generics.table = draft_table(draft, TABLE, DRAFT_INDEXED);
    find_keys(&generics);
    read_masquerading(&generics);
    while ((line = addresses_line(draft, TABLE, line)) != NULL)
        map_line(&generics, line);
    map_give_back(&generics.addresses);
    map_give_back(&generics.domain_lines);
    feature = sendmail_table(draft->sendmail, TABLE)->from;
    masquerade_add(draft, feature, 100, draft_table_ref(draft, generics.table));
    if (draft_find_table(draft, PATTERNS) != NULL)
        masquerade_add(draft, feature, 110,
                       draft_table_ref(draft, draft_find_table(draft, PATTERNS)));
    if (generics.own_entries.len > 0)
        masquerade_add(draft, feature, 105,
                       arena_printf(draft->arena, "inline:{%.*s}",
                                    STR_ARG(buffer_str(&generics.own_entries))));
    addresses_drop_details(draft);
    draft_fate(draft, feature, FATE_MAPPED, "its lines are in %s",
               parameter_name(masquerade_list(draft)).at);
    feature_decide(draft, TABLE, FATE_MEANINGLESS, "a later line names the table again");
}
