/*
 * local - what delivers mail to this host's users
 *
 * Sendmail's mailer `local' is a program (LOCAL_MAILER_PATH, _ARGS), procmail, a server of LMTP,
 * or Cyrus.  In Postfix these are mailbox_command and mailbox_transport of local(8), which looks
 * after aliases, .forward and details itself.
 */
#include "parser/token.h"
#include "rules/sendmail/addresses.h"
#include "rules/sendmail/module.h"
#include "rules/sendmail/value.h"

struct local {
    struct draft *draft;
    const struct sendmail_item *from; /* what says the program, or NULL: Sendmail's default */
    struct str program, arguments;
    bool preserves; /* preserve_local_plus_detail */
};

/* --- helpers ---------------------------------------------------------------------------------- */

static struct str define_value(const struct draft *draft, const char *name)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, name);

    return item != NULL ? sendmail_item_value(draft, item) : STR_NONE;
}

static void decide_define(struct draft *draft, const char *name, enum sendmail_fate fate,
                          const char *text)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, name);

    if (item != NULL && !draft->fates[item->number].decided)
        draft_fate(draft, item, fate, "%s", text);
}

static struct str base_name(struct str path)
{
    size_t at = path.len;

    while (at > 0 && path.at[at - 1] != '/')
        at--;
    return str_slice(path, at, path.len);
}

/* --- programs --------------------------------------------------------------------------------- */

/* add_word - one argument of a mailer, $u and its kin in the words of local(8) */
static bool add_word(struct buffer *out, struct str word)
{
    static const struct {
        const char *macro, *name;
    } macros[] = {{"$u", "\"$USER\""},
                  {"$h", "\"$EXTENSION\""},
                  {"$f", "\"$SENDER\""},
                  {"$g", "\"$SENDER\""},
                  {"$z", "\"$HOME\""}};

    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
        if (str_is(word, macros[i].macro)) {
            buffer_add_cstr(out, macros[i].name);
            return true;
        }
    if (str_find(word, '$', 0) < word.len || str_span_not(word, 0, "`;&|<>\"'\\") < word.len)
        return false;
    buffer_add(out, word);
    return true;
}

/* command_of - the program with its arguments behind its name; STR_NONE: not Postfix's words */
static struct str command_of(struct draft *draft, struct str program, struct str arguments)
{
    struct buffer out;
    struct str word;

    buffer_init(&out, draft->arena);
    buffer_add(&out, program);
    if (!token_next_plain(&arguments, " \t\r\n", &word))
        return buffer_str(&out);
    while (token_next_plain(&arguments, " \t\r\n", &word)) {
        buffer_add_char(&out, ' ');
        if (!add_word(&out, word))
            return STR_NONE;
    }
    return buffer_str(&out);
}

/* lmtp_of - "FILE /run/lmtp", "TCP host port": a server that speaks LMTP; else STR_NONE */
static struct str lmtp_of(struct draft *draft, struct str arguments)
{
    struct str word, host, port;

    if (!token_next_plain(&arguments, " \t\r\n", &word) ||
        !token_next_plain(&arguments, " \t\r\n", &host) || str_find(host, '$', 0) < host.len)
        return STR_NONE;
    if (str_is_nocase(word, "FILE"))
        return arena_printf(draft->arena, "lmtp:unix:%.*s", STR_ARG(host));
    if (!str_is_nocase(word, "TCP"))
        return STR_NONE;
    if (!token_next_plain(&arguments, " \t\r\n", &port))
        port = str_of("24");
    return arena_printf(draft->arena, "lmtp:inet:%.*s%.*s%s:%.*s", host.at[0] == '[' ? 0 : 1, "[",
                        STR_ARG(host), host.at[0] == '[' ? "" : "]", STR_ARG(port));
}

static void take_all_users(struct draft *draft, const struct sendmail_item *item)
{
    draft_set(draft, item, "local_recipient_maps", "%s", "");
    draft_reason(draft, "local_recipient_maps",
                 "the mailboxes need no users of this host; the LMTP server refuses who has none");
}

static void set_transport(struct draft *draft, const struct sendmail_item *item,
                          struct str transport)
{
    draft_set(draft, item, "mailbox_transport", "%.*s", STR_ARG(transport));
    draft_fate(draft, item, FATE_MAPPED, "mailbox_transport = %.*s", STR_ARG(transport));
}

/* does the program only put mail into the mailbox file, as local(8) does by itself? */
static bool only_stores(struct str program)
{
    static const char *const names[] = {"mail", "mail.local", "rmail", "binmail", "lmail"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(base_name(program), names[i]))
            return true;
    return false;
}

