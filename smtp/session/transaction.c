/*
 * transaction - sender, recipients and login of a session: see smtp/session/parts.h
 */
#include "smtp/policy/restriction.h"
#include "smtp/session/parts.h"

bool session_in_transaction(const struct session *session)
{
    return session->state.sender.at != NULL;
}

void session_reset_mail(struct session *session)
{
    struct state *state = &session->state;

    state->message_size = 0;
    state->sender = STR_NONE;
    state->sasl_sender = STR_NONE;
    state->smtputf8 = false;
    session->bdat = BDAT_NONE;
    session->received = 0;
    restriction_reset(state);
}

void session_reset_transaction(struct session *session)
{
    session_reset_mail(session);
    session->recipient_count = 0;
    session->overshoot = 0;
    session->state.recipient = STR_NONE;
    session->state.recipient_count = 0;
}

void session_add_recipient(struct session *session, struct str address)
{
    struct arena *arena = session->state.arena;
    size_t number = session->recipient_count;

    session->recipients = arena_grow(arena, session->recipients, number,
                                     &session->recipient_capacity, sizeof *session->recipients);
    if (number == session->slot_count) {
        session->recipient_slots =
            arena_grow(arena, session->recipient_slots, number, &session->slot_capacity,
                       sizeof *session->recipient_slots);
        session->recipient_slots[session->slot_count++] = (struct session_slot){0};
    }
    session->recipients[number] = session_keep(session, &session->recipient_slots[number], address);
    session->recipient_count++;
    session->state.recipient_count = session->recipient_count;
}

void session_set_first_recipient(struct session *session)
{
    session->state.recipient = session->recipient_count > 0 ? session->recipients[0] : STR_NONE;
}

size_t session_recipients(const struct session *session, const struct str **recipients)
{
    *recipients = session->recipients;
    return session->recipient_count;
}

void session_reset_auth(struct session *session)
{
    session->state.sasl_username = STR_NONE;
    session->state.sasl_method = STR_NONE;
    session->state.sasl_sender = STR_NONE;
}
