/* mapping - cleanup(8): canonical, masquerade, virtual alias and bcc mappings */
#include "parser/text/token.h"
#include "smtp/address/form.h"
#include "smtp/address/match_list.h"
#include "smtp/address/token.h"
#include "smtp/delivery/parts.h"

enum { CANONICAL_NESTING_MAX = 10 }; /* cleanup_map11.c */

static bool propagates(const struct policy_service *service, const char *word)
{
    return walker_has_word(service, PARAM_PROPAGATE_UNMATCHED_EXTENSIONS, word);
}

static struct address_found look_up(struct delivery_walker *walker, struct state *view,
                                    enum parameter_number maps, struct str address)
{
    bool is_bcc = maps == PARAM_SENDER_BCC_MAPS || maps == PARAM_RECIPIENT_BCC_MAPS;
    const struct address_search search = {maps, is_bcc ? KEYS_ADDRESS : KEYS_QUOTED, QUESTION_TABLE,
                                          TABLE_FOLD};
    struct address_found found = address_find(view, &search, address);
    struct str said = found.status == LOOKUP_NONE    ? str_of("not found")
                      : found.status == LOOKUP_ERROR ? str_of("the table does not work")
                      : found.value.at == NULL       ? str_of("found, result unknown")
                                                     : found.value;

    walker_step(walker, view->service, maps,
                arena_printf(view->arena, "%.*s: %.*s", STR_ARG(address), STR_ARG(said)), &found);
    return found;
}

static struct str insert_extension(struct arena *arena, struct str address, struct str extension)
{
    size_t at = address_at(address);

    return arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(str_slice(address, 0, at)),
                        STR_ARG(extension), STR_ARG(str_slice(address, at, address.len)));
}

/*
 * read_result - the addresses in a table's result (mail_addr_map.c, mail_addr_crunch.c): @domain
 * keeps the user, and an extension that was not in the key is added
 */
static struct str_list read_result(struct state *view, struct str address,
                                   const struct address_found *found, bool propagate)
{
    struct arena *arena = view->arena;
    struct str text = found->value;

    if (str_starts(text, "@")) {
        struct str user = str_slice(address, 0, address_at(address));
        if (found->extension.at != NULL)
            user.len -= found->extension.len;
        text = address_quote(arena, arena_printf(arena, "%.*s%.*s", STR_ARG(user), STR_ARG(text)),
                             false);
    }
    struct str_list list = tokens_addresses(arena, text);
    struct str *items = arena_alloc(arena, (list.count + 1) * sizeof *items);
    for (size_t i = 0; i < list.count; i++) {
        items[i] = address_rewrite(view, list.items[i]);
        if (propagate && found->extension.at != NULL)
            items[i] = insert_extension(arena, items[i], found->extension);
    }
    return (struct str_list){items, list.count};
}

/* how a mapping ended */
enum mapping_end { MAPPED_GOOD, MAPPED_FAILED, MAPPED_UNKNOWN };

/* end_unmapped - the message is not accepted, or where it goes is not known */
static void end_unmapped(struct delivery_walker *walker, enum parameter_number maps,
                         struct str address, enum mapping_end mapped, const char *why)
{
    struct arena *arena = walker->walk->arena;
    struct str name = parameter_name(maps);

    if (mapped == MAPPED_UNKNOWN)
        walker_end(walker, address, DELIVERY_UNKNOWN,
                   arena_printf(arena, "what %.*s has for %.*s is not in a file that can be read",
                                STR_ARG(name), STR_ARG(address)));
    else
        walker_end(walker, address, DELIVERY_REFUSED,
                   arena_printf(arena,
                                "%.*s: %s: smtpd(8) answers 451 4.3.0, and mail from "
                                "sendmail(1) stays in the maildrop",
                                STR_ARG(name), why));
}

