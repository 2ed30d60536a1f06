/*
 * masquerade - rewrites senders of this host to another domain
 *
 * Sendmail rewrites addresses in classes M and w and names without a domain to the domain of
 * MASQUERADE_AS, except for class N and the users of class E (m4/proto.m4, MasqHdr).  Each domain
 * becomes "@domain @other" in a table of masquerade.h's list, and each exposed user an entry of its
 * own that takes precedence.  Postfix's masquerade_domains strips subdomains: it is used where
 * masquerade_entire_domain does exactly that.
 */
#include "convert/addresses/masquerade.h"

#include "convert/addresses/modules.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"

#define TABLE "masquerade"
#define PATTERNS "masquerade_patterns"

/* if there are more exposed addresses, they become patterns */
enum { EXPOSED_MOST = 10000 };

struct masquerade {
    struct draft *draft;
    const struct sendmail_item *item; /* the line that sets the domain */
    struct str target;
    struct class_members domains, exceptions, exposed, local;
    struct map done; /* domains that have an entry */
    struct str own;
    bool entire, limited, envelope, all, local_too;
    bool strips;           /* masquerade_domains handles the subdomains of the target */
    bool exposed_patterns; /* exposed users are patterns */
};

/* --- the source ------------------------------------------------------------------------------- */

static bool is_local_spared(const struct draft *draft)
{
    return feature_is_on(draft, "local_no_masquerade");
}

enum parameter_number masquerade_list(const struct draft *draft)
{
    return is_local_spared(draft) ? PARAM_SMTP_GENERIC_MAPS : PARAM_SENDER_CANONICAL_MAPS;
}

static bool is_envelope_rewritten(const struct draft *draft)
{
    return feature_is_on(draft, "masquerade_envelope");
}

static bool are_recipients_rewritten(const struct draft *draft)
{
    return feature_is_on(draft, "allmasquerade");
}

/*
 * rewrite_header_recipients - smtpd(8) regards all addresses in recipient_canonical_maps as known
 * recipients, whatever recipient_canonical_classes is.  So only cleanup(8) may use the table:
 * otherwise mail for any user of this host would be accepted and returned later
 */
static void rewrite_header_recipients(struct draft *draft, const struct sendmail_item *item,
                                      int rank, struct str table)
{
    draft_add_named(draft, item, "header_canonical_maps", rank, "%.*s", STR_ARG(table));
    draft_override(draft, draft_service(draft, item, "cleanup", "unix", "cleanup"), item,
                   PARAM_RECIPIENT_CANONICAL_MAPS, "$header_canonical_maps");
    draft_set(draft, item, PARAM_RECIPIENT_CANONICAL_CLASSES, "header_recipient");
}

void masquerade_add(struct draft *draft, const struct sendmail_item *item, int rank,
                    struct str table)
{
    draft_add(draft, item, masquerade_list(draft), rank, "%.*s", STR_ARG(table));
    if (is_local_spared(draft))
        return;
    draft_set(draft, item, PARAM_SENDER_CANONICAL_CLASSES,
              is_envelope_rewritten(draft) ? "envelope_sender, header_sender" : "header_sender");
    draft_reason(draft, PARAM_SENDER_CANONICAL_CLASSES,
                 "Sendmail rewrites envelope senders only with masquerade_envelope");
    addresses_rewrite_all_headers(draft, item);
    if (!are_recipients_rewritten(draft))
        return;
    rewrite_header_recipients(draft, item, rank, table);
}

/* --- the domain ------------------------------------------------------------------------------- */

static void take_target(struct masquerade *masquerade, const struct sendmail_item *item,
                        struct str value)
{
    if (masquerade->item != NULL)
        draft_fate(masquerade->draft, masquerade->item, FATE_MEANINGLESS, "overridden at %.*s",
                   STR_ARG(draft_place(masquerade->draft, item)));
    value = str_trim(value);
    if (value.len > 1 && value.at[value.len - 1] == '.')
        value.len--;
    masquerade->item = item;
    masquerade->target = value;
}