static void map_program(struct local *local)
{
    struct draft *draft = local->draft;

    if (local->from == NULL)
        return;
    if (str_is_nocase(local->program, "[IPC]") || str_is_nocase(local->program, "[LPC]")) {
        struct str transport = lmtp_of(draft, local->arguments);
        if (transport.at != NULL)
            set_transport(draft, local->from, transport);
        else
            draft_open_point(draft, local->from, "set mailbox_transport = lmtp:... to the server",
                             "a server of LMTP that the line names as %.*s",
                             STR_ARG(local->arguments));
        return;
    }
    if (only_stores(local->program)) {
        draft_fate(draft, local->from, FATE_ALREADY,
                   "local(8) puts mail into the mailbox file by itself");
        return;
    }
    if (str_is(base_name(local->program), "sensible-mda")) {
        draft_fate(draft, local->from, FATE_MEANINGLESS,
                   "sensible-mda chooses a program for Debian's Sendmail; set mailbox_command if "
                   "procmail or maildrop shall deliver");
        return;
    }
    struct str command = command_of(draft, local->program, local->arguments);
    if (command.at == NULL) {
        draft_open_point(draft, local->from, "set mailbox_command",
                         "the arguments of %.*s have no words in local(8): %.*s",
                         STR_ARG(local->program), STR_ARG(local->arguments));
        return;
    }
    draft_set(draft, local->from, "mailbox_command", "%.*s", STR_ARG(command));
    draft_fate(draft, local->from, FATE_MAPPED, "mailbox_command = %.*s", STR_ARG(command));
}

/* --- which program ---------------------------------------------------------------------------- */

/* argument - the I-th argument of a feature, or FALLBACK where it is empty */
static struct str argument(const struct sendmail_item *item, size_t i, struct str fallback)
{
    struct str text = str_trim(sendmail_argument(item, i));

    return text.len > 0 ? text : fallback;
}

static struct str procmail_path(const struct draft *draft)
{
    struct str path = define_value(draft, "PROCMAIL_MAILER_PATH");

    return path.at != NULL ? path : str_of("/usr/bin/procmail");
}

static struct str library_path(const struct draft *draft, const char *name)
{
    struct str directory = define_value(draft, "confEBINDIR");

    return arena_printf(draft->arena, "%.*s/%s",
                        STR_ARG(directory.at != NULL ? directory : str_of("/usr/libexec")), name);
}

/* the later of these lines says the program; OSTYPE(linux) is local_procmail */
static void find_program(struct local *local)
{
    struct draft *draft = local->draft;
    const struct sendmail *sendmail = draft->sendmail;
    struct str procmail = str_of("procmail -a $h -d $u");

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        bool feature = item->kind == ITEM_FEATURE;
        if (item->overridden)
            continue;
        if (item->kind == ITEM_OSTYPE && str_is(item->name, "linux")) {
            local->from = item;
            local->program = procmail_path(draft);
            local->arguments = procmail;
        } else if (feature && str_is(item->name, "local_procmail")) {
            local->from = item;
            local->program = argument(item, 0, procmail_path(draft));
            local->arguments = argument(item, 1, procmail);
        } else if (feature && str_is(item->name, "local_lmtp")) {
            local->from = item;
            local->program = argument(item, 0, library_path(draft, "mail.local"));
            local->arguments = argument(item, 1, str_of("mail.local -l"));
        } else if (item->kind == ITEM_DEFINE && str_is(item->name, "LOCAL_MAILER_PATH")) {
            local->from = item;
            local->program = sendmail_item_value(draft, item);
        } else if (item->kind == ITEM_DEFINE && str_is(item->name, "LOCAL_MAILER_ARGS")) {
            local->arguments = sendmail_item_value(draft, item);
        }
    }
}

/* --- Cyrus ------------------------------------------------------------------------------------ */

static void map_cyrus(struct draft *draft, const struct sendmail_item *item)
{
    struct str path = define_value(draft, "CYRUS_MAILER_PATH");
    struct str user = define_value(draft, "CYRUS_MAILER_USER");
    struct draft_service *service = draft_service(draft, item, "cyrus", "unix", "pipe");

    service->fields[1] = str_of("n");
    service->fields[2] = str_of("n");
    service->arguments =
        arena_printf(draft->arena, "flags=hu user=%.*s argv=%.*s -e -m ${extension} -- ${user}",
                     STR_ARG(user.at != NULL ? user : str_of("cyrus:mail")),
                     STR_ARG(path.at != NULL ? path : str_of("/usr/sbin/cyrdeliver")));
    draft_set(draft, item, "cyrus_destination_recipient_limit", "1");
    set_transport(draft, item, str_of("cyrus"));
    take_all_users(draft, item);
    draft_open_point(draft, item,
                     "compare the arguments of the service cyrus in master.cf with "
                     "CYRUS_MAILER_ARGS; Cyrus of today is better reached by mailbox_transport = "
                     "lmtp:unix:/path/of/its/socket",
                     "Cyrus's deliver is run by pipe(8)");
}

