/*
 * sendmail_cf_mailer - the mailers of a sendmail.cf: see parser/sendmail/cf_model.h
 *
 * Sources: makemailer() in sendmail/readcf.c; cf/mailer and cf/feature of 8.17.  An equate that
 * Sendmail's files set by default has no meaning; any other one is the define that sets it.
 */
#include "base/path.h"
#include "facts/sendmail.h"
#include "parser/sendmail/cf_model.h"

/* a mailer, the prefix of its defines, and the MAILER whose first mailer it is, or NULL */
static const struct mailer {
    const char *name, *defines, *mailer;
} mailers[] = {
    {"local", "LOCAL_MAILER", "local"},
    {"prog", "LOCAL_SHELL", NULL},
    {"smtp", "SMTP_MAILER", "smtp"},
    {"esmtp", "ESMTP_MAILER", NULL},
    {"smtp8", "SMTP8_MAILER", NULL},
    {"dsmtp", "DSMTP_MAILER", NULL},
    {"relay", "RELAY_MAILER", NULL},
    {"procmail", "PROCMAIL_MAILER", "procmail"},
    {"cyrus", "CYRUS_MAILER", "cyrus"},
    {"cyrusbb", "CYRUS_BB_MAILER", NULL},
    {"cyrusv2", "CYRUSV2_MAILER", "cyrusv2"},
    {"uucp", "UUCP_MAILER", "uucp"},
    {"uucp-old", "UUCP_MAILER", NULL},
    {"suucp", "UUCP_MAILER", NULL},
    {"uucp-new", "UUCP_MAILER", NULL},
    {"uucp-dom", "UUCP_MAILER", NULL},
    {"uucp-uudom", "UUCP_MAILER", NULL},
    {"usenet", "USENET_MAILER", "usenet"},
    {"fax", "FAX_MAILER", "fax"},
    {"mail11", "MAIL11_MAILER", "mail11"},
    {"ph", "PH_MAILER", "phquery"},
    {"pop", "POP_MAILER", "pop"},
    {"qpage", "QPAGE_MAILER", "qpage"},
};

/* an equate and the suffix of its define */
static const struct equate {
    char letter;
    const char *define;
} equates[] = {
    {'P', "PATH"},     {'F', "FLAGS"},   {'A', "ARGS"}, {'M', "MAX"},  {'m', "MAXMSGS"},
    {'r', "MAXRCPTS"}, {'C', "CHARSET"}, {'U', "USER"}, {'Q', "QGRP"}, {'L', "LL"},
};

/* add_part - a feature or define that the M line contains, besides its own item */
static void add_part(struct cf_model *model, struct sendmail_item item,
                     enum sendmail_item_kind kind, struct str name, struct str value)
{
    item.kind = kind;
    item.name = name;
    item.number = model->sendmail->count;
    sendmail_set_arguments(model->arena, &item, &value, value.len > 0);
    sendmail_also(model->sendmail, item);
}

/* find_define - some defines apply to all mailers that speak SMTP */
static struct str find_define(struct cf_model *model, const struct mailer *mailer, char letter)
{
    const char *const families[] = {mailer->defines, "SMTP_MAILER"};
    bool speaks_smtp = str_ends(str_of(mailer->defines), "SMTP_MAILER") ||
                       str_is(str_of(mailer->defines), "SMTP8_MAILER");

    for (size_t i = 0; i < sizeof equates / sizeof *equates; i++)
        for (size_t k = 0; k < (speaks_smtp ? 2 : 1) && equates[i].letter == letter; k++) {
            struct str name = arena_printf(model->arena, "%s_%s", families[k], equates[i].define);
            if (facts_sendmail(SENDMAIL_DEFINE, name) != NULL)
                return name;
        }
    return STR_NONE;
}

static bool is_program(struct str path, const char *program)
{
    return str_is(path_base(path), program);
}

/* is_longer_line - the line length that newer releases set differs from that of older ones */
static bool is_longer_line(struct cf_model *model, const struct mailer *mailer, char letter,
                           struct str value)
{
    struct str define = letter == 'L' ? find_define(model, mailer, letter) : STR_NONE;

    return define.at != NULL && !str_eq(facts_sendmail(SENDMAIL_DEFINE, define)->fallback, value);
}

