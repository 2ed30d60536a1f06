#include "smtp/policy/restriction.h"

#include "smtp/policy/restriction_walk.h"

/* every restriction that is built into smtpd */
static const struct restriction_builtin *const builtins[] = {
    restrictions_generic, restrictions_client, restrictions_helo,
    restrictions_address, restrictions_relay,  restrictions_dns,
    restrictions_dnsbl,   restrictions_hosts,  NULL,
};

const struct restriction_lists *restriction_lists_for(const struct policy_service *service)
{
    return restriction_lists_of(service, builtins);
}

static void begin_walk(struct restriction_walk *walk, struct state *state, enum stage stage)
{
    *walk = (struct restriction_walk){
        .state = state,
        .lists = restriction_lists_for(state->service),
        .arena = state->arena,
        .stage = stage,
        .recipient = state->recipient,
    };
}

/* reset_list - SMTPD_CHECK_RESET(): forgets what belongs to one list */
static void reset_list(struct restriction_walk *walk)
{
    struct state_checks *checks = &walk->state->checks;

    checks->recursion = 0;
    checks->warn_if_reject = 0;
    checks->defer_if_reject.active = false;
    walk->jumped = false;
    walk->said = walk->why = STR_NONE;
}

static enum restriction_status check_list(struct restriction_walk *walk,
                                          const struct restriction_list *list,
                                          enum stage list_stage, struct str reply_name,
                                          const char *reply_class, const char *access)
{
    if (list->count == 0)
        return RESTRICTION_DUNNO;
    walk->list_stage = list_stage;
    walk->list = list->parameter;
    walk->reply_name = reply_name;
    walk->reply_class = reply_class;
    walk->bare_table_access = access == NULL ? NULL : restriction_find(walk->lists, access);
    return restriction_walk_list(walk, list);
}

/* apply_defer_if_permit - turns a permission into a deferral that was asked for earlier */
static enum restriction_status apply_defer_if_permit(struct restriction_walk *walk,
                                                     enum restriction_status status)
{
    if (status == RESTRICTION_REJECT || !walk->state->checks.defer_if_permit.active)
        return status;
    status = restriction_apply_deferral(walk);
    restriction_trace_word(walk, "defer_if_permit");
    return status;
}

/* --- the lists ----------------------------------------------------------------------- */

static enum restriction_status check_client_list(struct restriction_walk *walk)
{
    struct state_checks *checks = &walk->state->checks;

    checks->defer_if_permit.active = false;
    reset_list(walk);
    enum restriction_status status =
        check_list(walk, &walk->lists->client, STAGE_CONNECT, restriction_client(walk),
                   class_client, "check_client_access");
    checks->client_deferred = checks->defer_if_permit.active;
    return status;
}

static enum restriction_status check_helo_list(struct restriction_walk *walk)
{
    struct state_checks *checks = &walk->state->checks;

    if (walk->state->helo.at == NULL)
        return RESTRICTION_DUNNO;
    checks->defer_if_permit.active = checks->client_deferred;
    reset_list(walk);
    enum restriction_status status = check_list(walk, &walk->lists->helo, STAGE_HELO,
                                                walk->state->helo, class_helo, "check_helo_access");
    checks->helo_deferred = checks->defer_if_permit.active;
    return status;
}

static enum restriction_status check_sender_list(struct restriction_walk *walk)
{
    struct state_checks *checks = &walk->state->checks;
    struct str sender = walk->state->sender;

    if (sender.at == NULL)
        return RESTRICTION_DUNNO;
    checks->defer_if_permit.active = checks->client_deferred || checks->helo_deferred;
    checks->sender_checked = false;
    reset_list(walk);
    enum restriction_status status = check_list(walk, &walk->lists->sender, STAGE_MAIL, sender,
                                                class_sender, "check_sender_access");
    checks->sender_deferred = checks->defer_if_permit.active;
    if (walk->lists->reject_unlisted_sender && status != RESTRICTION_REJECT &&
        !checks->sender_checked && !checks->discard && sender.len > 0) {
        walk->said = walk->why = STR_NONE;
        status = restriction_unlisted_sender(walk);
        if (status == RESTRICTION_REJECT)
            restriction_trace_parameter(walk, PARAM_SMTPD_REJECT_UNLISTED_SENDER);
    }
    return status;
}

static enum restriction_status check_delayed(struct restriction_walk *walk, bool with_sender)
{
    enum restriction_status status = RESTRICTION_DUNNO;