/* the mailer that local mail goes by where it is not `local' */
static void map_local_mailer(struct local *local)
{
    struct draft *draft = local->draft;
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confLOCAL_MAILER");
    struct str name = define_value(draft, "confLOCAL_MAILER");
    struct str arguments = define_value(draft, "CYRUSV2_MAILER_ARGS");

    if (item == NULL || str_is(name, "local")) {
        if (item != NULL)
            draft_fate(draft, item, FATE_ALREADY, "mail to users goes to local(8)");
        map_program(local);
    } else if (str_is(name, "cyrusv2")) {
        struct str transport = arguments.at != NULL
                                   ? lmtp_of(draft, arguments)
                                   : str_of("lmtp:unix:/var/run/cyrus/socket/lmtp");
        if (transport.at == NULL) {
            draft_open_point(draft, item, "set mailbox_transport = lmtp:... to Cyrus's socket",
                             "Cyrus by LMTP at %.*s", STR_ARG(arguments));
            return;
        }
        set_transport(draft, item, transport);
        take_all_users(draft, item);
    } else if (str_is(name, "cyrus")) {
        map_cyrus(draft, item);
    } else if (str_is(name, "procmail")) {
        draft_set(draft, item, "mailbox_command", "%.*s -a \"$EXTENSION\" -d \"$USER\"",
                  STR_ARG(procmail_path(draft)));
        draft_fate(draft, item, FATE_MAPPED, "mailbox_command runs procmail");
    } else {
        draft_open_point(draft, item, "write a service for it and set mailbox_transport to that",
                         "users' mail goes by the mailer %.*s", STR_ARG(name));
    }
}

static void decide_mailers(struct draft *draft)
{
    static const char *const names[] = {"cyrus", "cyrusv2", "procmail", "local"};
    struct str used = define_value(draft, "confLOCAL_MAILER");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct sendmail_item *item = NULL;
        bool taken = used.at != NULL ? str_is(used, names[i]) : str_is(str_of(names[i]), "local");
        if (str_is(str_of(names[i]), "procmail"))
            for (size_t j = 0; j < draft->service_count; j++)
                taken = taken || str_is(draft->services[j]->name, "procmail");
        while ((item = sendmail_next(draft->sendmail, ITEM_MAILER, names[i], item)) != NULL)
            draft_fate(draft, item, taken ? FATE_ALREADY : FATE_MEANINGLESS,
                       taken ? "the mailer that other lines say more about"
                             : "nothing in the source sends mail by this mailer");
    }
}

/* --- programs of aliases ---------------------------------------------------------------------- */

static void map_shell(struct draft *draft)
{
    const struct sendmail_item *smrsh = sendmail_feature(draft->sendmail, "smrsh");
    const struct sendmail_item *path = sendmail_define(draft->sendmail, "LOCAL_SHELL_PATH");

    if (smrsh != NULL) {
        struct str program = argument(smrsh, 0, library_path(draft, "smrsh"));
        draft_set(draft, smrsh, "local_command_shell", "%.*s -c", STR_ARG(program));
        draft_open_point(draft, smrsh,
                         "keep smrsh and its directory of programs when Sendmail's package goes, "
                         "or take local_command_shell out: then aliases and .forward may run any "
                         "program",
                         "local_command_shell = %.*s -c: smrsh is a program of Sendmail's",
                         STR_ARG(program));
        draft_step(draft, STEP_CHECK, str_of(""),
                   str_of("smrsh: the program of local_command_shell, and those that it allows, "
                          "must be on the new host: without it mail to programs of aliases and "
                          ".forward is put off"));
    }
    if (path == NULL)
        return;
    struct str shell = sendmail_item_value(draft, path);
    if (str_is(shell, "/bin/sh")) {
        draft_fate(draft, path, FATE_ALREADY, "Postfix runs programs by /bin/sh");
    } else {
        draft_set(draft, path, "local_command_shell", "%.*s -c", STR_ARG(shell));
        draft_fate(draft, path, FATE_MAPPED, "local_command_shell = %.*s -c", STR_ARG(shell));
    }
}