/* map_canonical - one address to one other (cleanup_map11.c) */
static enum mapping_end map_canonical(struct delivery_walker *walker, struct state *view,
                                      enum parameter_number maps, struct str *address)
{
    for (int i = 0; i < CANONICAL_NESTING_MAX; i++) {
        struct address_found found = look_up(walker, view, maps, *address);
        if (found.status == LOOKUP_NONE)
            return MAPPED_GOOD;
        if (found.status == LOOKUP_ERROR || found.value.at == NULL)
            return found.status == LOOKUP_ERROR ? MAPPED_FAILED : MAPPED_UNKNOWN;
        struct str_list list =
            read_result(view, *address, &found, propagates(view->service, "canonical"));
        if (list.count == 0)
            return MAPPED_FAILED;
        bool same = str_eq_nocase(list.items[0], *address);
        *address = list.items[0];
        if (same)
            return MAPPED_GOOD;
    }
    walker_note(walker,
                str_of("the canonical maps lead in a circle; Postfix stops after 10 steps"));
    return MAPPED_GOOD;
}

/* --- masquerade_domains ------------------------------------------------------------------------
 */

/* find_masquerade - the domain that replaces DOMAIN; STR_NONE: none (cleanup_masquerade.c) */
static struct str find_masquerade(const struct policy_service *service, struct arena *arena,
                                  struct str domain)
{
    struct str list = policy_str(service, PARAM_MASQUERADE_DOMAINS), item;

    while (token_next_plain(&list, TOKEN_COMMAS, &item)) {
        bool replaces = true;
        for (; str_starts(item, "!"); item = str_slice(item, 1, item.len))
            replaces = !replaces;
        if (item.len == 0 || item.len > domain.len ||
            !str_eq_nocase(str_slice(domain, domain.len - item.len, domain.len), item))
            continue;
        if (item.len == domain.len)
            return STR_NONE;
        if (domain.at[domain.len - item.len - 1] == '.')
            return replaces ? arena_lower(arena, item) : STR_NONE;
    }
    return STR_NONE;
}

static struct str masquerade(struct delivery_walker *walker, struct state *view, struct str address)
{
    struct str exceptions = policy_str(view->service, PARAM_MASQUERADE_EXCEPTIONS);
    size_t at = address_at(address);

    if (at == address.len)
        return address;
    struct str name = address_quote(view->arena, str_slice(address, 0, at), true);
    if (exceptions.len > 0 && match_string(view, exceptions, name) == MATCH_YES)
        return address;
    struct str domain = find_masquerade(view->service, view->arena, address_domain(address));
    if (domain.at == NULL)
        return address;
    address = arena_printf(view->arena, "%.*s%.*s", STR_ARG(str_slice(address, 0, at + 1)),
                           STR_ARG(domain));
    walker_step(walker, view->service, PARAM_MASQUERADE_DOMAINS, address, NULL);
    return address;
}

/* --- sender and recipient ----------------------------------------------------------------------
 */

/* the parameters for one side of the envelope */
struct envelope_side {
    enum parameter_number maps, classes;
    const char *class;
};

static bool is_set(const struct policy_service *service, enum parameter_number maps)
{
    struct str list = policy_str(service, maps);

    return list.at == NULL || list.len > 0;
}

/* map_envelope - canonical and masquerade; false: the message ends here */
static bool map_envelope(struct delivery_walker *walker, struct state *view,
                         const struct envelope_side *side, struct str *address)
{
    const struct envelope_side both[] = {
        *side, {PARAM_CANONICAL_MAPS, PARAM_CANONICAL_CLASSES, side->class}};

    for (size_t i = 0; i < 2; i++) {
        if (!is_set(view->service, both[i].maps) ||
            !walker_has_word(view->service, both[i].classes, side->class))
            continue;
        enum mapping_end mapped = map_canonical(walker, view, both[i].maps, address);
        if (mapped != MAPPED_GOOD) {
            end_unmapped(walker, both[i].maps, *address, mapped, "the table does not work");
            return false;
        }
    }
    if (is_set(view->service, PARAM_MASQUERADE_DOMAINS) &&
        walker_has_word(view->service, PARAM_MASQUERADE_CLASSES, side->class))
        *address = masquerade(walker, view, *address);
    return true;
}

static const struct envelope_side recipient_side = {
    PARAM_RECIPIENT_CANONICAL_MAPS, PARAM_RECIPIENT_CANONICAL_CLASSES, "envelope_recipient"};

