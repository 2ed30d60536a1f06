/*
 * virtusertable - virtual addresses
 *
 * Sendmail looks up addresses in class w and in class VirtHost, in this order: the address;
 * user++@domain and user+*@domain if there is a detail; user@domain without it; the same for
 * +@domain; @domain (m4/proto.m4, ParseLocal).  %1 is the user, %2 the detail, %3 the detail with
 * its "+"; a result without them drops the detail.
 *
 * virtual_alias_maps looks up user+detail@domain, user@domain, @domain.  If all lines of a domain
 * have the same meaning there, they go to an indexed table; otherwise all lines of the domain go to
 * a table of patterns, in Sendmail's order, because patterns are tried before the shorter keys of
 * any other table (canonical(5), "TABLE SEARCH ORDER").
 *
 * "@domain %1" needs no entry: see virthost.h.
 *
 * A line that rejects becomes an access entry, and an entry in the transport table for mail that
 * does not arrive by SMTP.  smtpd(8) accepts an address in virtual_alias_maps whatever its
 * transport is, so "@domain error:" does not affect the other lines of the domain.
 */
#include "convert/addresses/modules.h"
#include "convert/addresses/virthost.h"
#include "convert/ldap/ldap.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"

#define TABLE "virtusertable"
#define PATTERNS "virtusertable_patterns"

/* the place of a line in Sendmail's lookup order */
enum rank { EXACT, USER_SOME_DETAIL, USER_ANY_DETAIL, SOME_DETAIL, ANY_DETAIL, DOMAIN_LINE, RANKS };

struct virtual_line {
    const struct sendmail_item *item;
    struct str key, user, domain, value;
    enum rank rank;
    bool refuses;
    struct virtual_line *next; /* the next line of the domain */
};

struct domain {
    struct str name;
    struct virtual_line *first, **last;
    bool patterns;  /* all of its lines are patterns */
    bool catch_all; /* a line accepts every address and has a destination */
    bool refuses_all;
    bool details; /* a line distinguishes user+detail from user */
};

struct mapping {
    struct draft *draft;
    struct class_members local, virtual;
    struct domain **domains;
    size_t count, capacity;
    struct map by_name;
    struct map own_users; /* the domains of lines like "@domain %1" */
    bool keeps_details;   /* user+detail is a user name */
};

/* --- reading ---------------------------------------------------------------------------------- */

static struct domain *get_domain(struct mapping *mapping, struct str name)
{
    struct domain *domain = map_get(&mapping->by_name, name);

    if (domain != NULL)
        return domain;
    domain = arena_alloc(mapping->draft->arena, sizeof *domain);
    domain->name = name;
    domain->last = &domain->first;
    mapping->domains = arena_grow(mapping->draft->arena, mapping->domains, mapping->count,
                                  &mapping->capacity, sizeof domain);
    mapping->domains[mapping->count++] = domain;
    map_put(&mapping->by_name, name, domain);
    return domain;
}

static bool has_argument(struct str value)
{
    size_t at = str_find(value, '%', 0);

    return at + 1 < value.len && value.at[at + 1] >= '0' && value.at[at + 1] <= '9';
}

static void rank_line(struct virtual_line *line)
{
    struct str user = str_slice(line->key, 0, line->key.len - line->domain.len - 1);

    line->rank = EXACT;
    if (user.len == 0)
        line->rank = DOMAIN_LINE;
    else if (str_is(user, "++"))
        line->rank = SOME_DETAIL;
    else if (str_is(user, "+*"))
        line->rank = ANY_DETAIL;
    else if (str_ends(user, "++"))
        line->rank = USER_SOME_DETAIL;
    else if (str_ends(user, "+*"))
        line->rank = USER_ANY_DETAIL;
    line->user = line->rank == USER_SOME_DETAIL || line->rank == USER_ANY_DETAIL
                     ? str_slice(user, 0, user.len - 2)
                     : user;
}

/* keeps_user - "%1%3@other" keeps the complete user part, as "@other" does in Postfix */
static bool keeps_user(struct str value)
{
    return str_starts(value, "%1%3@") && !has_argument(str_slice(value, 4, value.len)) &&
           str_find(value, '@', 5) == value.len;
}