static void find_target(struct masquerade *masquerade)
{
    const struct sendmail *sendmail = masquerade->draft->sendmail;

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->overridden)
            continue;
        if ((item->kind == ITEM_MACRO && str_is(item->name, "MASQUERADE_AS")) ||
            (item->kind == ITEM_DEFINE && str_is(item->name, "MASQUERADE_NAME")))
            take_target(masquerade, item, sendmail_argument(item, 0));
        else if (item->kind == ITEM_CF_LINE && str_is(item->name, "D") &&
                 str_is(sendmail_argument(item, 0), "M"))
            take_target(masquerade, item, sendmail_argument(item, 1));
    }
}

/* --- the tables ------------------------------------------------------------------------------- */

/* is the domain exempt: the target itself, or in class N? */
static bool is_spared(const struct masquerade *masquerade, struct str domain)
{
    return str_eq_nocase(domain, masquerade->target) ||
           class_covers(&masquerade->exceptions, domain);
}

static void add_pattern(struct masquerade *masquerade, const struct sendmail_item *item,
                        const char *before, struct str middle, const char *after, struct str result)
{
    struct draft *draft = masquerade->draft;

    draft_entry(draft, draft_table(draft, PATTERNS, DRAFT_REGEXP), item,
                addresses_pattern(draft->arena, before, middle, after), result);
}

/* expose_users - exposed users keep their addresses in DOMAIN */
static void expose_users(struct masquerade *masquerade, struct str domain)
{
    struct draft *draft = masquerade->draft;

    if (masquerade->exposed_patterns)
        return;
    for (size_t i = 0; i < masquerade->exposed.count; i++) {
        const struct class_member *user = &masquerade->exposed.at[i];
        struct str address =
            arena_printf(draft->arena, "%.*s@%.*s", STR_ARG(user->word), STR_ARG(domain));
        draft_entry(draft, draft_table(draft, TABLE, DRAFT_INDEXED), user->item,
                    addresses_lower(draft->arena, address), address);
    }
}

static void rewrite_domain(struct masquerade *masquerade, const struct sendmail_item *item,
                           struct str domain)
{
    struct draft *draft = masquerade->draft;

    domain = addresses_lower(draft->arena, domain);
    if (is_spared(masquerade, domain) || map_get(&masquerade->done, domain) != NULL)
        return;
    map_put(&masquerade->done, domain, masquerade);
    struct draft_table *table = draft_table(draft, TABLE, DRAFT_INDEXED);
    draft_entry(draft, table, item, arena_printf(draft->arena, "@%.*s", STR_ARG(domain)),
                arena_printf(draft->arena, "@%.*s", STR_ARG(masquerade->target)));
    expose_users(masquerade, domain);
}

/* rewrite_own - the host's own name, which perhaps only Postfix knows */
static void rewrite_own(struct masquerade *masquerade)
{
    struct draft *draft = masquerade->draft;
    struct buffer table;

    if (masquerade->own.at != NULL) {
        struct str own = masquerade->own;
        rewrite_domain(masquerade, masquerade->item, own);
        rewrite_domain(masquerade, masquerade->item,
                       arena_printf(draft->arena, "localhost%.*s",
                                    STR_ARG(str_slice(own, str_find(own, '.', 0), own.len))));
        return;
    }
    if (!draft_has_table_type(draft, "inline")) {
        draft_open_point(draft, masquerade->item,
                         "add \"@the.host.name @the.other.domain\" to the table masquerade",
                         "the name of this host is not in the source");
        return;
    }
    buffer_init(&table, draft->arena);
    buffer_add_cstr(&table, "inline:{");
    for (size_t i = 0; !masquerade->exposed_patterns && i < masquerade->exposed.count; i++)
        buffer_printf(&table, "{%.*s@$myhostname = %.*s@$myhostname}, ",
                      STR_ARG(masquerade->exposed.at[i].word),
                      STR_ARG(masquerade->exposed.at[i].word));
    buffer_printf(&table, "{@$myhostname = @%.*s}, {@localhost.$mydomain = @%.*s}}",
                  STR_ARG(masquerade->target), STR_ARG(masquerade->target));
    masquerade_add(draft, masquerade->item, 140, buffer_str(&table));
}

