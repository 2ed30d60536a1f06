/*
 * value - values of Sendmail's configuration: see convert/sendmail/value.h
 */
#include "convert/sendmail/value.h"

#include <limits.h>

enum {
    BLOCK_SIZE = 4096, /* the f_bsize of current file systems, the unit of sendmail/conf.c */
};

struct str sendmail_unquoted(struct str text)
{
    text = str_trim(text);
    while (text.len >= 2 && text.at[0] == '`' && text.at[text.len - 1] == '\'' &&
           str_find(text, '`', 1) == text.len)
        text = str_trim(str_slice(text, 1, text.len - 1));
    return text;
}

/* follow_names - the value; *CUT: it is the name of one more define */
static struct str follow_names(const struct draft *draft, const struct sendmail_item *item,
                               bool *cut)
{
    struct str value = sendmail_unquoted(sendmail_argument(item, 0));

    *cut = false;
    for (int i = 0; item->kind == ITEM_DEFINE && value.len > 0; i++) {
        const struct sendmail_item *other =
            sendmail_define(draft->sendmail, arena_cstr(draft->arena, value));
        *cut = other != NULL && other != item && i == SENDMAIL_REFERENCES_MAX;
        if (other == NULL || other == item || *cut)
            break;
        value = sendmail_unquoted(sendmail_argument(other, 0));
    }
    return value;
}

struct str sendmail_item_value(const struct draft *draft, const struct sendmail_item *item)
{
    bool cut;

    return follow_names(draft, item, &cut);
}

bool sendmail_value_is_cut(const struct draft *draft, const struct sendmail_item *item)
{
    bool cut;

    follow_names(draft, item, &cut);
    return cut;
}

struct str sendmail_define_value(const struct draft *draft, const char *name)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, name);

    return item != NULL ? sendmail_item_value(draft, item) : STR_NONE;
}

struct str sendmail_default(const char *name)
{
    const struct sendmail_fact *fact = facts_sendmail(SENDMAIL_DEFINE, str_of(name));

    return fact != NULL ? fact->fallback : str_of("");
}

struct str sendmail_define_or_default(const struct draft *draft, const char *name)
{
    struct str value = sendmail_define_value(draft, name);

    return value.at != NULL ? value : sendmail_default(name);
}

const struct sendmail_fact *sendmail_item_fact(const struct sendmail_item *item)
{
    switch (item->kind) {
    case ITEM_DEFINE:
    case ITEM_UNDEFINE:
        return facts_sendmail(SENDMAIL_DEFINE, item->name);
    case ITEM_FEATURE:
        return facts_sendmail(SENDMAIL_FEATURE, item->name);
    case ITEM_MAILER:
        return facts_sendmail(SENDMAIL_MAILER, item->name);
    case ITEM_OSTYPE:
        return facts_sendmail(SENDMAIL_OSTYPE, item->name);
    case ITEM_DOMAIN:
        return facts_sendmail(SENDMAIL_DOMAIN, item->name);
    case ITEM_OPTION:
        return facts_sendmail_option(item->name);
    case ITEM_MACRO:
        if (str_is(item->name, "HACK")) {
            const struct sendmail_fact *hack =
                facts_sendmail(SENDMAIL_HACK, sendmail_unquoted(sendmail_argument(item, 0)));
            if (hack != NULL)
                return hack;
        }
        return facts_sendmail(SENDMAIL_MACRO, item->name);
    default:
        return NULL;
    }
}

