/* local_user - local(8): mailboxes of users, and users that are not there (mailbox.c, unknown.c) */
#include "smtp/address/form.h"
#include "smtp/address/match_list.h"
#include "smtp/delivery/local_parts.h"

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

/* --- users -------------------------------------------------------------------------------------
 */

/* is_user - does getpwnam(3) know the name?  May ask the world */
static bool is_user(const struct local_recipient *recipient)
{
    const struct map *users = match_users(recipient->view);

    if (users != NULL)
        return map_get(users, recipient->user) != NULL;
    return world_ask(
               recipient->view->world, QUESTION_RECIPIENT,
               arena_printf(local_arena(recipient), "the user %.*s", STR_ARG(recipient->user)),
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
    if (!local_is_set(recipient, maps))
        return false;
    struct address_found found = address_find_key(recipient->view, &search, recipient->user);
    if (found.status == LOOKUP_NONE)
        return false;
    walker_step(recipient->walker, recipient->service, maps,
                found.value.at == NULL ? str_of("found") : found.value, &found);
    if (found.status == LOOKUP_ERROR)
        local_end(recipient, DELIVERY_DEFER, str_of("4.3.0 table lookup failure"));
    else if (found.value.at == NULL)
        local_end(recipient, DELIVERY_UNKNOWN,
                  arena_printf(local_arena(recipient), "what %.*s has for %.*s cannot be read",
                               STR_ARG(found.table), STR_ARG(recipient->user)));
    else
        *result = found.value;
    return true;
}

bool local_deliver_user(const struct local_recipient *recipient)
{
    struct arena *arena = local_arena(recipient);
    struct str result, command = policy_str(recipient->service, PARAM_MAILBOX_COMMAND);

    if (local_was_done(recipient, "mailbox", recipient->local))
        return true;
    if (find_by_user(recipient, PARAM_MAILBOX_TRANSPORT_MAPS, &result)) {
        if (result.at != NULL)
            pass_on(recipient, result);
        return true;
    }
    if (local_is_set(recipient, PARAM_MAILBOX_TRANSPORT)) {
        struct str channel = policy_str(recipient->service, PARAM_MAILBOX_TRANSPORT);
        walker_step(recipient->walker, recipient->service, PARAM_MAILBOX_TRANSPORT, channel, NULL);
        pass_on(recipient, channel);
        return true;
    }
    if (!is_user(recipient))
        return false;
    if (local_is_set(recipient, PARAM_FORWARD_PATH) && !recipient->plain)
        walker_note(recipient->walker,
                    arena_printf(arena,
                                 "a .forward file of %.*s, which is not among the files of "
                                 "the configuration, may send it elsewhere",
                                 STR_ARG(recipient->user)));
    if (find_by_user(recipient, PARAM_MAILBOX_COMMAND_MAPS, &result)) {
        if (result.at != NULL)
            local_end(recipient, DELIVERY_COMMAND, result);
    } else if (command.len > 0) {
        local_end(recipient, DELIVERY_COMMAND, command);
    } else {
        local_end(recipient, DELIVERY_MAILBOX,
                  arena_printf(arena, "the mailbox of %.*s", STR_ARG(recipient->user)));
    }
    return true;
}

/* --- users that are not there ------------------------------------------------------------------
 */

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

    buffer_init(&out, local_arena(recipient));
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
        local_end(&recipient, DELIVERY_BOUNCE,
                  arena_printf(local_arena(&recipient), "5.1.1 unknown user: \"%.*s\"",
                               STR_ARG(recipient.user)));
    else
        local_resolve(recipient, text);
}

void local_deliver_unknown(const struct local_recipient *recipient)
{
    struct str result;
    struct str channel = policy_str(recipient->service, PARAM_FALLBACK_TRANSPORT);

    if (local_was_done(recipient, "unknown", recipient->local))
        return;
    if (find_by_user(recipient, PARAM_FALLBACK_TRANSPORT_MAPS, &result)) {
        if (result.at != NULL)
            pass_on(recipient, result);
    } else if (local_is_set(recipient, PARAM_FALLBACK_TRANSPORT)) {
        walker_step(recipient->walker, recipient->service, PARAM_FALLBACK_TRANSPORT, channel, NULL);
        pass_on(recipient, channel);
    } else if (local_is_set(recipient, PARAM_LUSER_RELAY)) {
        relay_unknown(*recipient);
    } else if (str_is_nocase(recipient->user, "postmaster") ||
               str_is_nocase(recipient->user, "mailer-daemon")) {
        walker_note(recipient->walker,
                    arena_printf(local_arena(recipient),
                                 "there is neither an alias nor a user %.*s: its mail is thrown "
                                 "away",
                                 STR_ARG(recipient->user)));
        local_end(recipient, DELIVERY_DISCARD, str_of("a required alias is missing"));
    } else {
        local_end(recipient, DELIVERY_BOUNCE,
                  arena_printf(local_arena(recipient), "5.1.1 unknown user: \"%.*s\"",
                               STR_ARG(recipient->user)));
    }
}