/* --- class M with its subdomains -------------------------------------------------------------- */

/* strip_subdomains - with masquerade_domains, for subdomains of the target */
static void strip_subdomains(struct masquerade *masquerade, const struct sendmail_item *item)
{
    struct draft *draft = masquerade->draft;

    for (size_t i = 0; i < masquerade->exceptions.count; i++)
        draft_add(draft, masquerade->exceptions.at[i].item, PARAM_MASQUERADE_DOMAINS, 100, "!%.*s",
                  STR_ARG(masquerade->exceptions.at[i].word));
    draft_add(draft, item, PARAM_MASQUERADE_DOMAINS, 200, "%.*s", STR_ARG(masquerade->target));
    draft_set(draft, item, PARAM_MASQUERADE_CLASSES, "%s%s%s",
              masquerade->envelope ? "envelope_sender, " : "", "header_sender",
              masquerade->all ? ", header_recipient" : "");
    for (size_t i = 0; i < masquerade->exposed.count; i++)
        draft_add(draft, masquerade->exposed.at[i].item, PARAM_MASQUERADE_EXCEPTIONS, 100, "%.*s",
                  STR_ARG(masquerade->exposed.at[i].word));
    addresses_rewrite_all_headers(draft, item);
    masquerade->strips = true;
}

static void rewrite_entire(struct masquerade *masquerade, const struct class_member *member)
{
    struct draft *draft = masquerade->draft;

    if (str_eq_nocase(member->word, masquerade->target) && masquerade->local_too)
        strip_subdomains(masquerade, member->item);
    else if (!class_covers(&masquerade->exceptions, member->word))
        add_pattern(masquerade, member->item, "/^(.*)@(.+\\.)?", member->word, "$/",
                    arena_printf(draft->arena, "${1}@%.*s", STR_ARG(masquerade->target)));
}

/* spare_by_patterns - patterns for exempt addresses come before those that rewrite */
static void spare_by_patterns(struct masquerade *masquerade)
{
    if (masquerade->exposed_patterns)
        for (size_t i = 0; i < masquerade->exposed.count; i++)
            add_pattern(masquerade, masquerade->exposed.at[i].item, "/^(",
                        masquerade->exposed.at[i].word, "@.+)$/", str_of("${1}"));
    for (size_t i = 0; masquerade->entire && i < masquerade->exceptions.count; i++)
        add_pattern(masquerade, masquerade->exceptions.at[i].item, "/^(.*@(.+\\.)?",
                    masquerade->exceptions.at[i].word, ")$/", str_of("${1}"));
    if (masquerade->entire) /* addresses in the target domain stay as they are */
        add_pattern(masquerade, masquerade->item, "/^(.*@", masquerade->target, ")$/",
                    str_of("${1}"));
}

/* rewrite_old - a domain that domaintable maps to one of these names is rewritten as well */
static void rewrite_old(struct masquerade *masquerade)
{
    const struct sendmail_item *line = NULL;

    while ((line = addresses_line(masquerade->draft, "domaintable", line)) != NULL) {
        struct str to =
            addresses_lower(masquerade->draft->arena, str_trim(sendmail_argument(line, 1)));
        if (addresses_is_host(line->arguments[0]) && map_get(&masquerade->done, to) != NULL)
            rewrite_domain(masquerade, line, line->arguments[0]);
    }
}

