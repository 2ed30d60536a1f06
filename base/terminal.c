#include "base/terminal.h"

#include <stdint.h>

struct range {
    uint32_t first, last;
};

/* controls, marks of direction and what is invisible: Unicode 15, categories Cc and Cf, line and
   paragraph separators, fillers, and selectors of variants */
static const struct range hidden[] = {
    {0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},     {0x34F, 0x34F},   {0x600, 0x605},
    {0x61C, 0x61C},     {0x6DD, 0x6DD},     {0x70F, 0x70F},   {0x115F, 0x1160}, {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x110BD, 0x110BD},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

/* East Asian width W and F (Unicode Standard Annex 11), in blocks */
static const struct range wide[] = {
    {0x1100, 0x115E},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
    {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

/* combining characters that are common */
static const struct range combining[] = {
    {0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},   {0x610, 0x61A},   {0x64B, 0x65F},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F},
};

static bool is_in(const struct range *ranges, size_t count, uint32_t character)
{
    for (size_t i = 0; i < count; i++)
        if (ranges[i].first <= character && character <= ranges[i].last)
            return true;
    return false;
}

static bool is_hidden(uint32_t character)
{
    return is_in(hidden, sizeof hidden / sizeof *hidden, character);
}

/* measure_lead - how many bytes a character that starts with C has; 0: none starts with it */
static size_t measure_lead(unsigned char c)
{
    return c < 0x80                ? 1
           : c >= 0xC2 && c < 0xE0 ? 2
           : c >= 0xE0 && c < 0xF0 ? 3
           : c >= 0xF0 && c < 0xF5 ? 4
                                   : 0;
}

/*
 * read_character - the character at the start of TEXT, and its bytes in *LENGTH; a byte that is not
 * UTF-8 is a character of its own, of *LENGTH 1.  Returns false where TEXT ends within a character.
 */
static bool read_character(struct str text, uint32_t *character, size_t *length)
{
    unsigned char lead = (unsigned char)text.at[0];
    size_t wanted = measure_lead(lead);

    *length = 1;
    *character = lead;
    if (wanted < 2)
        return true;
    uint32_t value = lead & (0x7Fu >> wanted);
    for (size_t i = 1; i < wanted; i++) {
        if (i == text.len)
            return false;
        unsigned char c = (unsigned char)text.at[i];
        if ((c & 0xC0) != 0x80)
            return true;
        value = value << 6 | (c & 0x3F);
    }
    *length = wanted;
    *character = value;
    return true;
}

/* add_escape - of a byte, or of a character that is UTF-8 or DEL */
static void add_escape(struct buffer *out, uint32_t character, size_t length)
{
    if (length == 1 && character != 0x7F)
        buffer_printf(out, "\\x%02x", character);
    else if (character < 0x10000)
        buffer_printf(out, "\\u%04x", character);
    else
        buffer_printf(out, "\\u%04x\\u%04x", 0xD7C0 + (character >> 10),
                      0xDC00 + (character & 0x3FF));
}

/* measure_plain - the printable ASCII characters at the start of TEXT, and tabs */
static size_t measure_plain(struct str text)
{
    size_t i = 0;

    while (i < text.len && ((text.at[i] >= ' ' && text.at[i] < 0x7F) || text.at[i] == '\t'))
        i++;
    return i;
}

/* add_character - the character at the start of TEXT, as it is shown */
static void add_character(struct buffer *out, struct str text, uint32_t character, size_t length)
{
    if (is_hidden(character))
        add_escape(out, character, length);
    else
        buffer_add(out, str_slice(text, 0, length));
}

void terminal_add(struct buffer *out, struct str text)
{
    while (text.len > 0) {
        uint32_t character;
        size_t length = measure_plain(text);
        buffer_add(out, str_slice(text, 0, length));
        text = str_slice(text, length, text.len);
        if (text.len == 0)
            return;
        read_character(text, &character, &length);
        add_character(out, text, character, length);
        text = str_slice(text, length, text.len);
    }
}

struct str terminal_text(struct arena *arena, struct str text)
{
    struct buffer shown;

    buffer_init(&shown, arena);
    terminal_add(&shown, text);
    return buffer_str(&shown);
}

/* take_piece - adds the start of TEXT, and returns its length; 0: more must come first */
static size_t take_piece(struct buffer *out, struct str text, bool last)
{
    size_t length = measure_plain(text);
    uint32_t character;

    if (length == 0 && text.at[0] == '\n')
        length = 1;
    if (length == 0 && text.at[0] == '\r' && text.len > 1 && text.at[1] == '\n')
        length = 2;
    if (length > 0) {
        buffer_add(out, str_slice(text, 0, length));
        return length;
    }
    if (!last && text.at[0] == '\r' && text.len == 1)
        return 0;
    if (!read_character(text, &character, &length) && !last)
        return 0;
    add_character(out, text, character, length);
    return length;
}

void terminal_filter(struct terminal *terminal, struct buffer *out, struct str piece)
{
    struct str text = piece;
    struct buffer joined;

    if (terminal->count > 0) {
        buffer_init(&joined, out->arena);
        buffer_add(&joined, (struct str){terminal->waiting, terminal->count});
        buffer_add(&joined, piece);
        text = buffer_str(&joined);
    }
    terminal->count = 0;
    while (text.len > 0) {
        size_t taken = take_piece(out, text, false);
        if (taken == 0)
            break;
        text = str_slice(text, taken, text.len);
    }
    while (terminal->count < text.len) {
        terminal->waiting[terminal->count] = text.at[terminal->count];
        terminal->count++;
    }
}

void terminal_finish(struct terminal *terminal, struct buffer *out)
{
    struct str text = {terminal->waiting, terminal->count};

    while (text.len > 0)
        text = str_slice(text, take_piece(out, text, true), text.len);
    terminal->count = 0;
}

/* measure_width - the columns of one character */
static size_t measure_width(uint32_t character, size_t length)
{
    if (character >= ' ' && character < 0x7F)
        return 1;
    if (is_hidden(character))
        return length == 1 && character != 0x7F ? 4 : character < 0x10000 ? 6 : 12;
    if (is_in(combining, sizeof combining / sizeof *combining, character))
        return 0;
    return is_in(wide, sizeof wide / sizeof *wide, character) ? 2 : 1;
}

size_t terminal_width(struct str text, size_t start)
{
    enum { TAB = 8 };
    size_t column = start;

    while (text.len > 0) {
        uint32_t character;
        size_t length;
        read_character(text, &character, &length);
        column = text.at[0] == '\t' ? (column / TAB + 1) * TAB
                                    : column + measure_width(character, length);
        text = str_slice(text, length, text.len);
    }
    return column - start;
}
