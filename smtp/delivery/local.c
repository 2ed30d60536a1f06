/*
 * local - local(8): aliases(5) with its includes, commands and files, users, and the rest
 *
 * src/local: recipient.c, alias.c, token.c, include.c, resolve.c, mailbox.c, unknown.c.  A user's
 * ~/.forward is not in the files of the configuration.
 */
#include "parser/text/token.h"
#include "smtp/address/form.h"
#include "smtp/address/token.h"
#include "smtp/delivery/local_parts.h"

enum { LOCAL_LEVEL_MAX = 100 }; /* alias.c; of includes only the newest Postfix has it */

static void deliver_recipient(struct local_recipient recipient);

/* --- ends --------------------------------------------------------------------------------------
 */

void local_end(const struct local_recipient *recipient, enum delivery_end end, struct str what)
{
    struct mail_delivery *delivery = walker_end(recipient->walker, recipient->address, end, what);

    if (delivery == NULL)
        return;
    delivery->transport = recipient->request->transport;
    delivery->nexthop = recipient->request->nexthop;
    delivery->daemon = service_process_name(recipient->service->service);
    if (recipient->request->resolved != NULL) {
        delivery->class = recipient->request->resolved->class;
        delivery->has_class = true;
    }
}

struct arena *local_arena(const struct local_recipient *recipient)
{
    return recipient->walker->walk->arena;
}

bool local_is_set(const struct local_recipient *recipient, enum parameter_number parameter)
{
    struct str value = policy_str(recipient->service, parameter);

    return value.at == NULL || value.len > 0;
}

bool local_was_done(const struct local_recipient *recipient, const char *kind, struct str what)
{
    return walker_seen(
        recipient->walker, recipient->message, kind,
        arena_printf(local_arena(recipient), "%u %.*s", recipient->request_number, STR_ARG(what)));
}

/* forward - deliver_indirect(): a new message */
static void forward(const struct local_recipient *recipient)
{
    if (local_was_done(recipient, "indirect", recipient->address))
        return;
    walker_step_named(
        recipient->walker, "local",
        arena_printf(local_arena(recipient), "forwards to %.*s", STR_ARG(recipient->address)),
        SPAN_NONE);
    walker_forward(recipient->walker, recipient->message,
                   recipient->delivered.at != NULL ? recipient->delivered : recipient->address,
                   recipient->sender, recipient->address);
}

/* --- results of aliases ------------------------------------------------------------------------
 */

static void deliver_text(const struct local_recipient *recipient, struct str text, size_t *count);

static const char *expanded_word(const struct local_recipient *recipient)
{
    return recipient->expanded == EXPANDED_INCLUDE ? "include" : "alias";
}

static void deliver_file(const struct local_recipient *recipient, struct str path)
{
    if (local_was_done(recipient, "file", path))
        return;
    if (!walker_has_word(recipient->service, PARAM_ALLOW_MAIL_TO_FILES, expanded_word(recipient)))
        local_end(recipient, DELIVERY_BOUNCE, str_of("5.7.1 mail to file is restricted"));
    else
        local_end(recipient, DELIVERY_FILE, path);
}

static void deliver_command(const struct local_recipient *recipient, struct str command)
{
    struct str key = arena_printf(local_arena(recipient), "%.*s %.*s", STR_ARG(recipient->user),
                                  STR_ARG(command));

    if (!walker_has_word(recipient->service, PARAM_ALLOW_MAIL_TO_COMMANDS,
                         expanded_word(recipient)))
        local_end(recipient, DELIVERY_BOUNCE, str_of("5.7.1 mail to command is restricted"));
    else if (!local_was_done(recipient, "command", key))
        local_end(recipient, DELIVERY_COMMAND, command);
}

