/*
 * local - local(8): aliases(5) with its includes, commands and files, users, and the rest
 *
 * src/local: recipient.c, alias.c, token.c, include.c, resolve.c, mailbox.c, unknown.c.  A user's
 * ~/.forward is not in the files of the configuration.
 */
#include "parser/text/token.h"
#include "smtp/address/form.h"
#include "smtp/address/match_list.h"
#include "smtp/address/token.h"
#include "smtp/delivery/parts.h"

enum { LOCAL_LEVEL_MAX = 100 }; /* alias.c; of includes only the newest Postfix has it */

/* where an address comes from, for allow_mail_to_commands and allow_mail_to_files */
enum expanded { EXPANDED_NOT, EXPANDED_ALIAS, EXPANDED_INCLUDE };

/* a recipient; those of its aliases are copies */
struct local_recipient {
    struct delivery_walker *walker;
    const struct message *message;
    const struct agent_request *request;
    const struct policy_service *service;
    struct state *view;
    struct str address;   /* user+extension@domain */
    struct str local;     /* user+extension, in lower case */
    struct str user;      /* without the extension */
    struct str extension; /* STR_NONE: none */
    struct str unmatched; /* the extension that the results of aliases get; STR_NONE: none */
    struct str owner;     /* who gets errors; STR_NONE: the sender */
    struct str sender;
    struct str delivered; /* for Delivered-To: of forwarded mail; STR_NONE: not set yet */
    struct str from;      /* the alias that is being expanded; STR_NONE: none */
    enum expanded expanded;
    unsigned request_number; /* what was done is remembered for each */
    int level;
    bool plain; /* "\name": no aliases */
};

static void deliver_recipient(struct local_recipient recipient);

/* --- ends --------------------------------------------------------------------------------------
 */

static void end_local(const struct local_recipient *recipient, enum delivery_end end,
                      struct str what)
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

static struct arena *get_arena(const struct local_recipient *recipient)
{
    return recipient->walker->walk->arena;
}

static bool is_set(const struct local_recipient *recipient, enum parameter_number parameter)
{
    struct str value = policy_str(recipient->service, parameter);

    return value.at == NULL || value.len > 0;
}

static bool was_done(const struct local_recipient *recipient, const char *kind, struct str what)
{
    return walker_seen(
        recipient->walker, recipient->message, kind,
        arena_printf(get_arena(recipient), "%u %.*s", recipient->request_number, STR_ARG(what)));
}

/* pass_on - deliver_pass.c: to another transport, "transport:nexthop" */
static void pass_on(const struct local_recipient *recipient, struct str channel)
{
    size_t colon = str_find(channel, ':', 0);
    struct agent_request request = *recipient->request;

    request.recipient = recipient->address;
    request.transport = str_slice(channel, 0, colon);
    if (colon + 1 < channel.len)
        request.nexthop = str_slice(channel, colon + 1, channel.len);
    agent_deliver(recipient->walker, &request);
}

/* forward - deliver_indirect(): a new message */
static void forward(const struct local_recipient *recipient)
{
    if (was_done(recipient, "indirect", recipient->address))
        return;
    walker_step_named(
        recipient->walker, "local",
        arena_printf(get_arena(recipient), "forwards to %.*s", STR_ARG(recipient->address)),
        (struct span){NULL, 0, 0});
    forward_message(recipient->walker, recipient->message,
                    recipient->delivered.at != NULL ? recipient->delivered : recipient->address,
                    recipient->sender, recipient->address);
}

/* --- users -------------------------------------------------------------------------------------
 */

/* is_user - does getpwnam(3) know the name?  May ask the world */
static bool is_user(const struct local_recipient *recipient)
{
    const struct map *users = match_users(recipient->view);

    if (users != NULL)
        return map_get(users, recipient->user) != NULL;
    return world_ask(recipient->view->world, QUESTION_RECIPIENT,
                     arena_printf(get_arena(recipient), "the user %.*s", STR_ARG(recipient->user)),
                     answers_exists, 2) == 0;
}