/* find_bcc - in sender_bcc_maps or recipient_bcc_maps; empty: none; false: the message ends here */
static bool find_bcc(struct delivery_walker *walker, struct state *view, enum parameter_number maps,
                     struct str address, struct str *bcc)
{
    *bcc = str_of("");
    if (!is_set(view->service, maps) || address.len == 0)
        return true;
    struct address_found found = look_up(walker, view, maps, address);
    if (found.status == LOOKUP_FOUND && found.value.at == NULL)
        walker_note(walker, arena_printf(view->arena,
                                         "%.*s has an entry whose result is unknown: it goes "
                                         "to that address too",
                                         STR_ARG(parameter_name(maps))));
    else if (found.status == LOOKUP_FOUND)
        *bcc = address_unquote(view->arena, found.value);
    if (found.status != LOOKUP_ERROR)
        return true;
    end_unmapped(walker, maps, address, MAPPED_FAILED, "the table does not work");
    return false;
}

/* --- virtual_alias_maps ------------------------------------------------------------------------
 */

/* the addresses that one address becomes (cleanup_map1n.c) */
struct alias_expansion {
    struct delivery_walker *walker;
    struct state *view;
    struct str *items;
    size_t count, capacity;
    struct map own; /* addresses that expanded to themselves */
};

static void add_address(struct alias_expansion *expansion, struct str address)
{
    expansion->items = arena_grow(expansion->view->arena, expansion->items, expansion->count,
                                  &expansion->capacity, sizeof *expansion->items);
    expansion->items[expansion->count++] = address;
}

static const char too_much[] = "an address expands to too many others";

/* note_catch_all - an entry for @domain has taken mail for an address that every domain must have
 */
static void note_catch_all(struct delivery_walker *walker, const struct address_found *found,
                           struct str address)
{
    struct str local = str_slice(address, 0, address_at(address));

    if (found->catch_all && (str_is_nocase(local, "postmaster") || str_is_nocase(local, "abuse")))
        walker_note(walker, arena_printf(walker->walk->arena,
                                         "the entry for @%.*s also takes mail for %.*s",
                                         STR_ARG(address_domain(address)), STR_ARG(local)));
}

/* expand_at - follows the address at index AT; *WHY is set for MAPPED_FAILED */
static enum mapping_end expand_at(struct alias_expansion *expansion, size_t at, const char **why)
{
    struct state *view = expansion->view;
    long nesting = policy_number(view->service, PARAM_VIRTUAL_ALIAS_RECURSION_LIMIT);
    long length = policy_has(view->service, PARAM_VIRTUAL_ALIAS_ADDRESS_LENGTH_LIMIT)
                      ? policy_number(view->service, PARAM_VIRTUAL_ALIAS_ADDRESS_LENGTH_LIMIT)
                      : ADDRESS_LENGTH_MAX;

    for (long depth = 0;; depth++) {
        struct str from = expansion->items[at];
        if (map_get(&expansion->own, match_lower(view->arena, from)) != NULL)
            return MAPPED_GOOD;
        *why = "aliases lead in a circle";
        if (depth >= nesting)
            return MAPPED_FAILED;
        struct address_found found =
            look_up(expansion->walker, view, PARAM_VIRTUAL_ALIAS_MAPS, from);
        *why = "the table does not work";
        if (found.status == LOOKUP_NONE)
            return MAPPED_GOOD;
        if (found.status == LOOKUP_ERROR || found.value.at == NULL)
            return found.status == LOOKUP_ERROR ? MAPPED_FAILED : MAPPED_UNKNOWN;
        note_catch_all(expansion->walker, &found, from);
        struct str_list list =
            read_result(view, from, &found, propagates(view->service, "virtual"));
        if (list.count == 0)
            return MAPPED_FAILED;
        for (size_t i = 0; i < list.count; i++) {
            *why = "an address is too long";
            if ((long)list.items[i].len > length)
                return MAPPED_FAILED;
            if (i == 0)
                expansion->items[at] = list.items[i];
            else
                add_address(expansion, list.items[i]);
            if (str_eq_nocase(list.items[i], from))
                map_put(&expansion->own, match_lower(view->arena, from), expansion);
        }
    }
}

static enum mapping_end expand_all(struct alias_expansion *expansion, const char **why)
{
    long limit = policy_number(expansion->view->service, PARAM_VIRTUAL_ALIAS_EXPANSION_LIMIT);

