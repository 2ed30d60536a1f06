/* harmless - what may be asked of a server that runs already */
#include "parser/text/token.h"
#include "smtp/livetest/plan.h"

/* the commands of RFC 5321 that neither log in nor send a message, and what no server takes for a
   command.  After DATA, nothing is sent (run.c) */
static const char *const harmless[] = {"EHLO", "HELO", "MAIL",     "RCPT", "DATA",
                                       "RSET", "NOOP", "VRFY",     "EXPN", "HELP",
                                       "ETRN", "QUIT", "STARTTLS", "FOO",  "GET"};

/* is_harmless_line - one line, for a server ends lines in its own way, with a harmless command */
static bool is_harmless_line(struct str line)
{
    struct str rest = line;
    struct str command;

    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.at[i] < ' ' && line.at[i] != '\t')
            return false;
    if (!token_next_plain(&rest, TOKEN_BLANKS, &command))
        return true;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (str_is_nocase(command, harmless[i]))
            return true;
    return false;
}

bool plan_is_harmless(const struct plan_session *session)
{
    bool good = !str_is(session->client, "127.0.0.1") && session->user.len == 0;

    for (size_t i = 0; i < session->step_count && good; i++) {
        const struct plan_step *step = &session->steps[i];
        good = step->action != PLAN_MESSAGE && step->action != PLAN_AUTH &&
               (step->action != PLAN_SEND || is_harmless_line(step->text));
    }
    return good;
}