    if (!walk->lists->delay_reject)
        return status;
    status = check_client_list(walk);
    if (status != RESTRICTION_REJECT)
        status = check_helo_list(walk);
    if (status != RESTRICTION_REJECT && with_sender)
        status = check_sender_list(walk);
    return status;
}

/* check_relay_and_recipient - both lists, in the order that the release has */
static enum restriction_status check_relay_and_recipient(struct restriction_walk *walk)
{
    const struct restriction_list *relay = &walk->lists->relay,
                                  *recipient = &walk->lists->recipient;
    const struct restriction_list *order[] = {walk->lists->relay_first ? relay : recipient,
                                              walk->lists->relay_first ? recipient : relay};
    enum restriction_status status = RESTRICTION_DUNNO;

    walk->state->checks.defer_if_permit.active = walk->state->checks.sender_deferred;
    reset_list(walk);
    for (size_t i = 0; i < 2 && status != RESTRICTION_REJECT; i++) {
        walk->jumped = false;
        status = check_list(walk, order[i], STAGE_RCPT, walk->recipient, class_recipient,
                            "check_recipient_access");
    }
    return status;
}

/* is_probe - the sender of Postfix's address probes, which is always accepted as recipient */
static bool is_probe(struct restriction_walk *walk)
{
    struct str probe = walk->lists->verify_sender;

    if (probe.at == NULL || probe.len == 0 || str_is(probe, "<>"))
        return false;
    size_t local = str_find(probe, '@', 0);
    if (!str_eq_nocase(str_slice(walk->recipient, 0, local), str_slice(probe, 0, local)))
        return false;
    return str_eq_nocase(walk->recipient, probe) ||
           str_eq_nocase(walk->recipient, address_rewrite(walk->state, probe));
}

static enum restriction_status check_recipient_stage(struct restriction_walk *walk)
{
    struct state_checks *checks = &walk->state->checks;

    if (str_is_nocase(walk->recipient, "postmaster") ||
        (walk->stage == STAGE_RCPT && is_probe(walk)))
        return RESTRICTION_DUNNO;
    checks->recipient_checked = false;
    if (check_delayed(walk, true) == RESTRICTION_REJECT)
        return RESTRICTION_REJECT;
    enum restriction_status status = apply_defer_if_permit(walk, check_relay_and_recipient(walk));
    if (walk->lists->reject_unlisted_recipient && status != RESTRICTION_REJECT &&
        !checks->recipient_checked && !checks->discard) {
        walk->said = walk->why = STR_NONE;
        status = restriction_unlisted_recipient(walk);
        if (status == RESTRICTION_REJECT)
            restriction_trace_parameter(walk, PARAM_SMTPD_REJECT_UNLISTED_RECIPIENT);
    }
    return status;
}

static enum restriction_status check_etrn_stage(struct restriction_walk *walk)
{
    struct state_checks *checks = &walk->state->checks;

    if (walk->state->etrn_name.at == NULL)
        return RESTRICTION_DUNNO;
    if (check_delayed(walk, false) == RESTRICTION_REJECT)
        return RESTRICTION_REJECT;
    checks->defer_if_permit.active = checks->client_deferred || checks->helo_deferred;
    reset_list(walk);
    return apply_defer_if_permit(walk, check_list(walk, &walk->lists->etrn, STAGE_ETRN,
                                                  walk->state->etrn_name, class_etrn,
                                                  "check_etrn_access"));
}

/* check_data_stage - at DATA and after the message; several recipients count as none */
static enum restriction_status check_data_stage(struct restriction_walk *walk)
{
    struct state *state = walk->state;
    bool end = walk->stage == STAGE_END_OF_DATA;

    if (state->recipient_count > 1)
        walk->recipient = STR_NONE;
    else if (walk->recipient.at == NULL)
        walk->recipient = state->checks.first_recipient;
    state->checks.defer_if_permit.active = false;
    reset_list(walk);
    return apply_defer_if_permit(
        walk, check_list(walk, end ? &walk->lists->end_of_data : &walk->lists->data, walk->stage,
                         str_of(end ? "END-OF-MESSAGE" : "DATA"),
                         end ? class_end_of_data : class_data, NULL));
}

/* --- MAIL ---------------------------------------------------------------------------- */

/*
 * check_rewrite_clients - smtpd evaluates local_header_rewrite_clients at MAIL, and rejects the
 * mail if a table does not work (smtpd_check_rewrite())
 */
