/*
 * local_cyrus - Cyrus mailboxes, whose users have no account on this host
 *
 * MAILER(`cyrus') runs Cyrus's deliver, which becomes a pipe(8) service.  MAILER(`cyrusv2') uses
 * LMTP.  Both handle aliases, .forward and details as Sendmail's local mailer does.
 *
 * Source: cf/mailer/cyrus.m4, cyrusv2.m4.
 */
#include "convert/delivery/local.h"
#include "convert/sendmail/value.h"

void local_set_transport(struct draft *draft, const struct sendmail_item *item,
                         struct str transport)
{
    draft_map(draft, item, PARAM_MAILBOX_TRANSPORT, "%.*s", STR_ARG(transport));
    if (str_starts(transport, "lmtp:"))
        draft_fate(draft, item, FATE_MAPPED,
                   "the server gets user@domain as received; Sendmail passed only the user name, "
                   "in lower case");
}

static void take_all_users(struct draft *draft, const struct sendmail_item *item)
{
    draft_set(draft, item, PARAM_LOCAL_RECIPIENT_MAPS, "%s", "");
    draft_reason(
        draft, PARAM_LOCAL_RECIPIENT_MAPS,
        "mailbox users have no account on this host; the LMTP server rejects unknown users");
}

void local_map_cyrus(struct draft *draft, const struct sendmail_item *item)
{
    static const struct local_pipe names = {"${user}", "${extension}"};
    struct str flags = sendmail_define_or_default(draft, "CYRUS_MAILER_FLAGS");
    struct str call =
        local_pipe_call(draft, sendmail_define_or_default(draft, "CYRUS_MAILER_PATH"),
                        sendmail_define_or_default(draft, "CYRUS_MAILER_ARGS"), &names);
    struct str user = sendmail_define_or_default(draft, "CYRUS_MAILER_USER");
    bool keeps_case = str_find(flags, 'u', 0) < flags.len;

    if (call.at == NULL || user.len == 0 || str_span_not(user, 0, " \t\n{}$") < user.len) {
        draft_open_point(
            draft, item, "create a pipe(8) service and set mailbox_transport to it",
            "the user and the arguments of Cyrus's deliver have no equivalent in pipe(8)");
        return;
    }
    struct draft_service *service = draft_service(draft, item, "cyrus", "unix", "pipe");
    local_set_fields(service);
    service->arguments = arena_printf(
        draft->arena, "flags=%s user=%.*s%.*s %.*s", keeps_case ? "h" : "hu", STR_ARG(user),
        STR_ARG(local_pipe_size(draft, "CYRUS_MAILER_MAX")), STR_ARG(call));
    draft_set_named(draft, item, "cyrus_destination_recipient_limit", "1");
    local_set_transport(draft, item, str_of("cyrus"));
    take_all_users(draft, item);
    draft_step(draft, STEP_CHECK, str_of(""),
               str_of("Cyrus: the service cyrus in master.cf runs Cyrus's deliver as its user; "
                      "with a current Cyrus, use mailbox_transport = lmtp:unix: and the path of "
                      "its socket instead"));
}

void local_map_cyrusv2(struct draft *draft, const struct sendmail_item *item)
{
    struct str arguments = sendmail_define_or_default(draft, "CYRUSV2_MAILER_ARGS");
    struct str transport = local_lmtp(draft, arguments);

    if (transport.at == NULL) {
        draft_open_point(draft, item, "set mailbox_transport = lmtp:... to Cyrus's socket",
                         "Cyrus is reached by LMTP at %.*s", STR_ARG(arguments));
        return;
    }
    local_set_transport(draft, item, transport);
    take_all_users(draft, item);
}