/* deliver_lines - of an included file; # begins a comment at the start of a line alone */
static void deliver_lines(const struct local_recipient *recipient, struct str text)
{
    while (text.len > 0) {
        size_t end = str_find(text, '\n', 0);
        struct str line = str_slice(text, 0, end);
        size_t count = 0;
        if (!str_starts(line, "#"))
            deliver_text(recipient, line, &count);
        text = str_slice(text, end + 1, text.len);
    }
}

static void deliver_include(struct local_recipient recipient, struct str path)
{
    const struct config *config = recipient.walker->policy->config;
    struct arena *arena = local_arena(&recipient);
    struct str file;

    recipient.level++;
    if (recipient.level > LOCAL_LEVEL_MAX) {
        local_end(&recipient, DELIVERY_BOUNCE, str_of("5.4.6 :include: nesting limit exceeded"));
        return;
    }
    if (local_was_done(&recipient, "include", path))
        return;
    if (!str_starts(path, "/")) {
        walker_note(recipient.walker,
                    arena_printf(arena, ":include:%.*s needs an absolute path", STR_ARG(path)));
        local_end(&recipient, DELIVERY_BOUNCE, str_of("5.3.5 mail system configuration error"));
        return;
    }
    if (!config_owns_file(config, path, &file)) {
        local_end(&recipient, DELIVERY_UNKNOWN,
                  arena_printf(arena, "the list %.*s is not in the directory that was opened",
                               STR_ARG(path)));
        return;
    }
    const struct source *source = config_read(config, arena, file);
    if (source == NULL) {
        walker_note(recipient.walker,
                    arena_printf(arena, "the list %.*s cannot be read", STR_ARG(path)));
        local_end(&recipient, DELIVERY_BOUNCE, str_of("5.3.5 mail system configuration error"));
        return;
    }
    walker_step_named(recipient.walker, "local",
                      arena_printf(arena, ":include:%.*s", STR_ARG(path)),
                      (struct span){source, 0, 0});
    recipient.from = recipient.local;
    recipient.expanded = EXPANDED_INCLUDE;
    if (recipient.owner.at == NULL)
        recipient.owner = recipient.address;
    if (!walker_has_word(recipient.service, PARAM_PROPAGATE_UNMATCHED_EXTENSIONS, "include"))
        recipient.unmatched = STR_NONE;
    deliver_lines(&recipient, source->bytes);
}

void local_resolve(struct local_recipient recipient, struct str address)
{
    struct arena *arena = local_arena(&recipient);
    struct str rewritten = address_rewrite(recipient.view, address);
    struct resolved resolved = address_resolve(recipient.view, str_of(""), rewritten);

    recipient.level++;
    if (resolved.class == ADDRESS_ERROR) {
        local_end(&recipient, DELIVERY_DEFER, str_of("4.3.0 address resolver failure"));
        return;
    }
    if (resolved.bad_syntax) {
        local_end(&recipient, DELIVERY_BOUNCE,
                  arena_printf(arena,
                               "5.1.3 bad recipient address "
                               "syntax: %.*s",
                               STR_ARG(rewritten)));
        return;
    }
    recipient.address = arena_copy(arena, resolved.address);
    if (recipient.unmatched.at != NULL) {
        size_t at = address_at(recipient.address);
        recipient.address =
            arena_printf(arena, "%.*s%c%.*s%.*s", STR_ARG(str_slice(recipient.address, 0, at)),
                         recipient.local.at[recipient.user.len], STR_ARG(recipient.unmatched),
                         STR_ARG(str_slice(recipient.address, at, recipient.address.len)));
    }
    if (str_eq(resolved.transport, recipient.request->transport))
        deliver_recipient(recipient);
    else
        forward(&recipient);
}

static void deliver_item(const struct local_recipient *recipient, struct str item)
{
    static const struct str include = STR(":include:");

    if (str_starts(item, "/"))
        deliver_file(recipient, item);
    else if (str_starts(item, "~"))
        local_end(recipient, DELIVERY_BOUNCE, str_of("5.3.5 mail system configuration error"));
    else if (str_starts(item, "|"))
        deliver_command(recipient, str_slice(item, 1, item.len));
    else if (str_eq_nocase(str_slice(item, 0, include.len), include))
        deliver_include(*recipient, str_slice(item, include.len, item.len));
    else
        local_resolve(*recipient, item);
}

