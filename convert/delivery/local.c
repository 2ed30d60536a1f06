/*
 * local - delivery to the users of this host
 *
 * Sendmail's mailer `local' is a program (LOCAL_MAILER_PATH, _ARGS), procmail, an LMTP server, or
 * Cyrus.  In Postfix these are mailbox_command and mailbox_transport of local(8), which handles
 * aliases, .forward and address extensions itself.
 */
#include "convert/delivery/local.h"

#include "base/path.h"
#include "convert/delivery/modules.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"

/* cf/feature/local_procmail.m4, local_lmtp.m4; cf/mailer/local.m4 */
#define PROCMAIL_FLAGS "SPfhn9"
#define LMTP_FLAGS "PSXmnz9"

struct local {
    struct draft *draft;
    const struct sendmail_item *from; /* the line that sets the program; NULL: Sendmail's default */
    struct str program, arguments, flags;
    bool preserves; /* preserve_local_plus_detail */
};

/* --- helpers ---------------------------------------------------------------------------------- */

static void decide_define(struct draft *draft, const char *name, enum sendmail_fate fate,
                          const char *text)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, name);

    if (item != NULL && !draft->fates[item->number].decided)
        draft_fate(draft, item, fate, "%s", text);
}

/* --- programs --------------------------------------------------------------------------------- */

/* does the program only append mail to the mailbox file, which local(8) does itself? */
static bool is_mailbox_program(struct str program)
{
    static const char *const names[] = {"mail", "mail.local", "rmail", "binmail", "lmail"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(path_base(program), names[i]))
            return true;
    return false;
}

static void map_program(struct local *local)
{
    struct draft *draft = local->draft;

    if (local->from == NULL)
        return;
    if (str_is_nocase(local->program, "[IPC]") || str_is_nocase(local->program, "[LPC]")) {
        struct str transport = local_lmtp(draft, local->arguments);
        if (transport.at != NULL)
            local_set_transport(draft, local->from, transport);
        else
            draft_open_point(draft, local->from,
                             "set mailbox_transport = lmtp:... to the address of the server",
                             "the LMTP server is given as %.*s", STR_ARG(local->arguments));
        return;
    }
    if (is_mailbox_program(local->program)) {
        draft_fate(draft, local->from, FATE_ALREADY,
                   "local(8) appends mail to the mailbox file itself");
        return;
    }
    if (str_is(path_base(local->program), "sensible-mda")) {
        draft_fate(draft, local->from, FATE_MEANINGLESS,
                   "sensible-mda selects a delivery program for Debian's Sendmail; set "
                   "mailbox_command to use procmail or maildrop");
        return;
    }
    if (str_find(local->flags, 'z', 0) < local->flags.len) {
        draft_open_point(draft, local->from,
                         "let the program listen on a socket and set mailbox_transport = "
                         "lmtp:unix:/path, or set mailbox_command if it accepts plain messages",
                         "%.*s speaks LMTP on its standard input, which Postfix does not support",
                         STR_ARG(local->program));
        return;
    }
    /* procmail would use the sender in the From_ line, which local(8) writes anyway */
    bool procmail = str_is(path_base(local->program), "procmail");
    struct str flags = procmail ? str_of("") : local->flags;
    struct str command = local_command(draft, local->program, local->arguments, flags);
    if (command.at == NULL) {
        draft_open_point(draft, local->from, "set mailbox_command",
                         "the arguments of %.*s have no equivalent in local(8): %.*s",
                         STR_ARG(local->program), STR_ARG(local->arguments));
        return;
    }
    draft_set(draft, local->from, PARAM_MAILBOX_COMMAND, "%.*s", STR_ARG(command));
    draft_fate(draft, local->from, FATE_MAPPED, "mailbox_command = %.*s%s", STR_ARG(command),
               procmail && str_find(local->flags, 'f', 0) < local->flags.len
                   ? "; -f is not needed, as the From_ line has the sender"
                   : "");
    decide_define(
        draft, "LOCAL_MAILER_FLAGS", FATE_MAPPED,
        "the flags f and r pass the sender to the program; the others control Sendmail itself");
}

