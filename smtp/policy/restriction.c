#include "smtp/policy/check.h"

#include "smtp/policy/check_walk.h"

static void begin(struct check *check, struct state *state, enum stage stage)
{
    *check = (struct check){
        .state = state,
        .lists = check_lists_of(state->service),
        .arena = state->arena,
        .stage = stage,
        .recipient = state->recipient,
    };
}

/* reset - SMTPD_CHECK_RESET(): what does not outlive one list */
static void reset(struct check *check)
{
    struct state_checks *checks = &check->state->checks;

    checks->recursion = 0;
    checks->warn_if_reject = 0;
    checks->defer_if_reject.active = false;
    check->jumped = false;
    check->said = check->why = STR_NONE;
}

static enum check_status walk(struct check *check, const struct check_list *list,
                              enum stage list_stage, struct str reply_name, const char *reply_class,
                              const char *access)
{
    if (list->count == 0)
        return CHECK_DUNNO;
    check->list_stage = list_stage;
    check->list = list->parameter;
    check->reply_name = reply_name;
    check->reply_class = reply_class;
    check->default_access = access;
    return check_list_walk(check, list);
}

/* force - a permission becomes a deferral where an earlier step could not be done */
static enum check_status force(struct check *check, enum check_status status)
{
    if (status == CHECK_REJECT || !check->state->checks.defer_if_permit.active)
        return status;
    status = check_deferred(check);
    check_note(check, "defer_if_permit");
    return status;
}

/* --- the lists ----------------------------------------------------------------------- */

static enum check_status check_client_list(struct check *check)
{
    struct state_checks *checks = &check->state->checks;

    checks->defer_if_permit.active = false;
    reset(check);
    enum check_status status = walk(check, &check->lists->client, STAGE_CONNECT,
                                    check_client(check), class_client, "check_client_access");
    checks->client_deferred = checks->defer_if_permit.active;
    return status;
}

static enum check_status check_helo_list(struct check *check)
{
    struct state_checks *checks = &check->state->checks;

    if (check->state->helo.at == NULL)
        return CHECK_DUNNO;
    checks->defer_if_permit.active = checks->client_deferred;
    reset(check);
    enum check_status status = walk(check, &check->lists->helo, STAGE_HELO, check->state->helo,
                                    class_helo, "check_helo_access");
    checks->helo_deferred = checks->defer_if_permit.active;
    return status;
}

static enum check_status check_sender_list(struct check *check)
{
    struct state_checks *checks = &check->state->checks;
    struct str sender = check->state->sender;

    if (sender.at == NULL)
        return CHECK_DUNNO;
    checks->defer_if_permit.active = checks->client_deferred || checks->helo_deferred;
    checks->sender_checked = false;
    reset(check);
    enum check_status status =
        walk(check, &check->lists->sender, STAGE_MAIL, sender, class_sender, "check_sender_access");
    checks->sender_deferred = checks->defer_if_permit.active;
    if (check->lists->reject_unlisted_sender && status != CHECK_REJECT && !checks->sender_checked &&
        !checks->discard && sender.len > 0) {
        check->said = check->why = STR_NONE;
        status = restriction_unlisted_sender(check);
        if (status == CHECK_REJECT)
            check_note(check, "smtpd_reject_unlisted_sender");
    }
    return status;
}

static enum check_status check_delayed(struct check *check, bool with_sender)
{
    enum check_status status = CHECK_DUNNO;

    if (!check->lists->delay_reject)
        return status;
    status = check_client_list(check);
    if (status != CHECK_REJECT)
        status = check_helo_list(check);
    if (status != CHECK_REJECT && with_sender)
        status = check_sender_list(check);
    return status;
}

/* check_relay_and_recipient - both lists, in the order of the release */
static enum check_status check_relay_and_recipient(struct check *check)
{
    const struct check_list *relay = &check->lists->relay, *recipient = &check->lists->recipient;
    const struct check_list *order[] = {check->lists->relay_first ? relay : recipient,
                                        check->lists->relay_first ? recipient : relay};
    enum check_status status = CHECK_DUNNO;

    check->state->checks.defer_if_permit.active = check->state->checks.sender_deferred;
    reset(check);
    for (size_t i = 0; i < 2 && status != CHECK_REJECT; i++) {
        check->jumped = false;
        status = walk(check, order[i], STAGE_RCPT, check->recipient, class_recipient,
                      "check_recipient_access");
    }
    return status;
}

/* is_probe - the sender of Postfix's own probes, which is let through everywhere */
static bool is_probe(struct check *check)
{
    struct str probe = check->lists->verify_sender;

    if (probe.at == NULL || probe.len == 0 || str_is(probe, "<>"))
        return false;
    size_t local = str_find(probe, '@', 0);
    if (!str_eq_nocase(str_slice(check->recipient, 0, local), str_slice(probe, 0, local)))
        return false;
    return str_eq_nocase(check->recipient, probe) ||
           str_eq_nocase(check->recipient, address_rewrite(check->state, probe));
}

static enum check_status check_recipient_stage(struct check *check)
{
    struct state_checks *checks = &check->state->checks;

    if (str_is_nocase(check->recipient, "postmaster") ||
        (check->stage == STAGE_RCPT && is_probe(check)))
        return CHECK_DUNNO;
    checks->recipient_checked = false;
    if (check_delayed(check, true) == CHECK_REJECT)
        return CHECK_REJECT;
    enum check_status status = force(check, check_relay_and_recipient(check));
    if (check->lists->reject_unlisted_recipient && status != CHECK_REJECT &&
        !checks->recipient_checked && !checks->discard) {
        check->said = check->why = STR_NONE;
        status = restriction_unlisted_recipient(check);
        if (status == CHECK_REJECT)
            check_note(check, "smtpd_reject_unlisted_recipient");
    }
    return status;
}

