#include "smtp/policy/cleanup.h"
#include "smtp/policy/restriction.h"
#include "smtp/session/parts.h"

struct reply session_data(struct session *session)
{
    if (session->bdat != BDAT_NONE)
        return session_refuse(session, 503, "5.5.1", "Error: DATA after BDAT");
    if (session->recipient_count == 0) {
        if (!session_in_transaction(session))
            return session_refuse(session, 503, "5.5.1", "Error: need RCPT command");
        return session_refuse(session, 554, "5.5.1", "Error: no valid recipients");
    }
    if (session->token_count != 1)
        return session_refuse(session, 501, "5.5.4", "Syntax: DATA");
    struct reply reply = restriction_check(&session->state, STAGE_DATA);
    if (reply.code != 0)
        return session_refuse_reply(session, reply);
    session->next = NEXT_DATA;
    return session_accept(354, "", "End data with <CR><LF>.<CR><LF>");
}

/* --- the end of a message ------------------------------------------------------------- */

static struct reply reject_message(struct session *session, struct reply reply)
{
    /* other releases keep the transaction, so that the next MAIL is nested */
    if (session->settings->ends_rejected)
        session_reset_transaction(session);
    return session_refuse_reply(session, reply);
}

static struct reply refuse_problem(struct session *session, enum content_problem problem)
{
    const struct session_settings *settings = session->settings;

    if (problem == CONTENT_BARE_NEWLINE)
        return session_refuse_printf(session, settings->bare_newline_code, "5.5.2",
                                     "%.*s Error: bare <LF> received", STR_ARG(settings->hostname));
    if (problem == CONTENT_TOO_LARGE)
        return session_refuse(session, 552, "5.3.4", "Error: message file too big");
    return session_refuse(session, 451, "4.3.0", "Error: queue file write error");
}

struct reply session_end_message(struct session *session, long size, enum content_problem problem,
                                 struct str queue_id)
{
    struct state *state = &session->state;
    bool chunks = session->bdat != BDAT_NONE;

    session->where = "END-OF-MESSAGE";
    if (problem == CONTENT_GOOD) {
        state->message_size = size;
        struct reply reply = restriction_check(state, STAGE_END_OF_DATA);
        if (reply.code != 0)
            return reject_message(session, reply);
        if (!cleanup_accepts(state, session->recipients, session->recipient_count))
            problem = CONTENT_NOT_STORED;
    }
    session_reset_transaction(session);
    if (problem != CONTENT_GOOD)
        return refuse_problem(session, problem);
    session->errors = 0;
    session->junk = 0;
    if (chunks)
        return session_printf(session, 250, "2.0.0", "Ok: %ld bytes queued as %.*s", size,
                              STR_ARG(queue_id));
    return session_printf(session, 250, "2.0.0", "Ok: queued as %.*s", STR_ARG(queue_id));
}

/* --- BDAT ----------------------------------------------------------------------------- */

/* skip_chunk - reads and discards the chunk, and then sends REPLY */
static struct reply skip_chunk(struct session *session, struct reply reply)
{
    session->chunk_good = false;
    session->chunk_reply = reply;
    session->next = NEXT_CHUNK;
    session->failed = false; /* an error is counted when REPLY is sent */
    return (struct reply){0};
}

/* begin_chunks - the reply that DATA would get */
static struct reply begin_chunks(struct session *session)
{
    if (session->recipient_count > 0)
        return restriction_check(&session->state, STAGE_DATA);
    if (!session_in_transaction(session))
        return session_accept(503, "5.5.1", "Error: need RCPT command");
    return session_accept(554, "5.5.1", "Error: no valid recipients");
}

struct reply session_bdat(struct session *session)
{
    const struct session_settings *settings = session->settings;
    size_t count = session->token_count;
    long size = count < 2 ? -1 : session_number(session->tokens[1].text);

    if ((session->discard & KEYWORD_CHUNKING) != 0)
        return session_refuse(session, 521, "5.5.1", "Error: command not implemented");
    session->chunk_last = count == 3;
    if (count > 3 || size < 0 ||
        (session->chunk_last && !str_is_nocase(session->tokens[2].text, "LAST")))
        return session_refuse(session, 521, "5.5.4", "Syntax: BDAT count [LAST]");
    session->chunk_size = size;
    if (size == 0 && !session->chunk_last)
        return skip_chunk(session, session_accept(551, "5.7.1", "Null BDAT request"));
    if (session->bdat == BDAT_FAILED)
        return skip_chunk(session, session_printf(session, 551, "5.0.0",
                                                  "Discarded %ld bytes after earlier error", size));
    if (session->bdat == BDAT_NONE) {
        struct reply reply = begin_chunks(session);
        if (reply.code != 0)
            return skip_chunk(session, reply);
    }
    if (settings->size_limit > 0 && session->received > settings->size_limit - size)
        return skip_chunk(session,
                          session_accept(552, "5.3.4", "Chunk exceeds message size limit"));
    session->bdat = BDAT_GOOD;
    session->chunk_good = true;
    session->next = NEXT_CHUNK;
    return (struct reply){0};
}

struct reply session_end_chunk(struct session *session, long size, enum content_problem problem,
                               struct str queue_id)
{
    if (!session->chunk_good) {
        if (session->chunk_last)
            session_reset_transaction(session);
        else
            session->bdat = BDAT_FAILED;
        return session_refuse_reply(session, session->chunk_reply);
    }
    session->received = size;
    if (session->chunk_last)
        return session_end_message(session, size, problem, queue_id);
    if (problem != CONTENT_GOOD) {
        struct reply reply = session_end_message(session, size, problem, queue_id);
        session->bdat = BDAT_FAILED;
        return reply;
    }
    return session_printf(session, 250, "2.0.0", "Ok: %ld bytes", session->chunk_size);
}

bool session_chunk_is_last(const struct session *session)
{
    return session->chunk_last;
}

bool session_chunk_is_kept(const struct session *session)
{
    return session->chunk_good;
}