/* --- which program ---------------------------------------------------------------------------- */

/* get_argument - the I-th argument of a feature, or FALLBACK if it is empty */
static struct str get_argument(const struct sendmail_item *item, size_t i, struct str fallback)
{
    struct str text = str_trim(sendmail_argument(item, i));

    return text.len > 0 ? text : fallback;
}

/* find_library_path - of a program that comes with Sendmail; OSTYPE decides where these are */
static struct str find_library_path(const struct draft *draft, const char *name)
{
    struct str directory = sendmail_define_value(draft, "confEBINDIR");
    const struct sendmail_item *system = sendmail_next(draft->sendmail, ITEM_OSTYPE, NULL, NULL);
    const struct sendmail_fact *fact = system != NULL ? sendmail_item_fact(system) : NULL;

    if (directory.at == NULL && fact != NULL && fact->fallback.len > 0)
        directory = fact->fallback;
    return arena_printf(draft->arena, "%.*s/%s",
                        STR_ARG(directory.at != NULL ? directory : sendmail_default("confEBINDIR")),
                        name);
}

/* find_program - the last of these lines is in effect; OSTYPE(linux) includes local_procmail */
static void find_program(struct local *local)
{
    struct draft *draft = local->draft;
    const struct sendmail *sendmail = draft->sendmail;
    struct str procmail = str_of("procmail -a $h -d $u");

    if (sendmail_feature(sendmail, "nullclient") != NULL ||
        sendmail_feature(sendmail, "msp") != NULL)
        return; /* no mail is delivered here */
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        bool feature = item->kind == ITEM_FEATURE;
        if (item->overridden)
            continue;
        if (item->kind == ITEM_OSTYPE &&
            (str_is(item->name, "linux") || str_is(item->name, "mklinux"))) {
            local->from = item;
            local->program = sendmail_define_or_default(draft, "PROCMAIL_MAILER_PATH");
            local->arguments = procmail;
            local->flags = str_of(PROCMAIL_FLAGS);
        } else if (feature && str_is(item->name, "local_procmail")) {
            local->from = item;
            local->program =
                get_argument(item, 0, sendmail_define_or_default(draft, "PROCMAIL_MAILER_PATH"));
            local->arguments = get_argument(item, 1, procmail);
            local->flags = get_argument(item, 2, str_of(PROCMAIL_FLAGS));
        } else if (feature && str_is(item->name, "local_lmtp")) {
            local->from = item;
            local->program = get_argument(item, 0, find_library_path(draft, "mail.local"));
            local->arguments = get_argument(item, 1, str_of("mail.local -l"));
            local->flags = str_of(LMTP_FLAGS);
        } else if (item->kind == ITEM_DEFINE && str_is(item->name, "LOCAL_MAILER_PATH")) {
            local->from = item;
            local->program = sendmail_item_value(draft, item);
        } else if (item->kind == ITEM_DEFINE && str_is(item->name, "LOCAL_MAILER_ARGS")) {
            local->arguments = sendmail_item_value(draft, item);
        } else if (item->kind == ITEM_DEFINE && str_is(item->name, "LOCAL_MAILER_FLAGS")) {
            local->flags = sendmail_item_value(draft, item);
        }
    }
    /* in a sendmail.cf one line sets both */
    const struct sendmail_item *arguments = sendmail_define(sendmail, "LOCAL_MAILER_ARGS");
    if (arguments != NULL && local->from != NULL && arguments->number == local->from->number)
        local->arguments = sendmail_item_value(draft, arguments);
}

/* --- other mailers ---------------------------------------------------------------------------- */