static enum check_status check_etrn_stage(struct check *check)
{
    struct state_checks *checks = &check->state->checks;

    if (check->state->etrn_name.at == NULL)
        return CHECK_DUNNO;
    if (check_delayed(check, false) == CHECK_REJECT)
        return CHECK_REJECT;
    checks->defer_if_permit.active = checks->client_deferred || checks->helo_deferred;
    reset(check);
    return force(check, walk(check, &check->lists->etrn, STAGE_ETRN, check->state->etrn_name,
                             class_etrn, "check_etrn_access"));
}

/* check_data_stage - at DATA and behind the message; with many recipients none of them counts */
static enum check_status check_data_stage(struct check *check)
{
    struct state *state = check->state;
    bool end = check->stage == STAGE_END_OF_DATA;

    if (state->recipient_count > 1)
        check->recipient = STR_NONE;
    else if (check->recipient.at == NULL)
        check->recipient = state->checks.first_recipient;
    state->checks.defer_if_permit.active = false;
    reset(check);
    return force(check, walk(check, end ? &check->lists->end_of_data : &check->lists->data,
                             check->stage, str_of(end ? "END-OF-MESSAGE" : "DATA"),
                             end ? class_end_of_data : class_data, NULL));
}

/* --- MAIL ---------------------------------------------------------------------------- */

/*
 * local_header_rewrite_clients: smtpd decides at MAIL whose headers are rewritten; the mail is
 * refused where it can't (smtpd_check_rewrite()).
 */
static enum check_status check_rewrite_clients(struct check *check)
{
    const struct check_list *list = &check->lists->rewrite_clients;

    for (size_t i = 0; i < list->count; i++) {
        const struct check_word *word = &list->words[i];
        enum check_status status = CHECK_DUNNO;
        if (str_is_nocase(word->text, "check_address_map"))
            continue; /* its table is the next word */
        if (word->table != NULL) {
            struct lookup lookup =
                table_find(word->table, check->arena, check->state->client_address);
            status = lookup.status == LOOKUP_FOUND   ? CHECK_OK
                     : lookup.status == LOOKUP_ERROR ? CHECK_LOOKUP_ERROR
                                                     : CHECK_DUNNO;
        } else if (str_is_nocase(word->text, "permit_mynetworks")) {
            status = restriction_permit_mynetworks(check);
        } else if (str_is_nocase(word->text, "permit_tls_clientcerts")) {
            status = restriction_permit_certificates(check, false);
        }
        if (status == CHECK_LOOKUP_ERROR)
            return check_reject(check, ERROR_DATA, 451, "4.3.0", "Temporary lookup error");
        if (status == CHECK_OK)
            break;
    }
    return CHECK_DUNNO;
}

static enum check_status check_mail_stage(struct check *check)
{
    long limit = check->lists->message_size_limit;

    reset(check);
    check->list_stage = STAGE_MAIL;
    if (limit > 0 && check->state->message_size > limit) {
        check_why(check, "SIZE=%ld is more than %ld", check->state->message_size, limit);
        enum check_status status =
            check_reject(check, ERROR_POLICY, 552, "5.3.4", "Message size exceeds fixed limit");
        check_note(check, "message_size_limit");
        return status;
    }
    if (!check->lists->delay_reject && check_sender_list(check) == CHECK_REJECT) {
        check_reset(check->state);
        return CHECK_REJECT;
    }
    reset(check);
    enum check_status status = check_rewrite_clients(check);
    if (status == CHECK_REJECT)
        check_note(check, "local_header_rewrite_clients");
    return status;
}

static enum check_status check_any(struct check *check)
{
    struct state *state = check->state;

    switch (check->stage) {
    case STAGE_CONNECT:
        return check->lists->delay_reject ? CHECK_DUNNO : check_client_list(check);
    case STAGE_HELO:
        return check->lists->delay_reject ? CHECK_DUNNO : check_helo_list(check);
    case STAGE_MAIL:
        return check_mail_stage(check);
    case STAGE_RCPT:
        return check_recipient_stage(check);
    case STAGE_VRFY:
        check->recipient = state->vrfy_name;
        return check_recipient_stage(check);
    case STAGE_DATA:
    case STAGE_END_OF_DATA:
        return check_data_stage(check);
    case STAGE_ETRN:
        return check_etrn_stage(check);
    }
    return CHECK_DUNNO;
}

struct reply check_stage(struct state *state, enum stage stage)
{
    struct check check;
    struct str given = state->recipient;

    begin(&check, state, stage);
    if (check.lists->broken.len > 0)
        return (struct reply){.code = 421, .enhanced = STR("4.3.0"), .text = check.lists->broken};
    if (stage == STAGE_VRFY)
        state->recipient = state->vrfy_name;
    enum check_status status = check_any(&check);
    state->recipient = given;
    if (status == CHECK_REJECT)
        return check.reply;
    if (stage == STAGE_RCPT && state->checks.first_recipient.at == NULL)
        state->checks.first_recipient = arena_copy(state->arena, check.recipient);
    return (struct reply){0};
}

void check_reset(struct state *state)
{
    state->checks.discard = false;
    state->checks.first_recipient = STR_NONE;
    state->discard_or_hold = str_of("");
}