    for (size_t i = 0; i < expansion->count; i++) {
        *why = too_much;
        if ((long)expansion->count > limit)
            return MAPPED_FAILED;
        enum mapping_end mapped = expand_at(expansion, i, why);
        if (mapped != MAPPED_GOOD)
            return mapped;
    }
    return MAPPED_GOOD;
}

/* make_key - of the filter of duplicates, in which the original recipient counts too */
static struct str make_key(struct state *view, struct str original, struct str address)
{
    if (!policy_flag(view->service, PARAM_ENABLE_ORIGINAL_RECIPIENT))
        return address;
    return arena_printf(view->arena, "%.*s\n%.*s", STR_ARG(original), STR_ARG(address));
}

/* queue_expansion - each address that ADDRESS, which was ORIGINAL, becomes goes to the queue once
 */
static void queue_expansion(struct delivery_walker *walker, const struct message *message,
                            struct state *view, struct str original, struct str address)
{
    struct alias_expansion expansion = {.walker = walker, .view = view};
    const char *why = "";

    map_init(&expansion.own, view->arena);
    add_address(&expansion, address);
    if (message->maps && is_set(view->service, PARAM_VIRTUAL_ALIAS_MAPS)) {
        enum mapping_end mapped = expand_all(&expansion, &why);
        if (mapped != MAPPED_GOOD) {
            end_unmapped(walker, PARAM_VIRTUAL_ALIAS_MAPS, address, mapped, why);
            return;
        }
    }
    for (size_t i = 0; i < expansion.count; i++)
        if (!walker_seen(walker, message, "recipient",
                         make_key(view, original, expansion.items[i])))
            queue_recipient(walker, message, expansion.items[i]);
}

/* queue_bcc - an address of always_bcc or of a bcc table */
static void queue_bcc(struct delivery_walker *walker, const struct message *message,
                      struct state *view, struct str address)
{
    address = address_rewrite(view, address);
    if (!message->maps || map_envelope(walker, view, &recipient_side, &address))
        queue_expansion(walker, message, view, address, address);
}

/* --- the parts ---------------------------------------------------------------------------------
 */

bool mapping_sender(struct delivery_walker *walker, struct message *message, struct str sender)
{
    static const struct envelope_side side = {PARAM_SENDER_CANONICAL_MAPS,
                                              PARAM_SENDER_CANONICAL_CLASSES, "envelope_sender"};
    static const struct str daemon = STR("mailer-daemon");
    struct state view = walker_view(walker, message->cleanup);
    struct str bcc;

    message->sender = sender.len > 0 ? address_rewrite(&view, sender) : str_of("");
    if (str_eq_nocase(str_slice(message->sender, 0, address_at(message->sender)), daemon) &&
        str_eq_nocase(message->sender, address_rewrite(&view, daemon)))
        message->sender = str_of("");
    if (message->maps && message->sender.len > 0 &&
        !map_envelope(walker, &view, &side, &message->sender))
        return false;
    if (!message->bccs)
        return true;
    if (!find_bcc(walker, &view, PARAM_SENDER_BCC_MAPS, message->sender, &bcc))
        return false;
    if (bcc.len > 0)
        queue_bcc(walker, message, &view, bcc);
    return true;
}

void mapping_recipient(struct delivery_walker *walker, const struct message *message,
                       struct str recipient)
{
    struct state view = walker_view(walker, message->cleanup);
    struct str always = policy_str(view.service, PARAM_ALWAYS_BCC);
    struct str address, bcc;

    if (recipient.len == 0)
        recipient = policy_str(view.service, PARAM_EMPTY_ADDRESS_RECIPIENT);
    address = address_rewrite(&view, recipient);
    if (message->maps && !map_envelope(walker, &view, &recipient_side, &address))
        return;
    queue_expansion(walker, message, &view, recipient, address);
    if (!message->bccs || !find_bcc(walker, &view, PARAM_RECIPIENT_BCC_MAPS, address, &bcc))
        return;
    if (bcc.len > 0)
        queue_bcc(walker, message, &view, bcc);
    if (always.len > 0)
        queue_bcc(walker, message, &view, always);
}