/* read_equate - false where it differs in a way that no define can express */
static bool read_equate(struct cf_model *model, const struct mailer *mailer, struct str equate,
                        const struct sendmail_item *item)
{
    struct str ruleset = arena_printf(model->arena, "M%s", mailer->name);
    struct str value = str_trim(str_slice(equate, str_find(equate, '=', 0) + 1, equate.len));
    uint64_t number = facts_sendmail_number(ruleset, equate);
    struct str made_by = facts_sendmail_line(number);

    cf_model_note(model, number);
    if (str_is(str_of(mailer->name), "prog") && equate.at[0] == 'P' && is_program(value, "smrsh")) {
        add_part(model, *item, ITEM_FEATURE, str_of("smrsh"), value);
        return true;
    }
    if (str_starts(made_by, "WITH "))
        made_by = arena_printf(model->arena, "FEATURE %.*s",
                               STR_ARG(str_slice(made_by, sizeof "WITH", made_by.len)));
    if (cf_model_knows(model, made_by)) { /* "FEATURE msp 2 MSA" */
        size_t at;
        struct str word = STR_NONE;
        struct str key = cf_model_feature(
            model->arena, str_slice(made_by, sizeof "FEATURE", made_by.len), &at, &word);
        cf_model_set_argument(map_get(&model->known, key), at, word);
        return true;
    }
    /* the paths of programs differ between releases of Sendmail */
    bool is_path = equate.at[0] == 'P' && str_starts(value, "/") && mailer->mailer != NULL &&
                   !str_is(str_of(mailer->name), "local");
    if (str_is(made_by, "plain") && !is_path && !is_longer_line(model, mailer, equate.at[0], value))
        return true;
    struct str define = find_define(model, mailer, equate.at[0]);
    if (define.at == NULL)
        return false;
    add_part(model, *item, ITEM_DEFINE, define, value);
    return true;
}

/* join_words - the equate with each run of white space as one space */
static struct str join_words(struct arena *arena, struct str text)
{
    struct buffer out;
    bool blank = false;

    buffer_init(&out, arena);
    text = str_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        if (!is_space(text.at[i])) {
            if (blank)
                buffer_add_char(&out, ' ');
            buffer_add_char(&out, text.at[i]);
        }
        blank = is_space(text.at[i]);
    }
    return buffer_str(&out);
}

/* find_equate - the value of an equate, such as "P=" */
static struct str find_equate(struct arena *arena, struct str rest, char letter)
{
    for (size_t at = 0; at < rest.len;) {
        size_t end = str_find(rest, ',', at);
        struct str equate = join_words(arena, str_slice(rest, at, end));
        if (equate.len > 2 && equate.at[0] == letter && equate.at[1] == '=')
            return str_slice(equate, 2, equate.len);
        at = end + 1;
    }
    return STR_NONE;
}

/* become_local - the mailer local that runs procmail or mail.local is a feature */
static void become_local(struct cf_model *model, struct sendmail_item *item)
{
    struct str rest = sendmail_argument(item, 1), path = find_equate(model->arena, rest, 'P');
    struct str arguments[] = {path, find_equate(model->arena, rest, 'A')};
    struct str command = arena_printf(model->arena, "A=%.*s", STR_ARG(arguments[1]));

    if (facts_sendmail_line(facts_sendmail_number(str_of("Mlocal"), command)).at != NULL)
        arguments[1] = str_of(""); /* the default of the feature */

    if (is_program(path, "procmail"))
        item->name = str_of("local_procmail");
    else if (is_program(path, "mail.local"))
        item->name = str_of("local_lmtp");
    else
        return;
    item->kind = ITEM_FEATURE;
    sendmail_set_arguments(model->arena, item, arguments, 2);
}

/* become_define - the line is the first of the defines and features that it contains */
static void become_define(struct cf_model *model, struct sendmail_item *item)
{
    struct sendmail_own *own = model->sendmail->own;
    size_t first = own->also_count;

    while (first > 0 && own->also[first - 1]->number == model->sendmail->count)
        first--;
    if (first == own->also_count)
        return;
    item->kind = own->also[first]->kind;
    item->name = own->also[first]->name;
    item->arguments = own->also[first]->arguments;
    item->argument_count = own->also[first]->argument_count;
    for (size_t i = first + 1; i < own->also_count; i++)
        own->also[i - 1] = own->also[i];
    own->also_count--;
}

void cf_model_mailer(struct cf_model *model, struct sendmail_item *item)
{
    const struct mailer *mailer = NULL;
    struct str name = sendmail_argument(item, 0), rest = sendmail_argument(item, 1);
    bool stock = true;

    for (size_t i = 0; i < sizeof mailers / sizeof *mailers; i++)
        if (str_is(name, mailers[i].name))
            mailer = &mailers[i];
    if (mailer == NULL)
        return;
    for (size_t at = 0; at < rest.len;) {
        size_t end = str_find(rest, ',', at);
        struct str equate = join_words(model->arena, str_slice(rest, at, end));
        if (equate.len > 0)
            stock &= read_equate(model, mailer, equate, item);
        at = end + 1;
    }
    if (!stock)
        return;
    if (str_is(name, "local"))
        become_local(model, item);
    if (item->kind == ITEM_CF_LINE && str_is(name, "local"))
        become_define(model, item);
    const struct sendmail_own *own = model->sendmail->own;
    bool says_more =
        own->also_count > 0 && own->also[own->also_count - 1]->number == model->sendmail->count;
    if (item->kind != ITEM_CF_LINE || says_more)
        return;
    item->stock = mailer->mailer == NULL;
    if (mailer->mailer != NULL) {
        item->kind = ITEM_MAILER;
        item->name = str_of(mailer->mailer);
        item->arguments = NULL;
        item->argument_count = 0;
    }
}