/* find_by_user - in a table whose key is the user; false: none; true: the mail ended here, or
 *RESULT is set */
static bool find_by_user(const struct local_recipient *recipient, enum parameter_number maps,
                         struct str *result)
{
    const struct address_search search = {maps, KEYS_ADDRESS, QUESTION_TABLE,
                                          TABLE_FOLD | TABLE_NO_REGSUB};

    *result = STR_NONE;
    if (!is_set(recipient, maps))
        return false;
    struct address_found found = address_find_key(recipient->view, &search, recipient->user);
    if (found.status == LOOKUP_NONE)
        return false;
    walker_step(recipient->walker, recipient->service, maps,
                found.value.at == NULL ? str_of("found") : found.value, &found);
    if (found.status == LOOKUP_ERROR)
        end_local(recipient, DELIVERY_DEFER, str_of("4.3.0 table lookup failure"));
    else if (found.value.at == NULL)
        end_local(recipient, DELIVERY_UNKNOWN,
                  arena_printf(get_arena(recipient), "what %.*s has for %.*s cannot be read",
                               STR_ARG(found.table), STR_ARG(recipient->user)));
    else
        *result = found.value;
    return true;
}

/* deliver_user - to the mailbox of a user; false: there is no such user */
static bool deliver_user(const struct local_recipient *recipient)
{
    struct arena *arena = get_arena(recipient);
    struct str result, command = policy_str(recipient->service, PARAM_MAILBOX_COMMAND);

    if (was_done(recipient, "mailbox", recipient->local))
        return true;
    if (find_by_user(recipient, PARAM_MAILBOX_TRANSPORT_MAPS, &result)) {
        if (result.at != NULL)
            pass_on(recipient, result);
        return true;
    }
    if (is_set(recipient, PARAM_MAILBOX_TRANSPORT)) {
        struct str channel = policy_str(recipient->service, PARAM_MAILBOX_TRANSPORT);
        walker_step(recipient->walker, recipient->service, PARAM_MAILBOX_TRANSPORT, channel, NULL);
        pass_on(recipient, channel);
        return true;
    }
    if (!is_user(recipient))
        return false;
    if (is_set(recipient, PARAM_FORWARD_PATH) && !recipient->plain)
        walker_note(recipient->walker,
                    arena_printf(arena,
                                 "a .forward file of %.*s, which is not among the files of "
                                 "the configuration, may send it elsewhere",
                                 STR_ARG(recipient->user)));
    if (find_by_user(recipient, PARAM_MAILBOX_COMMAND_MAPS, &result)) {
        if (result.at != NULL)
            end_local(recipient, DELIVERY_COMMAND, result);
    } else if (command.len > 0) {
        end_local(recipient, DELIVERY_COMMAND, command);
    } else {
        end_local(recipient, DELIVERY_MAILBOX,
                  arena_printf(arena, "the mailbox of %.*s", STR_ARG(recipient->user)));
    }
    return true;
}

/* --- users that are not there ------------------------------------------------------------------
 */

static void resolve_and_deliver(struct local_recipient recipient, struct str address);

/* expand_luser - luser_relay with $user, $local and the like (local_expand.c) */
static struct str expand_luser(const struct local_recipient *recipient, struct str text)
{
    const struct {
        const char *name;
        struct str value;
    } names[] = {
        {"user", recipient->user},
        {"local", recipient->local},
        {"domain", address_domain(recipient->address)},
        {"recipient", recipient->address},
        {"extension", recipient->extension},
    };
    struct buffer out;

    buffer_init(&out, get_arena(recipient));
    while (text.len > 0) {
        size_t dollar = str_find(text, '$', 0);
        buffer_add(&out, str_slice(text, 0, dollar));
        text = str_slice(text, dollar + 1, text.len);
        if (text.len == 0)
            break;
        bool braced = text.at[0] == '{' || text.at[0] == '(';
        struct str rest = str_slice(text, braced, text.len);
        size_t end = 0;
        while (end < rest.len && (is_alnum(rest.at[end]) || rest.at[end] == '_'))
            end++;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (str_is(str_slice(rest, 0, end), names[i].name))
                buffer_add(&out, names[i].value);
        text = str_slice(rest, end + braced, rest.len);
    }
    return buffer_str(&out);
}

