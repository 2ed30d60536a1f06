/*
 * sendmail_cf_settle - what only the whole sendmail.cf shows: see parser/sendmail/cf_model.h
 */
#include "parser/sendmail/cf_model.h"

/* settle_null_client - DH and DM contain the argument of FEATURE(`nullclient'), and are not other
 * directives */
static void settle_null_client(struct cf_model *model)
{
    static const char *const names[] = {"MAIL_HUB", "MASQUERADE_AS", "SMART_HOST", "LOCAL_RELAY"};
    struct sendmail *sendmail = model->sendmail;
    struct cf_known *known = map_get(&model->known, str_of("FEATURE nullclient"));

    for (size_t i = 0; known != NULL && i < sendmail->count; i++) {
        struct sendmail_item *item = &sendmail->items[i];
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            if ((item->kind != ITEM_DEFINE && item->kind != ITEM_MACRO) ||
                !str_is(item->name, names[k]))
                continue;
            struct str value = sendmail_argument(item, 0);
            if (known->argument_count > 0 && !str_eq(known->arguments[0], value))
                continue;
            known->arguments[0] = value;
            known->argument_count = 1;
            item->kind = ITEM_CF_LINE;
            item->name = str_of("D");
            item->stock = true;
        }
    }
    if (known != NULL && known->argument_count == 0) { /* only a header of the site's own */
        struct sendmail_item *item = &sendmail->items[known->item];
        size_t number = item->number;
        *item = known->original;
        item->number = number;
        map_put(&model->known, known->name, NULL);
        known->name = str_of("");
    }
}

/* restore_stock_line - the item is a stock line, and not what it was taken for */
static void restore_stock_line(struct cf_model *model, size_t number,
                               const struct sendmail_item *original)
{
    struct sendmail_item *item = &model->sendmail->items[number];

    *item = *original;
    item->number = number;
    item->stock = true;
    cf_model_hide(model->arena, item);
}

/* find_first_known - the first of several features of that name has the K line */
static struct cf_known *find_first_known(const struct cf_model *model, struct str name)
{
    for (size_t i = 0; i < model->known_count; i++)
        if (str_eq(model->all[i]->name, name))
            return model->all[i];
    return NULL;
}

/* settle_pending - lines that belong to features which the file has; a K line describes a feature
 * best */
static void settle_pending(struct cf_model *model)
{
    for (size_t i = 0; i < model->pending_count; i++) {
        struct cf_pending *pending = &model->pending[i];
        size_t at;
        if (pending->what.len == 0)
            continue;
        struct str key = cf_model_feature(model->arena, pending->what, &at, &pending->value);
        struct cf_known *known = find_first_known(model, key);
        if (known == NULL)
            continue;
        cf_model_set_argument(known, at, pending->value);
        restore_stock_line(model, pending->item, &pending->original);
        if (pending->original.kind != ITEM_CF_LINE || !str_is(pending->original.name, "K") ||
            known->has_map)
            continue;
        restore_stock_line(model, known->item, &known->original);
        struct sendmail_item *item = &model->sendmail->items[pending->item];
        cf_model_stand_for(known, item, pending->item);
        known->confirmed = true;
    }
}

/* add_missing_checks - such rules accept what Sendmail's own check_mail rejects */
static void add_missing_checks(struct cf_model *model)
{
    static const char *const features[] = {"accept_unqualified_senders",
                                           "accept_unresolvable_domains"};

    for (size_t i = 0; i < sizeof features / sizeof *features && model->ruleset_count > 0; i++) {
        struct sendmail_item item = model->sendmail->items[model->rulesets[0].item];
        item.kind = ITEM_FEATURE;
        item.name = str_of(features[i]);
        item.arguments = NULL;
        item.argument_count = 0;
        sendmail_also(model->sendmail, item);
    }
}

/* settle_own - where most rules are the site's own, so are the macros and classes that they use */
static void settle_own(struct cf_model *model)
{
    size_t stock = 0, own = 0;

    for (size_t i = 0; i < model->ruleset_count; i++) {
        stock += model->rulesets[i].stock;
        own += model->rulesets[i].own;
    }
    if (own == 0 || stock > own)
        return;
    for (size_t i = 0; i < model->pending_count; i++)
        if (model->pending[i].what.len == 0) {
            struct sendmail_item *item = &model->sendmail->items[model->pending[i].item];
            *item = model->pending[i].original;
            item->number = model->pending[i].item;
        }
    add_missing_checks(model);
}

void cf_model_end(struct cf_model *model)
{
    settle_own(model);
    settle_null_client(model);
    cf_model_taken(model);
    settle_pending(model);
    for (size_t i = 0; i < model->known_count; i++) {
        const struct cf_known *known = model->all[i];
        struct sendmail_item *item = &model->sendmail->items[known->item];
        if (item->kind != ITEM_FEATURE)
            continue;
        if (known->has_map && !known->confirmed) {
            size_t number = item->number;
            *item = known->original;
            item->number = number;
            map_put(&model->known, known->name, NULL);
            continue;
        }
        sendmail_set_arguments(model->arena, item, known->arguments, known->argument_count);
    }
    cf_model_missing(model);
}
