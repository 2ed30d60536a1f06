/*
 * m4_format - format, which is printf: see parser/m4/engine.h
 *
 * A conversion is parsed here, and only one that is known to be valid is passed to printf: %c, %s,
 * the integer and the floating-point conversions.  Width and precision are bounded.
 */
#include "parser/m4/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH_MAX = 4096 };

struct conversion {
    char flags[8];
    int width;
    int precision; /* -1: none */
    char letter;
};

struct formatting {
    struct m4_engine *engine;
    struct m4_call *call;
    struct str text;
    size_t at;
    size_t argument;
    struct buffer out;
};

static struct str take_argument(struct formatting *format)
{
    return m4_argument(format->call, format->argument++);
}

static int take_number_argument(struct formatting *format)
{
    int number;

    m4_number(take_argument(format), &number);
    return number;
}

static char peek_byte(const struct formatting *format)
{
    return format->at < format->text.len ? format->text.at[format->at] : '\0';
}

static int take_number(struct formatting *format)
{
    int number = 0;

    if (peek_byte(format) == '*') {
        format->at++;
        return take_number_argument(format);
    }
    for (; peek_byte(format) >= '0' && peek_byte(format) <= '9'; format->at++)
        if (number <= WIDTH_MAX)
            number = number * 10 + (peek_byte(format) - '0');
    return number;
}

static void take_conversion(struct formatting *format, struct conversion *conversion)
{
    size_t flags = 0;

    *conversion = (struct conversion){.precision = -1};
    for (; peek_byte(format) != '\0' && strchr("-+ #0'", peek_byte(format)) != NULL; format->at++)
        if (strchr(conversion->flags, peek_byte(format)) == NULL && peek_byte(format) != '\'')
            conversion->flags[flags++] = peek_byte(format);
    conversion->width = take_number(format);
    if (peek_byte(format) == '.') {
        format->at++;
        conversion->precision = take_number(format);
    }
    while (peek_byte(format) == 'h' || peek_byte(format) == 'l')
        format->at++;
    conversion->letter = peek_byte(format);
    format->at += format->at < format->text.len;
}

static void add_string(struct formatting *format, const struct conversion *conversion,
                       struct str text)
{
    size_t width = (size_t)abs(conversion->width);
    bool left = conversion->width < 0 || strchr(conversion->flags, '-') != NULL;

    if (conversion->precision >= 0)
        text = str_slice(text, 0, (size_t)conversion->precision);
    if (!m4_spend_bytes(format->engine, width + text.len))
        return;
    for (size_t i = text.len; i < width && !left; i++)
        buffer_add_char(&format->out, ' ');
    buffer_add(&format->out, text);
    for (size_t i = text.len; i < width && left; i++)
        buffer_add_char(&format->out, ' ');
}

static double read_real(struct m4_engine *engine, struct str text)
{
    return text.len > 0 && m4_spend_bytes(engine, text.len)
               ? strtod(arena_cstr(engine->arena, text), NULL)
               : 0;
}

static void add_number(struct formatting *format, const struct conversion *conversion)
{
    char pattern[24], text[WIDTH_MAX * 2 + 512];
    bool real = strchr("aAeEfFgG", conversion->letter) != NULL;

    snprintf(pattern, sizeof pattern, "%%%s*.*%c", conversion->flags, conversion->letter);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int len = real ? snprintf(text, sizeof text, pattern, conversion->width, conversion->precision,
                              read_real(format->engine, take_argument(format)))
                   : snprintf(text, sizeof text, pattern, conversion->width, conversion->precision,
                              take_number_argument(format));
#pragma GCC diagnostic pop
    if (len > 0 && (size_t)len < sizeof text && m4_spend_bytes(format->engine, (size_t)len))
        buffer_add(&format->out, (struct str){text, (size_t)len});
}

static void add_conversion(struct formatting *format)
{
    struct conversion conversion;

    if (peek_byte(format) == '%') {
        format->at++;
        buffer_add_char(&format->out, '%');
        return;
    }
    take_conversion(format, &conversion);
    if (abs(conversion.width) > WIDTH_MAX || conversion.precision > WIDTH_MAX) {
        m4_fail(format->engine, format->call->span,
                "the width of a conversion in format is more than %d", WIDTH_MAX);
    } else if (conversion.letter == 'c') {
        char byte = (char)take_number_argument(format);
        conversion.precision = -1;
        add_string(format, &conversion, (struct str){&byte, 1});
    } else if (conversion.letter == 's') {
        add_string(format, &conversion, take_argument(format));
    } else if (conversion.letter != '\0' && strchr("diouxXaAeEfFgG", conversion.letter) != NULL) {
        add_number(format, &conversion);
    }
}

void m4_do_format(struct m4_engine *engine, struct m4_call *call)
{
    struct formatting format = {
        .engine = engine, .call = call, .text = m4_argument(call, 1), .argument = 2};

    if (call->count < 2)
        return;
    buffer_init(&format.out, engine->arena);
    while (format.at < format.text.len && !engine->stopped) {
        size_t percent = str_find(format.text, '%', format.at);
        if (m4_spend_bytes(engine, percent - format.at))
            buffer_add(&format.out, str_slice(format.text, format.at, percent));
        format.at = percent;
        if (format.at < format.text.len) {
            format.at++;
            add_conversion(&format);
        }
    }
    m4_push(engine, buffer_str(&format.out), call->span);
}