/* map_local_mailer - the mailer for local mail may be another one than `local' */
static void map_local_mailer(struct local *local)
{
    struct draft *draft = local->draft;
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confLOCAL_MAILER");
    struct str name = sendmail_define_value(draft, "confLOCAL_MAILER");

    if (item == NULL || str_is(name, "local")) {
        if (item != NULL)
            draft_fate(draft, item, FATE_ALREADY, "mail for users is delivered by local(8)");
        map_program(local);
    } else if (str_is(name, "cyrusv2")) {
        local_map_cyrusv2(draft, item);
    } else if (str_is(name, "cyrus")) {
        local_map_cyrus(draft, item);
    } else if (str_is(name, "procmail")) {
        draft_set(draft, item, PARAM_MAILBOX_COMMAND, "%.*s -a \"$EXTENSION\" -d \"$USER\"",
                  STR_ARG(sendmail_define_or_default(draft, "PROCMAIL_MAILER_PATH")));
        draft_fate(draft, item, FATE_MAPPED, "mailbox_command runs procmail");
    } else {
        draft_open_point(draft, item, "create a service for it and set mailbox_transport to it",
                         "mail for users is sent to the mailer %.*s", STR_ARG(name));
    }
}

static void decide_mailers(struct draft *draft)
{
    static const char *const names[] = {"cyrus", "cyrusv2", "procmail", "local"};
    struct str used = sendmail_define_value(draft, "confLOCAL_MAILER");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct sendmail_item *item = NULL;
        bool taken = used.at != NULL ? str_is(used, names[i]) : str_is(str_of(names[i]), "local");
        if (str_is(str_of(names[i]), "procmail"))
            for (size_t j = 0; j < draft->service_count; j++)
                taken = taken || str_is(draft->services[j]->name, "procmail");
        while ((item = sendmail_next(draft->sendmail, ITEM_MAILER, names[i], item)) != NULL)
            draft_fate(draft, item, taken ? FATE_ALREADY : FATE_MEANINGLESS,
                       taken ? "the mailer that other lines configure"
                             : "nothing in the source uses this mailer");
    }
}

/* --- programs in aliases ---------------------------------------------------------------------- */

static void map_smrsh(struct draft *draft, const struct sendmail_item *smrsh)
{
    struct str program = get_argument(smrsh, 0, find_library_path(draft, "smrsh"));

    draft_set(draft, smrsh, PARAM_LOCAL_COMMAND_SHELL, "%.*s -c", STR_ARG(program));
    draft_open_point(
        draft, smrsh,
        "keep smrsh and its program directory when you remove the Sendmail package; or remove "
        "local_command_shell, then aliases and .forward files may run any program",
        "local_command_shell = %.*s -c: smrsh is part of Sendmail", STR_ARG(program));
    draft_step(draft, STEP_CHECK, str_of(""),
               str_of("smrsh: the program in local_command_shell and the programs that it allows "
                      "must be installed on the new host; otherwise mail to programs in aliases "
                      "and .forward files is deferred"));
}

static void map_shell_path(struct draft *draft, const struct sendmail_item *path)
{
    const struct sendmail_item *call = sendmail_define(draft->sendmail, "LOCAL_SHELL_ARGS");
    struct str program = sendmail_define_or_default(draft, "LOCAL_SHELL_PATH");
    struct str shell =
        local_shell(draft, program, sendmail_define_or_default(draft, "LOCAL_SHELL_ARGS"));
    struct str usual = local_shell(draft, sendmail_default("LOCAL_SHELL_PATH"),
                                   sendmail_default("LOCAL_SHELL_ARGS"));

    if (shell.at == NULL) {
        draft_open_point(draft, call != NULL ? call : path,
                         "set local_command_shell to a command that runs its last argument",
                         "Postfix passes the command to the shell as the last argument");
        return;
    }
    if (str_eq(shell, usual)) { /* as in Postfix */
        draft_fate(draft, path, FATE_ALREADY, "Postfix runs programs with %.*s", STR_ARG(shell));
        draft_fate(draft, call, FATE_ALREADY, "Postfix runs programs with %.*s", STR_ARG(shell));
        return;
    }
    draft_set(draft, path != NULL ? path : call, PARAM_LOCAL_COMMAND_SHELL, "%.*s", STR_ARG(shell));
    draft_fate(draft, path, FATE_MAPPED, "local_command_shell = %.*s", STR_ARG(shell));
    draft_fate(draft, call, FATE_MAPPED, "local_command_shell = %.*s", STR_ARG(shell));
}