static void relay_unknown(struct local_recipient recipient)
{
    const struct config *config = recipient.walker->policy->config;
    /* local(8) expands it, and not the reader of main.cf */
    struct str text = config_find(config, recipient.service->service, PARAM_LUSER_RELAY).value;

    recipient.level++;
    recipient.unmatched = STR_NONE;
    text = expand_luser(&recipient, text);
    walker_step(recipient.walker, recipient.service, PARAM_LUSER_RELAY, text, NULL);
    if (str_eq_nocase(address_rewrite(recipient.view, text), recipient.address))
        end_local(&recipient, DELIVERY_BOUNCE,
                  arena_printf(get_arena(&recipient), "5.1.1 unknown user: \"%.*s\"",
                               STR_ARG(recipient.user)));
    else
        resolve_and_deliver(recipient, text);
}

static void deliver_unknown(const struct local_recipient *recipient)
{
    struct str result;
    struct str channel = policy_str(recipient->service, PARAM_FALLBACK_TRANSPORT);

    if (was_done(recipient, "unknown", recipient->local))
        return;
    if (find_by_user(recipient, PARAM_FALLBACK_TRANSPORT_MAPS, &result)) {
        if (result.at != NULL)
            pass_on(recipient, result);
    } else if (is_set(recipient, PARAM_FALLBACK_TRANSPORT)) {
        walker_step(recipient->walker, recipient->service, PARAM_FALLBACK_TRANSPORT, channel, NULL);
        pass_on(recipient, channel);
    } else if (is_set(recipient, PARAM_LUSER_RELAY)) {
        relay_unknown(*recipient);
    } else if (str_is_nocase(recipient->user, "postmaster") ||
               str_is_nocase(recipient->user, "mailer-daemon")) {
        walker_note(recipient->walker,
                    arena_printf(get_arena(recipient),
                                 "there is neither an alias nor a user %.*s: its mail is thrown "
                                 "away",
                                 STR_ARG(recipient->user)));
        end_local(recipient, DELIVERY_DISCARD, str_of("a required alias is missing"));
    } else {
        end_local(recipient, DELIVERY_BOUNCE,
                  arena_printf(get_arena(recipient), "5.1.1 unknown user: \"%.*s\"",
                               STR_ARG(recipient->user)));
    }
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
    if (was_done(recipient, "file", path))
        return;
    if (!walker_has_word(recipient->service, PARAM_ALLOW_MAIL_TO_FILES, expanded_word(recipient)))
        end_local(recipient, DELIVERY_BOUNCE, str_of("5.7.1 mail to file is restricted"));
    else
        end_local(recipient, DELIVERY_FILE, path);
}