static void rewrite_all(struct masquerade *masquerade)
{
    struct draft *draft = masquerade->draft;
    size_t domains = masquerade->domains.count + masquerade->local.count + 2;

    masquerade->exposed_patterns =
        masquerade->entire || masquerade->exposed.count > EXPOSED_MOST / domains;
    if (masquerade->exposed_patterns)
        spare_by_patterns(masquerade);
    for (size_t i = 0; i < masquerade->domains.count; i++) {
        const struct class_member *member = &masquerade->domains.at[i];
        if (masquerade->entire)
            rewrite_entire(masquerade, member);
        else
            rewrite_domain(masquerade, member->item, member->word);
    }
    for (size_t i = 0; !masquerade->limited && i < masquerade->local.count; i++)
        rewrite_domain(masquerade, masquerade->local.at[i].item, masquerade->local.at[i].word);
    if (!masquerade->limited)
        rewrite_domain(masquerade, masquerade->item, str_of("localhost"));
    rewrite_old(masquerade);
    rewrite_own(masquerade);
    if (draft_find_table(draft, PATTERNS) != NULL)
        masquerade_add(draft, masquerade->item, 120,
                       draft_table_ref(draft, draft_find_table(draft, PATTERNS)));
    if (draft_find_table(draft, TABLE) != NULL)
        masquerade_add(draft, masquerade->item, 130,
                       draft_table_ref(draft, draft_find_table(draft, TABLE)));
}

/* --- fates ------------------------------------------------------------------------------------ */

static void decide_members(struct draft *draft, const struct class_members *members,
                           enum sendmail_fate fate, const char *text)
{
    for (size_t i = 0; i < members->count; i++)
        draft_fate(draft, members->at[i].item, fate, text, STR_ARG(members->at[i].word));
}

static void decide_target(const struct masquerade *masquerade)
{
    draft_fate(masquerade->draft, masquerade->item, FATE_MAPPED,
               "%s: senders of this host get the domain %.*s, in %s%s",
               parameter_name(masquerade_list(masquerade->draft)).at, STR_ARG(masquerade->target),
               !masquerade->local_too ? "all mail sent by SMTP"
               : masquerade->envelope ? "headers and envelope"
                                      : "headers, not in the envelope",
               masquerade->all ? "; header recipients as well" : "");
}

/* decide_local - smtp_generic_maps rewrites more than Sendmail does */
static void decide_local(const struct masquerade *masquerade)
{
    struct draft *draft = masquerade->draft;
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "local_no_masquerade");

    if (item == NULL)
        return;
    if (masquerade->envelope && masquerade->all)
        draft_fate(draft, item, FATE_MAPPED, "smtp_generic_maps: only mail sent by SMTP");
    else
        draft_open_point(draft, item,
                         "use sender_canonical_maps instead of smtp_generic_maps if mail for local "
                         "users may be rewritten as well",
                         "smtp_generic_maps: only mail sent by SMTP, but including the envelope%s",
                         masquerade->all ? "" : " and the recipients in headers");
}

static void decide_features(const struct masquerade *masquerade)
{
    struct draft *draft = masquerade->draft;
    bool generics = sendmail_table(draft->sendmail, "genericstable") != NULL;
    enum sendmail_fate fate = masquerade->item != NULL || generics ? FATE_MAPPED : FATE_MEANINGLESS;
    bool used = fate == FATE_MAPPED;

    decide_local(masquerade);
    feature_decide(draft, "local_no_masquerade", FATE_MEANINGLESS, "a repetition of the same line");
    feature_decide(draft, "masquerade_envelope", fate,
                   used ? "envelope senders are rewritten like headers" : "nothing is masqueraded");
    feature_decide(
        draft, "allmasquerade", fate,
        used ? "header recipients are rewritten as well: recipient_canonical_maps of cleanup"
             : "nothing is masqueraded");
    feature_decide(draft, "limited_masquerade", fate,
                   used ? "other names of this host are not rewritten; its own name is, because "
                          "Postfix adds it to names without a domain"
                        : "nothing is masqueraded");
    feature_decide(draft, "masquerade_entire_domain", fate,
                   used ? "subdomains are rewritten as well" : "nothing is masqueraded");
}

/* decide_add_domain - FEATURE(always_add_domain): Postfix adds $myorigin to every address without a
   domain */