/* map_shell - the later one of FEATURE(smrsh) and the path is in effect */
static void map_shell(struct draft *draft)
{
    const struct sendmail_item *smrsh = sendmail_feature(draft->sendmail, "smrsh");
    const struct sendmail_item *path = sendmail_define(draft->sendmail, "LOCAL_SHELL_PATH");

    if (smrsh != NULL && (path == NULL || path->number < smrsh->number)) {
        map_smrsh(draft, smrsh);
        draft_fate(draft, path, FATE_MEANINGLESS, "overridden by FEATURE(`smrsh') below");
        return;
    }
    draft_fate(draft, smrsh, FATE_MEANINGLESS, "overridden by LOCAL_SHELL_PATH below");
    map_shell_path(draft, path);
}

/*
 * Unlike Sendmail, local(8) also runs mailbox_command with local_command_shell, and smrsh would
 * reject it.  So another local(8) without that shell delivers to mailboxes; it leaves aliases and
 * .forward to the first one.
 */
static void spare_mailboxes_the_shell(struct draft *draft)
{
    static const enum parameter_number empty[] = {
        PARAM_LOCAL_COMMAND_SHELL, PARAM_MAILBOX_TRANSPORT, PARAM_ALIAS_MAPS, PARAM_FORWARD_PATH};

    if (draft_value(draft, PARAM_LOCAL_COMMAND_SHELL).len == 0 ||
        draft_value(draft, PARAM_MAILBOX_COMMAND).len == 0)
        return;
    struct draft_service *service = draft_service(draft, NULL, "mailbox", "unix", "local");
    local_set_fields(service);
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
        draft_override(draft, service, NULL, empty[i], "%s", "");
    draft_set(draft, NULL, PARAM_MAILBOX_TRANSPORT, "mailbox:");
    draft_reason(
        draft, PARAM_MAILBOX_TRANSPORT,
        "a second local(8), so that mailbox_command does not run with local_command_shell");
}

/* --- .forward --------------------------------------------------------------------------------- */

/* add_forward - adds a path; returns false if it has a macro that forward_path does not support */
static bool add_forward(const struct draft *draft, struct str path, struct buffer *out)
{
    struct str own = addresses_own_name(draft);

    for (size_t i = 0; i < path.len; i++) {
        char letter = i + 1 < path.len ? path.at[i + 1] : '\0';
        if (path.at[i] != '$') {
            if (path.at[i] == '+' && str_starts(str_slice(path, i, path.len), "+$h")) {
                buffer_add_cstr(out, "${recipient_delimiter}${extension}");
                i += 2;
            } else {
                buffer_add_char(out, path.at[i]);
            }
            continue;
        }
        i++;
        if (letter == 'z')
            buffer_add_cstr(out, "$home");
        else if (letter == 'u')
            buffer_add_cstr(out, "${user}");
        else if (letter == 'h')
            buffer_add_cstr(out, "${extension}");
        else if (letter == 'w' && own.at != NULL)
            buffer_add(out, str_slice(own, 0, str_find(own, '.', 0)));
        else
            return false;
    }
    return true;
}

static void map_forward(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confFORWARD_PATH");
    const struct sendmail_item *option = NULL;

    while ((option = sendmail_next(draft->sendmail, ITEM_OPTION, "ForwardPath", option)) != NULL)
        if (!option->overridden)
            item = option;
    struct str rest = item != NULL ? sendmail_item_value(draft, item) : STR_NONE, path;
    struct str dropped = STR_NONE;
    struct buffer value;

    if (item == NULL)
        return;
    buffer_init(&value, draft->arena);
    for (size_t at = 0, end = 0; at < rest.len; at = end + 1) {
        end = str_find(rest, ':', at);
        path = str_trim(str_slice(rest, at, end));
        struct buffer one;
        buffer_init(&one, draft->arena);
        if (!add_forward(draft, path, &one)) {
            dropped = path;
            continue;
        }
        buffer_printf(&value, "%s%.*s", value.len > 0 ? ", " : "", STR_ARG(buffer_str(&one)));
    }
    if (value.len > 0)
        draft_set(draft, item, PARAM_FORWARD_PATH, "%.*s", STR_ARG(buffer_str(&value)));
    if (dropped.at != NULL)
        draft_open_point(
            draft, item, "if users have such files, add the path with the name of the host",
            "forward_path has no macro for the host name, so %.*s is left out", STR_ARG(dropped));
    else
        draft_fate(draft, item, FATE_MAPPED, "forward_path = %.*s", STR_ARG(buffer_str(&value)));
}