/* --- .forward --------------------------------------------------------------------------------- */

/* add_forward - one path; false: it has a macro that forward_path cannot have */
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
        draft_set(draft, item, "forward_path", "%.*s", STR_ARG(buffer_str(&value)));
    if (dropped.at != NULL)
        draft_open_point(
            draft, item, "add it with the host's name written out, if users have such files",
            "forward_path has no name for the host, so that %.*s is left out", STR_ARG(dropped));
    else
        draft_fate(draft, item, FATE_MAPPED, "forward_path = %.*s", STR_ARG(buffer_str(&value)));
}

/* --- the rest --------------------------------------------------------------------------------- */

static void map_details(struct local *local)
{
    struct draft *draft = local->draft;

    if (local->preserves) {
        addresses_feature(
            draft, "preserve_local_plus_detail", FATE_MAPPED,
            "recipient_delimiter stays empty: a user's name is user+detail as a whole");
        return;
    }
    draft_set(draft, NULL, "recipient_delimiter", "+");
    draft_reason(draft, "recipient_delimiter", "Sendmail delivers user+detail to user");
}

static void decide_defines(struct draft *draft)
{
    static const char *const parts[] = {
        "LOCAL_MAILER_PATH",    "LOCAL_MAILER_ARGS",   "PROCMAIL_MAILER_PATH", "CYRUS_MAILER_PATH",
        "CYRUS_MAILER_USER",    "CYRUSV2_MAILER_ARGS", "confEBINDIR",          "CYRUS_MAILER_ARGS",
        "CYRUS_BB_MAILER_ARGS", "PROCMAIL_MAILER_ARGS"};
    static const char *const flags[] = {
        "LOCAL_MAILER_FLAGS", "LOCAL_SHELL_FLAGS",      "PROCMAIL_MAILER_FLAGS",
        "CYRUS_MAILER_FLAGS", "CYRUS_BB_MAILER_FLAGS",  "CYRUSV2_MAILER_FLAGS",
        "LOCAL_SHELL_ARGS",   "CYRUSV2_MAILER_CHARSET", "CYRUSV2_MAILER_MAXMSGS"};
    static const char *const limits[] = {"LOCAL_MAILER_MAX", "PROCMAIL_MAILER_MAX",
                                         "CYRUS_MAILER_MAX"};
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "CYRUSV2_MAILER_MAXRCPTS");

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        decide_define(draft, parts[i], FATE_MAPPED,
                      "part of how mail is delivered: see the lines "
                      "of the mailer");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        decide_define(draft, flags[i], FATE_MEANINGLESS,
                      "how Sendmail itself handles that mailer; Postfix's agents have their own "
                      "ways");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const struct sendmail_item *limit = sendmail_define(draft->sendmail, limits[i]);
        if (limit != NULL)
            draft_open_point(draft, limit,
                             "set message_size_limit to it if mail that leaves may have the same "
                             "limit",
                             "the largest message for one mailer; Postfix bounds messages as they "
                             "come in");
    }
    if (item != NULL && sendmail_is_plain(sendmail_item_value(draft, item)) &&
        str_is_digits(sendmail_item_value(draft, item))) {
        draft_set(draft, item, "lmtp_destination_recipient_limit", "%.*s",
                  STR_ARG(sendmail_item_value(draft, item)));
        draft_fate(draft, item, FATE_MAPPED, "lmtp_destination_recipient_limit");
    } else if (item != NULL) {
        draft_open_point(draft, item, "set lmtp_destination_recipient_limit", "it is no number");
    }
}

static void map(struct draft *draft)
{
    struct local local = {.draft = draft};

    local.preserves = sendmail_feature(draft->sendmail, "preserve_local_plus_detail") != NULL;
    find_program(&local);
    map_local_mailer(&local);
    map_shell(draft);
    map_forward(draft);
    map_details(&local);
    decide_mailers(draft);
    decide_defines(draft);
    addresses_feature(draft, "local_procmail", FATE_MEANINGLESS,
                      "another line says the program later, or mail goes by another mailer");
    addresses_feature(draft, "local_lmtp", FATE_MEANINGLESS,
                      "another line says the program later, or mail goes by another mailer");
    addresses_feature(draft, "smrsh", FATE_MEANINGLESS, "a later line says it again");
}

const struct sendmail_module sendmail_module_local = {
    .name = "local",
    .summary = "what delivers mail to this host's users",
    .source = "cf/README, OSTYPE, MAILERS, FEATURE(local_procmail); mailer/*.m4; local(8)",
    .order = 270,
    .map = map,
};