static void deliver_text(const struct local_recipient *recipient, struct str text, size_t *count)
{
    struct str_list items = tokens_addresses(local_arena(recipient), text);

    *count += items.count;
    for (size_t i = 0; i < items.count; i++)
        deliver_item(recipient, items.items[i]);
}

/* --- aliases -----------------------------------------------------------------------------------
 */

static struct address_found find_alias(const struct local_recipient *recipient, struct str name)
{
    const struct address_search search = {PARAM_ALIAS_MAPS, KEYS_ADDRESS, QUESTION_TABLE,
                                          TABLE_FOLD | TABLE_NO_REGSUB | TABLE_ALIAS};

    return address_find_key(recipient->view, &search, name);
}

/* set_owner - with an alias owner-NAME, errors go there, and local users get a message of their own
 */
static void set_owner(struct local_recipient *recipient, struct str name)
{
    struct arena *arena = local_arena(recipient);
    struct str owner = arena_printf(arena, "owner-%.*s", STR_ARG(name));
    bool expands = policy_flag(recipient->service, PARAM_EXPAND_OWNER_ALIAS);
    struct address_found found = {.status = LOOKUP_NONE};

    if (policy_flag(recipient->service, PARAM_OWNER_REQUEST_SPECIAL))
        found = find_alias(recipient, owner);
    if (found.status == LOOKUP_FOUND) {
        recipient->owner = recipient->sender = address_rewrite(
            recipient->view, expands && found.value.at != NULL ? found.value : owner);
        walker_step(recipient->walker, recipient->service, PARAM_ALIAS_MAPS,
                    arena_printf(arena, "%.*s: errors go to %.*s", STR_ARG(owner),
                                 STR_ARG(recipient->owner)),
                    &found);
    } else if (!policy_has(recipient->service, PARAM_RESET_OWNER_ALIAS) ||
               policy_flag(recipient->service, PARAM_RESET_OWNER_ALIAS)) {
        recipient->owner = STR_NONE;
    }
}

/* deliver_alias - false: NAME is no alias */
static bool deliver_alias(struct local_recipient recipient, struct str name)
{
    struct arena *arena = local_arena(&recipient);
    size_t count = 0;

    recipient.level++;
    if (recipient.from.at != NULL && str_eq_nocase(recipient.from, name))
        return false;
    if (recipient.level > LOCAL_LEVEL_MAX) {
        local_end(&recipient, DELIVERY_BOUNCE,
                  arena_printf(arena, "5.4.6 alias database loop for %.*s", STR_ARG(name)));
        return true;
    }
    if (!local_is_set(&recipient, PARAM_ALIAS_MAPS))
        return false;
    struct address_found found = find_alias(&recipient, name);
    walker_step(recipient.walker, recipient.service, PARAM_ALIAS_MAPS,
                arena_printf(arena, "%.*s: %.*s", STR_ARG(name),
                             STR_ARG(found.status == LOOKUP_NONE ? str_of("not found")
                                     : found.value.at == NULL    ? str_of("found, result unknown")
                                                                 : found.value)),
                &found);
    if (found.status == LOOKUP_NONE)
        return false;
    recipient.from = name;
    if (found.status == LOOKUP_ERROR) {
        local_end(&recipient, DELIVERY_DEFER, str_of("4.3.0 alias database unavailable"));
        return true;
    }
    if (found.value.at == NULL) {
        local_end(&recipient, DELIVERY_UNKNOWN,
                  arena_printf(arena, "what %.*s has for %.*s cannot be read", STR_ARG(found.table),
                               STR_ARG(name)));
        return true;
    }
    recipient.expanded = EXPANDED_ALIAS;
    set_owner(&recipient, name);
    if (!policy_flag(recipient.service, PARAM_FROZEN_DELIVERED_TO))
        recipient.delivered = recipient.address;
    deliver_text(&recipient, found.value, &count);
    if (count == 0)
        local_end(&recipient, DELIVERY_DEFER, str_of("4.3.0 alias database unavailable"));
    return true;
}