static void add_line(struct mapping *mapping, const struct sendmail_item *item)
{
    struct arena *arena = mapping->draft->arena;
    struct virtual_line *line = arena_alloc(arena, sizeof *line);

    line->item = item;
    line->key = addresses_lower(arena, item->arguments[0]);
    line->domain = addresses_domain(line->key);
    line->value = str_trim(sendmail_argument(item, 1));
    line->refuses = str_starts(addresses_lower(arena, line->value), "error:");
    rank_line(line);
    struct domain *domain = get_domain(mapping, line->domain);
    *domain->last = line;
    domain->last = &line->next;
    if (line->rank == DOMAIN_LINE && line->refuses)
        domain->refuses_all = true;
    else if (line->rank == DOMAIN_LINE)
        domain->catch_all = true;
    domain->details = domain->details || mapping->keeps_details ||
                      (line->rank != DOMAIN_LINE && str_find(line->key, '+', 0) < line->key.len);
    /* without recipient_delimiter only patterns can find the user in user+detail */
    if ((line->rank != EXACT && line->rank != DOMAIN_LINE) || mapping->keeps_details ||
        (!line->refuses && has_argument(line->value) && !keeps_user(line->value)))
        domain->patterns = true;
}

/* does Sendmail look up the domain of this line? */
static bool is_asked(struct mapping *mapping, const struct sendmail_item *item)
{
    struct str key = item->arguments[0], domain = addresses_domain(key);
    bool entire = feature_is_on(mapping->draft, "virtuser_entire_domain");

    if (domain.len == key.len || domain.len == 0) {
        draft_fate(mapping->draft, item, FATE_MEANINGLESS,
                   "Sendmail looks up only addresses with a domain in this table");
        return false;
    }
    if (class_has(&mapping->local, domain) || class_has(&mapping->virtual, domain) ||
        (entire && class_covers(&mapping->virtual, domain)))
        return true;
    if (mapping->local.incomplete || mapping->virtual.incomplete)
        return true; /* its file was not found, which is already an open point */
    if (addresses_own_name(mapping->draft).at != NULL) {
        draft_fate(mapping->draft, item, FATE_MEANINGLESS,
                   "%.*s is neither a name of this host nor in VIRTUSER_DOMAIN, so Sendmail does "
                   "not look it up in this table",
                   STR_ARG(domain));
        return false;
    }
    draft_open_point(
        mapping->draft, item,
        "keep the line if the domain is a name of this host, remove it from the table otherwise",
        "the source does not say whether %.*s is the name of this host", STR_ARG(domain));
    return true;
}