static enum restriction_status check_rewrite_clients(struct restriction_walk *walk)
{
    const struct restriction_list *list = &walk->lists->rewrite_clients;

    for (size_t i = 0; i < list->count; i++) {
        const struct restriction_item *item = &list->items[i];
        enum restriction_status status = RESTRICTION_DUNNO;
        if (str_is_nocase(item->text, "check_address_map"))
            continue; /* its table is the next item */
        if (item->table != NULL) {
            struct str address = walk->state->client_address;
            struct lookup lookup = state_assume(
                walk->state, table_find(item->table, walk->arena, address), item->text, address);
            status = lookup.status == LOOKUP_FOUND   ? RESTRICTION_OK
                     : lookup.status == LOOKUP_ERROR ? RESTRICTION_LOOKUP_ERROR
                                                     : RESTRICTION_DUNNO;
        } else if (str_is_nocase(item->text, "permit_mynetworks")) {
            status = restriction_permit_mynetworks(walk);
        } else if (str_is_nocase(item->text, "permit_tls_clientcerts")) {
            status = restriction_permit_certificates(walk, false);
        }
        if (status == RESTRICTION_LOOKUP_ERROR)
            return restriction_reject(walk, ERROR_DATA, 451, "4.3.0", "Temporary lookup error");
        if (status == RESTRICTION_OK)
            break;
    }
    return RESTRICTION_DUNNO;
}

static enum restriction_status check_mail_stage(struct restriction_walk *walk)
{
    long limit = walk->lists->message_size_limit;

    reset_list(walk);
    walk->list_stage = STAGE_MAIL;
    if (limit > 0 && walk->state->message_size > limit) {
        restriction_explain(walk, "SIZE=%ld is more than %ld", walk->state->message_size, limit);
        enum restriction_status status = restriction_reject(walk, ERROR_POLICY, 552, "5.3.4",
                                                            "Message size exceeds fixed limit");
        restriction_trace_parameter(walk, PARAM_MESSAGE_SIZE_LIMIT);
        return status;
    }
    if (!walk->lists->delay_reject && check_sender_list(walk) == RESTRICTION_REJECT) {
        restriction_reset(walk->state);
        return RESTRICTION_REJECT;
    }
    reset_list(walk);
    enum restriction_status status = check_rewrite_clients(walk);
    if (status == RESTRICTION_REJECT)
        restriction_trace_parameter(walk, PARAM_LOCAL_HEADER_REWRITE_CLIENTS);
    return status;
}

static enum restriction_status check_current_stage(struct restriction_walk *walk)
{
    struct state *state = walk->state;

    switch (walk->stage) {
    case STAGE_CONNECT:
        return walk->lists->delay_reject ? RESTRICTION_DUNNO : check_client_list(walk);
    case STAGE_HELO:
        return walk->lists->delay_reject ? RESTRICTION_DUNNO : check_helo_list(walk);
    case STAGE_MAIL:
        return check_mail_stage(walk);
    case STAGE_RCPT:
        return check_recipient_stage(walk);
    case STAGE_VRFY:
        walk->recipient = state->vrfy_name;
        return check_recipient_stage(walk);
    case STAGE_DATA:
    case STAGE_END_OF_DATA:
        return check_data_stage(walk);
    case STAGE_ETRN:
        return check_etrn_stage(walk);
    }
    return RESTRICTION_DUNNO;
}

struct reply restriction_check(struct state *state, enum stage stage)
{
    struct restriction_walk walk;
    struct str given = state->recipient;

    begin_walk(&walk, state, stage);
    if (walk.lists->start_error.len > 0)
        return (struct reply){
            .code = 421, .enhanced = STR("4.3.0"), .text = walk.lists->start_error};
    if (stage == STAGE_VRFY)
        state->recipient = state->vrfy_name;
    enum restriction_status status = check_current_stage(&walk);
    state->recipient = given;
    if (status == RESTRICTION_REJECT)
        return walk.reply;
    if (stage == STAGE_RCPT && state->checks.first_recipient.at == NULL)
        state->checks.first_recipient = arena_copy(state->arena, walk.recipient);
    return (struct reply){0};
}

struct str restriction_start_error(const struct policy_service *service)
{
    return restriction_lists_for(service)->start_error;
}

void restriction_reset(struct state *state)
{
    state->checks.discard = false;
    state->checks.first_recipient = STR_NONE;
    state->discard_or_hold = str_of("");
}