static void decide_add_domain(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "always_add_domain");
    struct str own = addresses_own_name(draft);

    if (item == NULL)
        return;
    struct str domain = str_trim(sendmail_argument(item, 0));
    if (domain.len > 0 && !(own.at != NULL && str_eq_nocase(own, domain)))
        draft_open_point(draft, item, "set myorigin to that domain if it is in mydestination",
                         "Postfix adds $myorigin to addresses without a domain, in mail for local "
                         "users as well; Sendmail adds %.*s there",
                         STR_ARG(domain));
    else
        draft_fate(draft, item, FATE_ALREADY, "Postfix adds a domain to every address without one");
    feature_decide(draft, "always_add_domain", FATE_MEANINGLESS, "a later line repeats it");
}

static void decide_unused(const struct masquerade *masquerade)
{
    struct draft *draft = masquerade->draft;

    decide_members(draft, &masquerade->domains, FATE_MEANINGLESS,
                   "%.*s: there is no MASQUERADE_AS");
    decide_members(draft, &masquerade->exposed, FATE_MEANINGLESS,
                   "%.*s: there is no MASQUERADE_AS");
    decide_members(draft, &masquerade->exceptions, FATE_MEANINGLESS,
                   "%.*s: there is no MASQUERADE_AS");
    if (masquerade->item != NULL)
        draft_fate(draft, masquerade->item, FATE_ALREADY,
                   "it names no domain: nothing is masqueraded");
}

/* decide_generics - canonical(5) looks up the result again, Sendmail does not */
static void decide_generics(const struct masquerade *masquerade)
{
    struct draft *draft = masquerade->draft;
    struct class_members generics;

    if (sendmail_table(draft->sendmail, "genericstable") == NULL)
        return;
    class_read(draft, &class_generics, &generics);
    if (class_has(&generics, masquerade->target))
        draft_fate(draft, masquerade->item, FATE_MAPPED,
                   "senders in the other domains are also looked up in genericstable, by their new "
                   "address");
}

static void decide_used(const struct masquerade *masquerade)
{
    struct draft *draft = masquerade->draft;

    decide_target(masquerade);
    decide_generics(masquerade);
    decide_members(draft, &masquerade->domains, FATE_MAPPED, "senders in %.*s are rewritten");
    decide_members(draft, &masquerade->exposed, FATE_MAPPED, "%.*s keeps its address");
    decide_members(draft, &masquerade->exceptions, FATE_MAPPED,
                   "senders in %.*s are not rewritten");
}

void masquerade_convert(struct draft *draft)
{
    struct masquerade masquerade = {.draft = draft, .own = addresses_own_name(draft)};

    map_init(&masquerade.done, draft->arena);
    find_target(&masquerade);
    class_read(draft, &class_masquerade, &masquerade.domains);
    class_read(draft, &class_exception, &masquerade.exceptions);
    class_read(draft, &class_exposed, &masquerade.exposed);
    class_read(draft, &class_local, &masquerade.local);
    masquerade.entire = feature_is_on(draft, "masquerade_entire_domain");
    masquerade.limited = feature_is_on(draft, "limited_masquerade");
    masquerade.envelope = is_envelope_rewritten(draft);
    masquerade.all = are_recipients_rewritten(draft);
    masquerade.local_too = !is_local_spared(draft);
    if (masquerade.target.len == 0) {
        decide_unused(&masquerade);
    } else if (!addresses_is_host(masquerade.target)) {
        decide_unused(&masquerade);
        draft_open_point(draft, masquerade.item, "add the domain to sender_canonical_maps",
                         "%.*s is not a valid domain name", STR_ARG(masquerade.target));
    } else {
        rewrite_all(&masquerade);
        decide_used(&masquerade);
    }
    class_decide_files(draft, &class_masquerade, "senders in its domains are rewritten");
    class_decide_files(draft, &class_exception, "senders in its domains are not rewritten");
    class_decide_files(draft, &class_exposed, "its users keep their addresses");
    decide_features(&masquerade);
    decide_add_domain(draft);
}