/* can the result be used in virtual_alias_maps? */
static bool is_address(struct mapping *mapping, const struct sendmail_item *item)
{
    struct str value = str_trim(sendmail_argument(item, 1));

    if (value.len > 0 && value.at[0] != '@' && str_span_not(value, 0, " \t,;|:\\<>()") == value.len)
        return true;
    if (str_starts(addresses_lower(mapping->draft->arena, value), "error:"))
        return true;
    draft_open_point(mapping->draft, item, "add an equivalent to virtual_alias_maps",
                     "the value must be a single address: %.*s", STR_ARG(value));
    return false;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* make_local_result - a name without a domain is a user of this host; it gets @localhost if the
   other addresses of the domain that Postfix would add are rejected */
static struct str make_local_result(struct mapping *mapping, const struct domain *domain,
                                    struct str value)
{
    if (str_find(value, '@', 0) < value.len || !domain->refuses_all)
        return value;
    return arena_printf(mapping->draft->arena, "%.*s@localhost", STR_ARG(value));
}

static const char *const groups[RANKS][3] = {
    [EXACT] = {"", "${1}", ""},
    [USER_SOME_DETAIL] = {"", "${1}", "+${1}"},
    [USER_ANY_DETAIL] = {"", "${1}", "+${1}"},
    [SOME_DETAIL] = {"${1}", "${2}", "+${2}"},
    [ANY_DETAIL] = {"${1}", "${2}", "+${2}"},
    [DOMAIN_LINE] = {"${1}", "", ""},
};

/* add_result - the value with what the pattern matched in place of %1 to %3; DETAIL: the last group
   of the pattern matches the detail */
static void add_result(struct buffer *out, const struct virtual_line *line, bool detail)
{
    bool plain_user =
        line->rank == EXACT || line->rank == USER_SOME_DETAIL || line->rank == USER_ANY_DETAIL;
    struct str value = line->value;

    for (size_t i = 0; i < value.len; i++) {
        char digit = i + 1 < value.len ? value.at[i + 1] : '\0';
        if (value.at[i] != '%' || digit < '1' || digit > '9') {
            addresses_quote_result(out, str_slice(value, i, i + 1));
            i += value.at[i] == '%' && digit == '%';
            continue;
        }
        i++;
        if (digit == '1' && plain_user)
            addresses_quote_result(out, line->user);
        else if (digit == '2' && line->rank == DOMAIN_LINE && detail)
            buffer_add_cstr(out, "${2}");
        else if (digit == '3' && line->rank == DOMAIN_LINE && detail)
            buffer_add_cstr(out, "+${2}");
        else if (digit <= '3' && (digit == '1' || detail))
            buffer_add_cstr(out, groups[line->rank][digit - '1']);
    }
}

/* make_pattern - USER matches what follows the user of the line */
static struct str make_pattern(struct draft *draft, const struct virtual_line *line,
                               const char *user)
{
    struct buffer pattern;

    buffer_init(&pattern, draft->arena);
    buffer_add_cstr(&pattern, "/^");
    if (line->rank == EXACT || line->rank == USER_SOME_DETAIL || line->rank == USER_ANY_DETAIL)
        addresses_quote(&pattern, line->user);
    buffer_add_cstr(&pattern, user);
    buffer_add_char(&pattern, '@');
    addresses_quote(&pattern, line->domain);
    buffer_add_cstr(&pattern, "$/");
    return buffer_str(&pattern);
}

static void add_pattern(struct mapping *mapping, const struct domain *domain,
                        const struct virtual_line *line, const char *user, bool detail)
{
    struct draft *draft = mapping->draft;
    struct buffer result;

    buffer_init(&result, draft->arena);
    add_result(&result, line, detail);
    struct str value = make_local_result(mapping, domain, buffer_str(&result));
    draft_entry(draft, draft_table(draft, PATTERNS, DRAFT_REGEXP), line->item,
                make_pattern(draft, line, user), value);
}

/* what each rank matches after the user, in Sendmail's lookup order */
static const struct pattern_step {
    enum rank rank;
    bool detail;
    const char *user;
} steps[] = {
    {EXACT, false, ""},
    {USER_SOME_DETAIL, true, "\\+(.+)"},
    {USER_ANY_DETAIL, true, "\\+(.*)"},
    {EXACT, true, "\\+(.*)"},
    {SOME_DETAIL, true, "([^+]+)\\+(.+)"},
    {ANY_DETAIL, true, "([^+]+)\\+(.*)"},
    {DOMAIN_LINE, true, "([^+]+)\\+(.*)"},
    {DOMAIN_LINE, false, "(.+)"},
};

static void write_patterns(struct mapping *mapping, const struct domain *domain)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        for (const struct virtual_line *line = domain->first; line != NULL; line = line->next)
            if (line->rank == steps[i].rank && !line->refuses &&
                /* user+detail as a key has no further detail */
                !(line->rank == EXACT && steps[i].detail &&
                  str_find(line->user, '+', 0) < line->user.len))
                add_pattern(mapping, domain, line, steps[i].user, steps[i].detail);
    for (const struct virtual_line *line = domain->first; line != NULL; line = line->next)
        if (!line->refuses)
            draft_fate(mapping->draft, line->item, FATE_MAPPED,
                       "a pattern in " PATTERNS " (virtual_alias_maps)%s",
                       has_argument(line->value) ? "; %1 to %3 are in lower case" : "");
}

