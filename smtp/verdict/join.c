/* join - notes that say the same become one verdict: see smtp/verdict/judge.h */
#include <string.h>

#include "smtp/verdict/judge.h"

enum { NAMED_MAX = 3 }; /* subjects in one sentence */

/* several notes with the same text */
struct joined {
    const struct note *first;
    struct str_list subjects;
    const struct verdict_port **ports;
    size_t port_count, port_capacity;
    struct span place;
};

void judge_note(struct judge *judge, const struct note *note)
{
    judge->notes = arena_grow(judge->arena, judge->notes, judge->note_count, &judge->note_capacity,
                              sizeof *judge->notes);
    judge->notes[judge->note_count++] = *note;
}

static bool same_text(const struct note *one, const struct note *other)
{
    return one->state == other->state && strcmp(one->kind, other->kind) == 0 &&
           str_eq(one->text, other->text);
}

static bool same_port(const struct verdict_port *one, const struct verdict_port *other)
{
    return one == other || (one != NULL && other != NULL && one->number == other->number &&
                            (one->number != 0 || str_eq(one->service, other->service)));
}

static bool same_subjects(const struct str_list *one, const struct str_list *other)
{
    if (one->count != other->count)
        return false;
    for (size_t i = 0; i < one->count; i++)
        if (!str_list_has(other, one->items[i]))
            return false;
    return true;
}

static void add_port(struct joined *joined, struct arena *arena, const struct verdict_port *port)
{
    for (size_t i = 0; i < joined->port_count; i++)
        if (same_port(joined->ports[i], port))
            return;
    if (port == NULL)
        return;
    joined->ports = arena_grow(arena, joined->ports, joined->port_count, &joined->port_capacity,
                               sizeof(const struct verdict_port *));
    joined->ports[joined->port_count++] = port;
}

/* join_subjects - the notes of each port */
static size_t join_subjects(const struct judge *judge, struct joined *all)
{
    size_t count = 0;

    for (size_t i = 0; i < judge->note_count; i++) {
        const struct note *note = &judge->notes[i];
        size_t at = 0;
        while (at < count &&
               !(same_text(all[at].first, note) && same_port(all[at].first->port, note->port)))
            at++;
        if (at == count) {
            all[count++] = (struct joined){.first = note, .place = note->place};
            add_port(&all[at], judge->arena, note->port);
        }
        if (note->subject.len > 0)
            plan_add_text(&all[at].subjects, judge->arena, note->subject);
    }
    return count;
}

/* join_ports - what is said of the same subjects on several ports */
static size_t join_ports(const struct judge *judge, struct joined *all, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < kept && !(same_text(all[at].first, all[i].first) &&
                              same_subjects(&all[at].subjects, &all[i].subjects)))
            at++;
        if (at == kept)
            all[kept++] = all[i];
        else
            add_port(&all[at], judge->arena, all[i].ports == NULL ? NULL : all[i].ports[0]);
    }
    return kept;
}

static void add_subjects(struct buffer *out, const struct str_list *subjects)
{
    size_t named = subjects->count > NAMED_MAX + 1 ? NAMED_MAX : subjects->count;

    for (size_t i = 0; i < named; i++)
        buffer_printf(out, "%s%.*s",
                      i == 0                                       ? ""
                      : i + 1 == named && named == subjects->count ? " and "
                                                                   : ", ",
                      STR_ARG(subjects->items[i]));
    if (named < subjects->count)
        buffer_printf(out, " and %zu more", subjects->count - named);
}

/* add_ports - "ports 25 and 587", "the service postfix-in" */
static void add_ports(struct buffer *out, const struct joined *joined)
{
    bool numbers = true;

    for (size_t i = 0; i < joined->port_count; i++)
        numbers = numbers && joined->ports[i]->number > 0;
    buffer_add_cstr(out, numbers ? "port" : "service");
    buffer_add_cstr(out, joined->port_count == 1 ? " " : "s ");
    for (size_t i = 0; i < joined->port_count; i++) {
        buffer_add_cstr(out, i == 0 ? "" : i + 1 == joined->port_count ? " and " : ", ");
        if (numbers)
            buffer_printf(out, "%d", joined->ports[i]->number);
        else
            buffer_add(out, joined->ports[i]->service);
    }
}

static struct str print_joined(struct arena *arena, const struct joined *joined)
{
    struct str text = joined->first->text;
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < text.len; i++) {
        char next = i + 1 < text.len ? text.at[i + 1] : '\0';
        if (text.at[i] == '$' && (next == 's' || next == 'p' || next == '3')) {
            if (next == 's')
                add_subjects(&out, &joined->subjects);
            else if (next == 'p')
                add_ports(&out, joined);
            else
                buffer_add_cstr(&out, joined->port_count > 1 ? "" : "s");
            i++;
        } else {
            buffer_add_char(&out, text.at[i]);
        }
    }
    return buffer_str(&out);
}

void judge_join(struct judge *judge, struct verdict_list *list)
{
    struct joined *all = arena_alloc(judge->arena, (judge->note_count + 1) * sizeof *all);
    size_t count = join_ports(judge, all, join_subjects(judge, all));

    for (size_t i = 0; i < count; i++)
        *verdict_add(list, judge->arena) = (struct verdict){
            .kind = all[i].first->kind,
            .state = all[i].first->state,
            .text = print_joined(judge->arena, &all[i]),
            .place = all[i].place,
        };
}
