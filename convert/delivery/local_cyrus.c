/*
 * local_cyrus - mailboxes of Cyrus, whose users have no account on this host
 *
 * MAILER(`cyrus') runs Cyrus's deliver: for it there is a service of pipe(8).  MAILER(`cyrusv2')
 * speaks LMTP.  Both look after aliases, .forward and details as Sendmail's local mailer does.
 */
#include "convert/delivery/local.h"
#include "convert/sendmail/value.h"

/* cf/mailer/cyrus.m4, cyrusv2.m4 */
#define CYRUS_ARGUMENTS "cyrdeliver -e -m $h -- $u"
#define CYRUS_FLAGS "Ah5@/:|"
#define CYRUS_USER "cyrus:mail"
#define CYRUS_PATH "/usr/sbin/cyrdeliver"
#define CYRUSV2_ARGUMENTS "FILE /var/run/cyrus/socket/lmtp"

static struct str define_or(const struct draft *draft, const char *name, const char *fallback)
{
    struct str value = sendmail_define_value(draft, name);

    return value.at != NULL ? value : str_of(fallback);
}

void local_set_transport(struct draft *draft, const struct sendmail_item *item,
                         struct str transport)
{
    draft_map(draft, item, "mailbox_transport", "%.*s", STR_ARG(transport));
    if (str_starts(transport, "lmtp:"))
        draft_fate(draft, item, FATE_MAPPED,
                   "the server is given user@domain as it came, Sendmail gave it the user's name "
                   "alone, in "
                   "lower case");
}

static void take_all_users(struct draft *draft, const struct sendmail_item *item)
{
    draft_set(draft, item, "local_recipient_maps", "%s", "");
    draft_reason(draft, "local_recipient_maps",
                 "the mailboxes need no users of this host; the LMTP server refuses who has none");
}

struct str local_pipe_size(const struct draft *draft, const char *define)
{
    struct str limit = sendmail_define_value(draft, define);

    return limit.len > 0 && str_is_digits(limit)
               ? arena_printf(draft->arena, " size=%.*s", STR_ARG(limit))
               : str_of("");
}

void local_map_cyrus(struct draft *draft, const struct sendmail_item *item)
{
    static const struct local_pipe names = {"${user}", "${extension}"};
    struct str flags = define_or(draft, "CYRUS_MAILER_FLAGS", CYRUS_FLAGS);
    struct str call =
        local_pipe_call(draft, define_or(draft, "CYRUS_MAILER_PATH", CYRUS_PATH),
                        define_or(draft, "CYRUS_MAILER_ARGS", CYRUS_ARGUMENTS), &names);
    struct str user = define_or(draft, "CYRUS_MAILER_USER", CYRUS_USER);
    bool keeps_case = str_find(flags, 'u', 0) < flags.len;

    if (call.at == NULL || user.len == 0 || str_span_not(user, 0, " \t\n{}$") < user.len) {
        draft_open_point(draft, item, "write a service of pipe(8) and set mailbox_transport to it",
                         "the user and the arguments of Cyrus's deliver have no words in pipe(8)");
        return;
    }
    struct draft_service *service = draft_service(draft, item, "cyrus", "unix", "pipe");
    local_set_fields(service);
    service->arguments = arena_printf(
        draft->arena, "flags=%s user=%.*s%.*s %.*s", keeps_case ? "h" : "hu", STR_ARG(user),
        STR_ARG(local_pipe_size(draft, "CYRUS_MAILER_MAX")), STR_ARG(call));
    draft_set(draft, item, "cyrus_destination_recipient_limit", "1");
    local_set_transport(draft, item, str_of("cyrus"));
    take_all_users(draft, item);
    draft_step(draft, STEP_CHECK, str_of(""),
               str_of("Cyrus: the service cyrus of master.cf runs Cyrus's deliver as its user; "
                      "Cyrus of today is better reached by mailbox_transport = lmtp:unix: and the "
                      "path of its socket"));
}

void local_map_cyrusv2(struct draft *draft, const struct sendmail_item *item)
{
    struct str arguments = define_or(draft, "CYRUSV2_MAILER_ARGS", CYRUSV2_ARGUMENTS);
    struct str transport = local_lmtp(draft, arguments);

    if (transport.at == NULL) {
        draft_open_point(draft, item, "set mailbox_transport = lmtp:... to Cyrus's socket",
                         "Cyrus by LMTP at %.*s", STR_ARG(arguments));
        return;
    }
    local_set_transport(draft, item, transport);
    take_all_users(draft, item);
}
