#include "cmd/report/conversion.h"

#include "base/markup.h"
#include "base/path.h"

/* the name of a fate, and what it means */
static const struct fate_word {
    const char *word, *meaning;
} words[FATE_COUNT] = {
    [FATE_MAPPED] = {"mapped", "written into the Postfix configuration"},
    [FATE_ALREADY] = {"already the default", "Postfix does this by default"},
    [FATE_MEANINGLESS] = {"not applicable", "Postfix has no equivalent"},
    [FATE_OPEN] = {"open", "needs a decision"},
};

static const enum sendmail_fate order[] = {FATE_MAPPED, FATE_ALREADY, FATE_MEANINGLESS, FATE_OPEN};

struct conversion_count conversion_count(const struct draft *draft)
{
    struct conversion_count count = {.total = draft->sendmail->count};

    for (size_t i = 0; i < draft->sendmail->count; i++)
        count.by_fate[draft->fates[i].fate]++;
    return count;
}

void conversion_summary(struct buffer *out, const struct conversion_count *count)
{
    buffer_printf(out, "%zu line%s:", count->total, count->total == 1 ? "" : "s");
    for (size_t i = 0; i < FATE_COUNT; i++)
        buffer_printf(out, "%s %zu %s", i > 0 ? "," : "", count->by_fate[order[i]],
                      words[order[i]].word);
}

/* the report; what a row needs is forgotten after it */
struct page {
    const struct draft *draft;
    struct buffer row; /* in an arena of its own */
    struct buffer *out;
    struct write_stream *stream;
};

static void finish_row(struct page *page)
{
    struct arena *moment = page->row.arena;

    buffer_add(page->out, buffer_str(&page->row));
    arena_reset(moment);
    buffer_init(&page->row, moment);
    if (page->stream != NULL)
        write_stream(page->stream);
}

/* print_item - its text as code */
static void print_item(struct buffer *out, const struct sendmail_item *item)
{
    struct buffer text;

    buffer_init(&text, out->arena);
    draft_add_source_text(&text, item);
    markup_add_code(out, buffer_str(&text));
}

static void print_counts(struct buffer *out, const struct conversion_count *count)
{
    buffer_add_cstr(out, "| Result | Lines | |\n|---|---:|---|\n");
    for (size_t i = 0; i < FATE_COUNT; i++)
        buffer_printf(out, "| %s | %zu | %s |\n", words[order[i]].word, count->by_fate[order[i]],
                      words[order[i]].meaning);
    buffer_printf(out, "| **all** | **%zu** | every directive and every line of its tables |\n",
                  count->total);
}

static void print_open(struct page *page, size_t count)
{
    const struct draft *draft = page->draft;
    struct buffer *out = &page->row;
    size_t number = 0;

    buffer_add_cstr(out, "\n## Open points\n\n");
    if (count == 0)
        buffer_add_cstr(out, "None.\n");
    for (size_t i = 0; i < draft->sendmail->count; i++) {
        const struct draft_fate *fate = &draft->fates[i];
        const struct sendmail_item *item = &draft->sendmail->items[i];
        if (fate->fate != FATE_OPEN)
            continue;
        buffer_printf(out, "%zu. ", ++number);
        draft_add_place(out, item);
        buffer_add_cstr(out, ": ");
        print_item(out, item);
        buffer_add_cstr(out, "  \n   ");
        markup_add_markdown(out, fate->text);
        if (fate->advice.len > 0) {
            buffer_add_cstr(out, ".  What to do: ");
            markup_add_markdown(out, fate->advice);
        }
        buffer_add_cstr(out, ".\n");
        finish_row(page);
    }
    finish_row(page);
}

/* print_steps - what else a human must do */
static void print_steps(struct buffer *out, const struct draft *draft)
{
    bool headed = false;

    for (size_t i = 0; i < draft->step_count; i++) {
        const struct step *step = &draft->steps[i];
        if (step->phase != STEP_AFTER && step->phase != STEP_BEFORE)
            continue;
        if (!headed)
            buffer_add_cstr(out, "\n## Manual steps\n\n");
        headed = true;
        buffer_add_cstr(out, "- ");
        markup_add_markdown(out, step->reason);
        if (step->command.len > 0) {
            buffer_add_char(out, ' ');
            markup_add_code(out, step->command);
        }
        buffer_add_char(out, '\n');
    }
}

/* is_beside_source - is the table's directory that of the source?  Then the host has none */
static bool is_beside_source(const struct sendmail *sendmail, struct str path)
{
    return str_find(path, '/', 0) < path.len && str_eq(sendmail->directory, path_directory(path));
}

/* is_missing - was the table not found?  It is NAMED by a directive, or one that Sendmail reads by
   default */