static void deliver_command(const struct local_recipient *recipient, struct str command)
{
    struct str key =
        arena_printf(get_arena(recipient), "%.*s %.*s", STR_ARG(recipient->user), STR_ARG(command));

    if (!walker_has_word(recipient->service, PARAM_ALLOW_MAIL_TO_COMMANDS,
                         expanded_word(recipient)))
        end_local(recipient, DELIVERY_BOUNCE, str_of("5.7.1 mail to command is restricted"));
    else if (!was_done(recipient, "command", key))
        end_local(recipient, DELIVERY_COMMAND, command);
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
    struct arena *arena = get_arena(&recipient);
    struct str file;

    recipient.level++;
    if (recipient.level > LOCAL_LEVEL_MAX) {
        end_local(&recipient, DELIVERY_BOUNCE, str_of("5.4.6 :include: nesting limit exceeded"));
        return;
    }
    if (was_done(&recipient, "include", path))
        return;
    if (!str_starts(path, "/")) {
        walker_note(recipient.walker,
                    arena_printf(arena, ":include:%.*s needs an absolute path", STR_ARG(path)));
        end_local(&recipient, DELIVERY_BOUNCE, str_of("5.3.5 mail system configuration error"));
        return;
    }
    if (!config_owns_file(config, path, &file)) {
        end_local(&recipient, DELIVERY_UNKNOWN,
                  arena_printf(arena, "the list %.*s is not in the directory that was opened",
                               STR_ARG(path)));
        return;
    }
    const struct source *source = config_read(config, arena, file);
    if (source == NULL) {
        walker_note(recipient.walker,
                    arena_printf(arena, "the list %.*s cannot be read", STR_ARG(path)));
        end_local(&recipient, DELIVERY_BOUNCE, str_of("5.3.5 mail system configuration error"));
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

/* resolve_and_deliver - an address of an alias: here if it is local, or else in a new message */
static void resolve_and_deliver(struct local_recipient recipient, struct str address)
{
    struct arena *arena = get_arena(&recipient);
    struct str rewritten = address_rewrite(recipient.view, address);
    struct resolved resolved = address_resolve(recipient.view, str_of(""), rewritten);

    recipient.level++;
    if (resolved.class == ADDRESS_ERROR) {
        end_local(&recipient, DELIVERY_DEFER, str_of("4.3.0 address resolver failure"));
        return;
    }
    if (resolved.bad_syntax) {
        end_local(&recipient, DELIVERY_BOUNCE,
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
        end_local(recipient, DELIVERY_BOUNCE, str_of("5.3.5 mail system configuration error"));
    else if (str_starts(item, "|"))
        deliver_command(recipient, str_slice(item, 1, item.len));
    else if (str_eq_nocase(str_slice(item, 0, include.len), include))
        deliver_include(*recipient, str_slice(item, include.len, item.len));
    else
        resolve_and_deliver(*recipient, item);
}

static void deliver_text(const struct local_recipient *recipient, struct str text, size_t *count)
{
    struct str_list items = tokens_addresses(get_arena(recipient), text);

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
    struct arena *arena = get_arena(recipient);
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
    struct arena *arena = get_arena(&recipient);
    size_t count = 0;

    recipient.level++;
    if (recipient.from.at != NULL && str_eq_nocase(recipient.from, name))
        return false;
    if (recipient.level > LOCAL_LEVEL_MAX) {
        end_local(&recipient, DELIVERY_BOUNCE,
                  arena_printf(arena, "5.4.6 alias database loop for %.*s", STR_ARG(name)));
        return true;
    }
    if (!is_set(&recipient, PARAM_ALIAS_MAPS))
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
        end_local(&recipient, DELIVERY_DEFER, str_of("4.3.0 alias database unavailable"));
        return true;
    }
    if (found.value.at == NULL) {
        end_local(&recipient, DELIVERY_UNKNOWN,
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
        end_local(&recipient, DELIVERY_DEFER, str_of("4.3.0 alias database unavailable"));
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
    if (!deliver_user(recipient))
        deliver_unknown(recipient);
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
    struct arena *arena = get_arena(&recipient);
    struct str user, extension;

    recipient.level++;
    if (was_done(&recipient, "address",
                 arena_printf(arena, "%d %.*s", recipient.level, STR_ARG(recipient.address))))
        return;
    if (is_looping(&recipient)) {
        end_local(
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
        end_local(
            &recipient, DELIVERY_BOUNCE,
            arena_printf(arena, "5.1.3 null username in \"%.*s\"", STR_ARG(recipient.address)));
        return;
    }
    if (str_starts(recipient.address, "\\")) {
        recipient.plain = true;
        recipient.address = str_slice(recipient.address, 1, recipient.address.len);
        recipient.local = str_slice(recipient.local, 1, recipient.local.len);
        recipient.user = str_slice(recipient.user, 1, recipient.user.len);
        if (!deliver_user(&recipient))
            deliver_unknown(&recipient);
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
