/* local_program - the commands of mailers as local(8), pipe(8) and lmtp(8) need them */
#include "convert/delivery/local.h"

#include "convert/sendmail/value.h"
#include "parser/text/token.h"

/* for the empty sender of bounces $g and the flags give a name, $f does not */
#define SENDER "\"${SENDER:-MAILER-DAEMON}\""

static const char BLANKS[] = " \t\r\n";

/* does neither a shell nor Postfix change the word? */
static bool is_literal(struct str word)
{
    return word.len > 0 && str_find(word, '$', 0) == word.len &&
           str_span_not(word, 0, "`;&|<>(){}*?[]~#\"'\\") == word.len;
}

/* add_word - adds an argument for local(8), which passes its macros in the environment of a
   shell */
static bool add_word(struct buffer *out, struct str word)
{
    static const struct {
        const char *macro, *name;
    } macros[] = {{"$u", "\"$USER\""},
                  {"$h", "\"$EXTENSION\""},
                  {"$f", "\"$SENDER\""},
                  {"$g", SENDER},
                  {"$z", "\"$HOME\""}};

    buffer_add_char(out, ' ');
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
        if (str_is(word, macros[i].macro)) {
            buffer_add_cstr(out, macros[i].name);
            return true;
        }
    buffer_add(out, word);
    return is_literal(word);
}

struct str local_command(const struct draft *draft, struct str program, struct str arguments,
                         struct str flags)
{
    struct buffer out;
    struct str word;

    buffer_init(&out, draft->arena);
    buffer_add(&out, program);
    if (str_find(flags, 'f', 0) < flags.len)
        buffer_add_cstr(&out, " -f " SENDER);
    else if (str_find(flags, 'r', 0) < flags.len)
        buffer_add_cstr(&out, " -r " SENDER);
    token_next_plain(&arguments, BLANKS, &word);
    while (token_next_plain(&arguments, BLANKS, &word))
        if (!add_word(&out, word))
            return STR_NONE;
    return is_literal(program) ? buffer_str(&out) : STR_NONE;
}

/* add_pipe_word - adds an argument for pipe(8), which uses no shell and replaces macros within
   words */
static bool add_pipe_word(struct buffer *out, struct str word, const struct local_pipe *pipe)
{
    buffer_add_char(out, ' ');
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] != '$') {
            if (word.at[i] == '{' || word.at[i] == '}')
                return false;
            buffer_add_char(out, word.at[i]);
            continue;
        }
        switch (++i < word.len ? word.at[i] : '\0') {
        case 'u':
            buffer_add_cstr(out, pipe->user);
            break;
        case 'h':
            buffer_add_cstr(out, pipe->host);
            break;
        case 'f':
        case 'g':
            buffer_add_cstr(out, "${sender}");
            break;
        default:
            return false;
        }
    }
    return true;
}

struct str local_pipe_call(const struct draft *draft, struct str program, struct str arguments,
                           const struct local_pipe *pipe)
{
    bool empty = str_search(arguments, "$f") < arguments.len;
    struct buffer out;
    struct str word;

    buffer_init(&out, draft->arena);
    buffer_printf(&out, "%sargv=%.*s", empty ? "null_sender= " : "", STR_ARG(program));
    token_next_plain(&arguments, BLANKS, &word);
    while (token_next_plain(&arguments, BLANKS, &word))
        if (!add_pipe_word(&out, word, pipe))
            return STR_NONE;
    return is_literal(program) ? buffer_str(&out) : STR_NONE;
}

void local_set_fields(struct draft_service *service)
{
    service->fields[1] = str_of("n");
    service->fields[2] = str_of("n");
}

struct str local_pipe_size(const struct draft *draft, const char *define)
{
    struct str limit = sendmail_define_value(draft, define);

    return limit.len > 0 && str_is_digits(limit)
               ? arena_printf(draft->arena, " size=%.*s", STR_ARG(limit))
               : str_of("");
}

struct str local_lmtp(const struct draft *draft, struct str arguments)
{
    struct str word, host, port;

    if (!token_next_plain(&arguments, BLANKS, &word) ||
        !token_next_plain(&arguments, BLANKS, &host) || str_find(host, '$', 0) < host.len)
        return STR_NONE;
    if (str_is_nocase(word, "FILE"))
        return arena_printf(draft->arena, "lmtp:unix:%.*s", STR_ARG(host));
    if (!str_is_nocase(word, "TCP") && !str_is_nocase(word, "IPC"))
        return STR_NONE;
    if (!token_next_plain(&arguments, BLANKS, &port))
        port = str_of("24");
    return arena_printf(draft->arena, "lmtp:inet:%s%.*s%s:%.*s", host.at[0] == '[' ? "" : "[",
                        STR_ARG(host), host.at[0] == '[' ? "" : "]", STR_ARG(port));
}

struct str local_shell(const struct draft *draft, struct str program, struct str arguments)
{
    struct buffer out;
    struct str word;
    bool ended = false;

    buffer_init(&out, draft->arena);
    buffer_add(&out, program);
    token_next_plain(&arguments, BLANKS, &word);
    while (token_next_plain(&arguments, BLANKS, &word)) {
        if (ended || (!is_literal(word) && !str_is(word, "$u")))
            return STR_NONE;
        ended = str_is(word, "$u");
        if (!ended)
            buffer_printf(&out, " %.*s", STR_ARG(word));
    }
    return ended && is_literal(program) ? buffer_str(&out) : STR_NONE;
}