bool sendmail_number(struct str text, long *number)
{
    *number = 0;
    if (!str_is_digits(text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = text.at[i] - '0';
        if (*number > (LONG_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return true;
}

static long get_unit_seconds(char unit)
{
    switch (unit) {
    case 'w':
        return 7L * 86400;
    case 'd':
        return 86400;
    case 'h':
        return 3600;
    case 'm':
        return 60;
    case 's':
        return 1;
    default:
        return 0;
    }
}

bool sendmail_time(struct str text, char unit, long *seconds)
{
    size_t at = 0;

    *seconds = 0;
    if (text.len == 0)
        return false;
    while (at < text.len) {
        size_t end = str_span(text, at, "0123456789");
        long number;
        if (!sendmail_number(str_slice(text, at, end), &number))
            return false;
        long scale = get_unit_seconds(end < text.len ? text.at[end] : unit);
        if (scale == 0 || number > (INT_MAX - *seconds) / scale) /* Postfix stores times as int */
            return false;
        *seconds += number * scale;
        at = end + 1;
    }
    return true;
}

struct str sendmail_time_text(struct arena *arena, long seconds)
{
    static const char units[] = "wdhm";

    for (size_t i = 0; seconds > 0 && i < sizeof units - 1; i++)
        if (seconds % get_unit_seconds(units[i]) == 0)
            return arena_printf(arena, "%ld%c", seconds / get_unit_seconds(units[i]), units[i]);
    return arena_printf(arena, "%lds", seconds);
}

bool sendmail_bool(struct str text)
{
    return text.len == 0 || str_find((struct str)STR("tTyY"), text.at[0], 0) < 4;
}

bool sendmail_is_idle(const struct sendmail_fact *fact, struct str value)
{
    long number, seconds;

    if (fact->idle.len == 0)
        return false;
    if (str_is(fact->idle, "False"))
        return !sendmail_bool(value);
    if (str_is(fact->idle, "0"))
        return (sendmail_number(value, &number) && number == 0) ||
               (sendmail_time(value, 's', &seconds) && seconds == 0);
    return str_eq_nocase(fact->idle, value);
}

bool sendmail_is_plain(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == '\177' || text.at[i] == '$')
            return false;
    return text.len > 0;
}

/* write_bounded - a number within the bounds of PARAMETER; long has the same size in Postfix as
   here */
static struct str write_bounded(struct arena *arena, const struct parameter *parameter, long number,
                                struct str *problem)
{
    long most = parameter->has_max ? parameter->max : LONG_MAX;
    bool is_long = parameter->type == PARAMETER_LONG;

    if (!is_long && most > INT_MAX)
        most = INT_MAX;
    if (parameter->has_min && number < parameter->min)
        *problem = arena_printf(arena, "is below the minimum of %ld for %.*s", parameter->min,
                                STR_ARG(parameter->name));
    else if (number > most)
        *problem = arena_printf(arena, "is above the maximum of %ld for %.*s", most,
                                STR_ARG(parameter->name));
    else if (parameter->type == PARAMETER_TIME)
        return sendmail_time_text(arena, number);
    else
        return arena_printf(arena, "%ld", number);
    return STR_NONE;
}

static struct str convert_number(struct arena *arena, const struct sendmail_fact *fact,
                                 const struct parameter *parameter, struct str value,
                                 struct str *problem)
{
    long scale = fact->conversion == CONVERT_BLOCKS ? BLOCK_SIZE : 1;
    long number;

    if (!sendmail_number(value, &number) || number > LONG_MAX / scale) {
        *problem = str_of("is not a valid number in Postfix");
        return STR_NONE;
    }
    return write_bounded(arena, parameter, number * scale, problem);
}

static struct str convert_time(struct arena *arena, const struct sendmail_fact *fact,
                               const struct parameter *parameter, struct str value,
                               struct str *problem)
{
    long seconds;

    if (!sendmail_time(value, fact->unit, &seconds)) {
        *problem = str_of("is not a valid time in Postfix");
        return STR_NONE;
    }
    return write_bounded(arena, parameter, seconds, problem);
}

struct str sendmail_convert_value(struct arena *arena, const struct sendmail_fact *fact,
                                  struct str value, struct str *problem)
{
    const struct parameter *parameter = facts_parameter_at(fact->parameter);

    *problem = STR_NONE;
    switch (fact->conversion) {
    case CONVERT_NUMBER:
    case CONVERT_BYTES:
    case CONVERT_BLOCKS:
        return convert_number(arena, fact, parameter, value, problem);
    case CONVERT_TIME:
        return convert_time(arena, fact, parameter, value, problem);
    case CONVERT_BOOL:
        return str_of(sendmail_bool(value) ? "yes" : "no");
    case CONVERT_BOOL_NOT:
        return str_of(sendmail_bool(value) ? "no" : "yes");
    case CONVERT_FIXED:
        return fact->value;
    case CONVERT_TEXT:
        if (sendmail_is_plain(value))
            return value;
        *problem = str_of(value.len == 0 ? "is empty" : "contains a Sendmail macro");
        return STR_NONE;
    case CONVERT_MODULE:
        break;
    }
    *problem = str_of("is converted by a module");
    return STR_NONE;
}