static void write_indexed(struct mapping *mapping, const struct domain *domain)
{
    struct draft *draft = mapping->draft;
    struct draft_table *table = draft_table(draft, TABLE, DRAFT_INDEXED);

    for (const struct virtual_line *line = domain->first; line != NULL; line = line->next) {
        if (line->refuses)
            continue;
        struct str value = keeps_user(line->value) && line->rank == DOMAIN_LINE
                               ? str_slice(line->value, 4, line->value.len)
                               : line->value;
        value = make_local_result(mapping, domain, value);
        draft_entry(draft, table, line->item, line->key, value);
        draft_fate(draft, line->item, FATE_MAPPED, "virtual_alias_maps: %.*s becomes %.*s",
                   STR_ARG(line->key), STR_ARG(value));
    }
}

static struct address_error read_error(struct draft *draft, const struct virtual_line *line)
{
    return addresses_error(draft, str_slice(line->value, 6, line->value.len), ' ');
}

static struct str make_refusal(struct draft *draft, const struct virtual_line *line)
{
    struct address_error error = read_error(draft, line);

    return arena_printf(draft->arena, "%.*s %.*s %.*s", STR_ARG(error.code), STR_ARG(error.status),
                        STR_ARG(error.text));
}

/* add_refusals - Sendmail resolves the sender address as well, and rejects it with the same text */
static void add_refusals(struct draft *draft, const struct sendmail_item *item,
                         const struct draft_table *table, bool recipients, bool senders)
{
    struct str ref = draft_table_ref(draft, table);

    if (recipients)
        draft_add(draft, item, PARAM_SMTPD_RECIPIENT_RESTRICTIONS, RANK_RECIPIENT,
                  "check_recipient_access %.*s", STR_ARG(ref));
    if (senders)
        draft_add(draft, item, PARAM_SMTPD_SENDER_RESTRICTIONS, 0, "check_sender_access %.*s",
                  STR_ARG(ref));
}

/* refuse_address - one address, with or without details */
static void refuse_address(struct mapping *mapping, const struct domain *domain,
                           const struct virtual_line *line)
{
    struct draft *draft = mapping->draft;

    if (!domain->details) {
        struct draft_table *table = draft_table(draft, "virtusertable_refused", DRAFT_INDEXED);
        draft_entry(draft, table, line->item, line->key, make_refusal(draft, line));
        add_refusals(draft, line->item, table, true, true);
    }
    if (domain->catch_all || domain->patterns) /* maps the address to itself, so that no other line
                                                  matches it */
        draft_entry(draft, draft_table(draft, TABLE, DRAFT_INDEXED), line->item, line->key,
                    line->key);
}

/* refuse_by_patterns - in Sendmail's order: entries for accepted addresses come first */
static void refuse_by_patterns(struct mapping *mapping, const struct domain *domain, bool senders)
{
    struct draft *draft = mapping->draft;
    struct draft_table *table = draft_table(
        draft, senders ? "virtusertable_refused_senders" : "virtusertable_refused_patterns",
        DRAFT_REGEXP);

    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        for (const struct virtual_line *line = domain->first; line != NULL; line = line->next) {
            if (line->rank != steps[i].rank || (line->rank == DOMAIN_LINE && !senders) ||
                (line->rank == EXACT && steps[i].detail &&
                 str_find(line->user, '+', 0) < line->user.len))
                continue;
            draft_entry(draft, table, line->item, make_pattern(draft, line, steps[i].user),
                        line->refuses ? make_refusal(draft, line) : str_of("DUNNO"));
            add_refusals(draft, line->item, table, !senders, senders);
        }
}

static void write_refusal(struct mapping *mapping, const struct domain *domain,
                          const struct virtual_line *line)
{
    struct draft *draft = mapping->draft;
    struct draft_table *transport = draft_table(draft, "transport", DRAFT_INDEXED);
    struct address_error error = read_error(draft, line);

    if (line->rank != EXACT && line->rank != DOMAIN_LINE) {
        draft_fate(draft, line->item, FATE_MAPPED,
                   "rejected with %.*s, except for mail that this host generates",
                   STR_ARG(make_refusal(draft, line)));
        return;
    }
    if (line->rank == EXACT)
        refuse_address(mapping, domain, line);
    draft_entry(draft, transport, line->item, line->rank == EXACT ? line->key : line->domain,
                addresses_error_transport(draft, &error));
    draft_add(draft, line->item, PARAM_TRANSPORT_MAPS, 100, "%.*s",
              STR_ARG(draft_table_ref(draft, transport)));
    draft_fate(draft, line->item, FATE_MAPPED, "rejected with %.*s %.*s %.*s",
               line->rank == EXACT ? (int)error.code.len : 3,
               line->rank == EXACT         ? error.code.at
               : error.status.at[0] == '4' ? "450"
                                           : "550",
               STR_ARG(error.status), STR_ARG(error.text));
}