/* --- the remaining lines ---------------------------------------------------------------------- */

static void map_details(struct local *local)
{
    struct draft *draft = local->draft;

    if (local->preserves) {
        feature_decide(draft, "preserve_local_plus_detail", FATE_MAPPED,
                       "recipient_delimiter stays empty: user+detail is a user name");
        return;
    }
    draft_set(draft, NULL, PARAM_RECIPIENT_DELIMITER, "+");
    draft_reason(draft, PARAM_RECIPIENT_DELIMITER,
                 "Sendmail delivers mail for user+detail to user");
}

static void decide_defines(struct draft *draft)
{
    static const char *const parts[] = {
        "LOCAL_MAILER_PATH", "LOCAL_MAILER_ARGS",    "PROCMAIL_MAILER_PATH", "CYRUS_MAILER_PATH",
        "CYRUS_MAILER_USER", "CYRUSV2_MAILER_ARGS",  "confEBINDIR",          "CYRUS_MAILER_ARGS",
        "CYRUS_MAILER_MAX",  "PROCMAIL_MAILER_ARGS", "PROCMAIL_MAILER_MAX"};
    static const char *const flags[] = {
        "LOCAL_MAILER_FLAGS",   "LOCAL_SHELL_FLAGS",     "PROCMAIL_MAILER_FLAGS",
        "CYRUS_MAILER_FLAGS",   "CYRUSV2_MAILER_FLAGS",  "CYRUSV2_MAILER_CHARSET",
        "CYRUS_BB_MAILER_ARGS", "CYRUS_BB_MAILER_FLAGS", "CYRUSV2_MAILER_MAXMSGS"};
    const struct sendmail_item *limit = sendmail_define(draft->sendmail, "LOCAL_MAILER_MAX");
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "CYRUSV2_MAILER_MAXRCPTS");

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        decide_define(draft, parts[i], FATE_MAPPED,
                      "part of the local mailer: see the lines for the mailer");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        decide_define(draft, flags[i], FATE_MEANINGLESS,
                      "controls how Sendmail handles that mailer; Postfix's delivery agents work "
                      "differently");
    if (limit != NULL)
        draft_open_point(
            draft, limit,
            "set message_size_limit to this value if outgoing mail may have the same limit",
            "the size limit of a mailer; Postfix limits messages when they arrive");
    if (item != NULL && sendmail_is_plain(sendmail_item_value(draft, item)) &&
        str_is_digits(sendmail_item_value(draft, item))) {
        draft_set_named(draft, item, "lmtp_destination_recipient_limit", "%.*s",
                        STR_ARG(sendmail_item_value(draft, item)));
        draft_fate(draft, item, FATE_MAPPED,
                   "lmtp_destination_recipient_limit; local(8) passes recipients one by one");
    } else if (item != NULL) {
        draft_open_point(draft, item, "set lmtp_destination_recipient_limit", "not a valid number");
    }
}

void local_convert(struct draft *draft)
{
    struct local local = {.draft = draft,
                          .arguments = sendmail_default("LOCAL_MAILER_ARGS"),
                          .flags = sendmail_default("LOCAL_MAILER_FLAGS")};

    local.preserves = feature_is_on(draft, "preserve_local_plus_detail");
    find_program(&local);
    map_local_mailer(&local);
    map_shell(draft);
    spare_mailboxes_the_shell(draft);
    map_forward(draft);
    map_details(&local);
    decide_mailers(draft);
    decide_defines(draft);
    feature_decide(draft, "local_procmail", FATE_MEANINGLESS,
                   "overridden by a later line, or mail is delivered by another mailer");
    feature_decide(draft, "local_lmtp", FATE_MEANINGLESS,
                   "overridden by a later line, or mail is delivered by another mailer");
    feature_decide(draft, "smrsh", FATE_MEANINGLESS, "a later line repeats it");
}