/* --- recipients --------------------------------------------------------------------------------
 */

static void deliver_switch(struct local_recipient *recipient)
{
    bool propagates =
        walker_has_word(recipient->service, PARAM_PROPAGATE_UNMATCHED_EXTENSIONS, "alias");

    recipient->level++;
    recipient->unmatched = STR_NONE;
    if (deliver_alias(*recipient, recipient->local))
        return;
    if (recipient->extension.at != NULL) {
        if (propagates)
            recipient->unmatched = recipient->extension;
        if (deliver_alias(*recipient, recipient->user))
            return;
        recipient->unmatched = recipient->extension;
    }
    bool is_others =
        recipient->owner.at != NULL && !str_eq_nocase(recipient->owner, recipient->user);
    if (is_others || recipient->expanded == EXPANDED_INCLUDE) {
        forward(recipient);
        return;
    }
    if (!local_deliver_user(recipient))
        local_deliver_unknown(recipient);
}

/* is_looping - was this address in Delivered-To: of a message before this one? */
static bool is_looping(const struct local_recipient *recipient)
{
    for (const struct message *one = recipient->message; one->from != NULL; one = one->from)
        if (str_eq_nocase(one->delivered_to, recipient->address))
            return true;
    return false;
}

static void deliver_recipient(struct local_recipient recipient)
{
    struct arena *arena = local_arena(&recipient);
    struct str user, extension;

    recipient.level++;
    if (local_was_done(&recipient, "address",
                       arena_printf(arena, "%d %.*s", recipient.level, STR_ARG(recipient.address))))
        return;
    if (is_looping(&recipient)) {
        local_end(
            &recipient, DELIVERY_BOUNCE,
            arena_printf(arena, "5.4.6 mail forwarding loop for %.*s", STR_ARG(recipient.address)));
        return;
    }
    if (recipient.delivered.at == NULL)
        recipient.delivered = recipient.address;
    recipient.local =
        arena_lower(arena, str_slice(recipient.address, 0, address_at(recipient.address)));
    recipient.user = recipient.local;
    recipient.extension = STR_NONE;
    if (address_split(recipient.view, recipient.local, &user, &extension)) {
        recipient.user = user;
        if (str_find(extension, '/', 0) == extension.len)
            recipient.extension = extension;
        else
            recipient.local = user;
    }
    if (recipient.user.len == 0) {
        local_end(
            &recipient, DELIVERY_BOUNCE,
            arena_printf(arena, "5.1.3 null username in \"%.*s\"", STR_ARG(recipient.address)));
        return;
    }
    if (str_starts(recipient.address, "\\")) {
        recipient.plain = true;
        recipient.address = str_slice(recipient.address, 1, recipient.address.len);
        recipient.local = str_slice(recipient.local, 1, recipient.local.len);
        recipient.user = str_slice(recipient.user, 1, recipient.user.len);
        if (!local_deliver_user(&recipient))
            local_deliver_unknown(&recipient);
        return;
    }
    deliver_switch(&recipient);
}

void local_deliver(struct delivery_walker *walker, const struct agent_request *request,
                   const struct policy_service *service)
{
    struct state view = walker_view(walker, service);
    const struct local_recipient recipient = {
        .walker = walker,
        .message = request->message,
        .request = request,
        .service = service,
        .view = &view,
        .address = request->recipient,
        .sender = request->message->sender,
        .request_number = walker->local_requests++,
    };

    deliver_recipient(recipient);
}