static void write_refusals(struct mapping *mapping, const struct domain *domain)
{
    bool refuses = false;

    for (const struct virtual_line *line = domain->first; line != NULL; line = line->next) {
        if (!line->refuses)
            continue;
        write_refusal(mapping, domain, line);
        refuses = refuses || line->rank != DOMAIN_LINE;
    }
    if (refuses && domain->details)
        refuse_by_patterns(mapping, domain, false);
    if (domain->refuses_all || (refuses && domain->details))
        refuse_by_patterns(mapping, domain, true);
}

static void write_domain(struct mapping *mapping, const struct domain *domain)
{
    struct draft *draft = mapping->draft;

    if (domain->refuses_all && addresses_own_name(draft).at != NULL &&
        str_eq(domain->name, addresses_own_name(draft)))
        for (const struct virtual_line *line = domain->first; line != NULL; line = line->next)
            if (line->rank == DOMAIN_LINE && line->refuses)
                draft_open_point(draft, line->item,
                                 "set myorigin = localhost, so that local users without a domain "
                                 "get another name of this host",
                                 "Postfix adds this domain to user names without one, and its "
                                 "other addresses are rejected");
    if (domain->patterns)
        write_patterns(mapping, domain);
    else
        write_indexed(mapping, domain);
    write_refusals(mapping, domain);
}

/* is it the line that maps the users of the domain to those of this host? */
static bool is_own_users(struct mapping *mapping, const struct sendmail_item *line)
{
    struct str domain = addresses_domain(line->arguments[0]);

    if (domain.len + 1 != line->arguments[0].len ||
        map_get(&mapping->own_users, addresses_lower(mapping->draft->arena, domain)) == NULL)
        return false;
    draft_fate(mapping->draft, line, FATE_MAPPED,
               "%.*s in mydestination: its users are those of this host", STR_ARG(domain));
    return true;
}

static void map_lines(struct mapping *mapping)
{
    struct draft *draft = mapping->draft;
    const struct sendmail_item *line = NULL;
    const struct sendmail_table *source = sendmail_table(draft->sendmail, TABLE);

    while ((line = addresses_line(draft, TABLE, line)) != NULL)
        if (is_asked(mapping, line) && is_address(mapping, line) && !is_own_users(mapping, line))
            add_line(mapping, line);
    for (size_t i = 0; i < mapping->count; i++)
        write_domain(mapping, mapping->domains[i]);
    if (mapping->count == 0)
        return;
    addresses_drop_details(draft);
    for (size_t i = 0; i < draft->table_count; i++)
        if (str_is(draft->tables[i]->name, TABLE) || str_is(draft->tables[i]->name, PATTERNS))
            draft_add(draft, source->from, PARAM_VIRTUAL_ALIAS_MAPS,
                      str_is(draft->tables[i]->name, TABLE) ? 100 : 110, "%.*s",
                      STR_ARG(draft_table_ref(draft, draft->tables[i])));
}

void virtusertable_convert(struct draft *draft)
{
    struct mapping mapping = {.draft = draft};
    const struct sendmail_table *source = sendmail_table(draft->sendmail, TABLE);

    if (source != NULL && source->from != NULL && addresses_is_directory(source)) {
        ldap_map_virtual(draft, source);
        return;
    }
    map_init(&mapping.by_name, draft->arena);
    class_read_local(draft, &mapping.local);
    class_read(draft, &class_virtual, &mapping.virtual);
    virthost_own_users(draft, &mapping.own_users);
    mapping.keeps_details = feature_is_on(draft, "preserve_local_plus_detail");
    if (source == NULL || !addresses_table(draft, TABLE))
        return;
    map_lines(&mapping);
    draft_fate(draft, source->from, FATE_MAPPED, "its lines are in virtual_alias_maps");
    feature_decide(draft, TABLE, FATE_MEANINGLESS, "a later line names the table again");
}