static bool is_missing(const struct draft *draft, const struct sendmail_table *table, bool named)
{
    const struct sendmail *sendmail = draft->sendmail;

    if (table->path.len == 0 || sendmail_table_is_read(sendmail, table))
        return false;
    return named ? table->from != NULL
                 : table->from == NULL && !is_beside_source(sendmail, table->path);
}

static void print_missing(struct buffer *out, const struct draft *draft)
{
    static const char *const heads[] = {
        "Their lines are not counted.  Put the files next to the source and convert again.",
        "Sendmail reads these by default.  If the old host has them, put them next to the source "
        "and convert again."};
    bool headed = false;

    for (size_t kind = 0; kind < 2; kind++) {
        bool told = false;
        for (size_t i = 0; i < draft->sendmail->table_count; i++) {
            const struct sendmail_table *table = &draft->sendmail->tables[i];
            if (!is_missing(draft, table, kind == 0))
                continue;
            if (!headed)
                buffer_add_cstr(out, "\n## Files that were not found\n");
            if (!told)
                buffer_printf(out, "\n%s\n\n", heads[kind]);
            headed = told = true;
            buffer_add_cstr(out, "- ");
            markup_add_code(out, table->path);
            if (kind == 0)
                buffer_printf(out, ", named in %.*s", STR_ARG(draft_place(draft, table->from)));
            buffer_add_char(out, '\n');
        }
    }
}

static void print_row(struct page *page, const struct sendmail_item *item)
{
    const struct draft_fate *fate = &page->draft->fates[item->number];
    struct buffer *out = &page->row;

    buffer_printf(out, "| %zu | ", item->line);
    print_item(out, item);
    buffer_printf(out, " | %s | ", words[fate->fate].word);
    markup_add_markdown(out, fate->text);
    buffer_add_cstr(out, " |\n");
}

/* print_stock - the stock lines from FIRST on as one row; returns the number of the next item */
static size_t print_stock(struct page *page, size_t first)
{
    const struct draft *draft = page->draft;
    struct buffer *out = &page->row;
    const struct sendmail_item *items = draft->sendmail->items;
    size_t end = first;

    while (end < draft->sendmail->count && items[end].stock &&
           draft->fates[end].fate == draft->fates[first].fate &&
           items[end].span.source == items[first].span.source)
        end++;
    buffer_printf(out, "| %zu to %zu | %zu lines of Sendmail's own | %s | ", items[first].line,
                  items[end - 1].line, end - first, words[draft->fates[first].fate].word);
    markup_add_markdown(out, draft->fates[first].text);
    buffer_add_cstr(out, " |\n");
    return end;
}

static void print_lines(struct page *page)
{
    const struct sendmail *sendmail = page->draft->sendmail;
    struct buffer *out = &page->row;
    const struct source *source = NULL;

    for (size_t i = 0; i < sendmail->count;) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->span.source != source || i == 0) {
            source = item->span.source;
            buffer_add_cstr(out, "\n## ");
            markup_add_markdown(out, source != NULL ? source->path : str_of("other files"));
            buffer_add_cstr(out, "\n\n| Line | Text | Result | Details |\n"
                                 "|---:|---|---|---|\n");
        }
        if (item->stock && i + 1 < sendmail->count && sendmail->items[i + 1].stock) {
            i = print_stock(page, i);
            continue;
        }
        print_row(page, item);
        finish_row(page);
        i++;
    }
}

/* print_remarks - differences that no line of the source causes */
static void print_remarks(struct buffer *out, const struct draft *draft)
{
    if (draft->remark_count > 0)
        buffer_add_cstr(out, "\n## Differences between Postfix and Sendmail\n\n");
    for (size_t i = 0; i < draft->remark_count; i++) {
        buffer_add_cstr(out, "- ");
        markup_add_markdown(out, draft->remarks[i]);
        buffer_add_char(out, '\n');
    }
}

void conversion_print(struct buffer *out, const struct draft *draft, struct write_stream *stream)
{
    const struct conversion_count count = conversion_count(draft);
    struct page page = {.draft = draft, .out = out, .stream = stream};

    buffer_init(&page.row, arena_create_like(out->arena));
    buffer_add_cstr(out, "# Conversion from Sendmail to Postfix\n\n");
    markup_add_markdown(out, draft->sendmail->source->path);
    buffer_printf(out, ", converted for Postfix %.*s on %.*s.\n\n",
                  STR_ARG(draft->platform->postfix), STR_ARG(draft->platform->title));
    print_counts(out, &count);
    print_open(&page, count.by_fate[FATE_OPEN]);
    print_missing(out, draft);
    print_steps(out, draft);
    print_lines(&page);
    finish_row(&page);
    print_remarks(out, draft);
    arena_destroy(page.row.arena);
}
