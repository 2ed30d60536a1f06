#include "smtp/service/world.h"

#include <stdint.h>
#include <string.h>

const char *const answers_dns[3] = {"ok", "none", "fail"};
const char *const answers_table[3] = {"none", "found", "fail"};
const char *const answers_exists[2] = {"exists", "unknown"};

static const char *const kind_names[QUESTION_KINDS] = {
    [QUESTION_DNS] = "dns",       [QUESTION_DNSBL] = "dnsbl",
    [QUESTION_TABLE] = "table",   [QUESTION_RECIPIENT] = "recipient",
    [QUESTION_SENDER] = "sender", [QUESTION_SERVICE] = "service",
    [QUESTION_VERIFY] = "verify", [QUESTION_HOST] = "host",
    [QUESTION_NEED] = "need",
};

/* every answer that a question of the kind can have: see restriction.h */
static const char *const kind_answers[QUESTION_KINDS][7] = {
    [QUESTION_DNS] = {"ok", "none", "fail", "nullmx", "listed", "backup"},
    [QUESTION_DNSBL] = {"none", "listed", "fail"},
    [QUESTION_TABLE] = {"none", "found", "fail", "ok", "reject"},
    [QUESTION_RECIPIENT] = {"exists", "unknown", "fail"},
    [QUESTION_SENDER] = {"exists", "unknown", "fail"},
    [QUESTION_SERVICE] = {"dunno", "ok", "reject", "defer_if_permit", "fail"},
    [QUESTION_VERIFY] = {"ok", "bounce", "defer"},
    [QUESTION_HOST] = {"no", "yes", "myhostname", "other"},
    [QUESTION_NEED] = {"met", "missing"},
};

const char *world_kind_name(enum question_kind kind)
{
    return kind_names[kind];
}

/* is_answer - false, with *ERROR: no question of the kind has this answer */
static bool is_answer(struct arena *arena, enum question_kind kind, struct str answer,
                      struct str *error)
{
    struct buffer out;

    for (const char *const *word = kind_answers[kind]; *word != NULL; word++)
        if (str_is(answer, *word))
            return true;
    buffer_init(&out, arena);
    buffer_printf(&out, "one of the answers to a question about %s:", kind_names[kind]);
    for (const char *const *word = kind_answers[kind]; *word != NULL; word++)
        buffer_printf(&out, "%s %s", word == kind_answers[kind] ? "" : ",", *word);
    *error = buffer_str(&out);
    return false;
}

bool assumption_add(struct assumption_list *list, struct arena *arena, struct str text,
                    struct str *error)
{
    const char *equals = memrchr(text.at, '=', text.len);
    struct assumption assumption = {.subject = STR_NONE};
    struct str name = str_slice(text, 0, equals == NULL ? 0 : (size_t)(equals - text.at));
    size_t colon = str_find(name, ':', 0);

    if (colon < name.len) {
        assumption.subject = arena_copy(arena, str_slice(name, colon + 1, name.len));
        name = str_slice(name, 0, colon);
    }
    for (size_t kind = 0; kind < QUESTION_KINDS; kind++) {
        if (!str_is(name, kind_names[kind]))
            continue;
        assumption.kind = (enum question_kind)kind;
        assumption.answer =
            arena_copy(arena, str_slice(text, (size_t)(equals - text.at) + 1, text.len));
        if (!is_answer(arena, assumption.kind, assumption.answer, error))
            return false;
        list->items =
            arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
        list->items[list->count++] = assumption;
        return true;
    }
    *error = str_of("dns=ok, recipient=exists, table:mysql:/etc/postfix/x.cf=none or the like");
    return false;
}

void world_init(struct world *world, struct arena *arena, const struct assumption_list *assumptions)
{
    *world = (struct world){.arena = arena,
                            .assumptions = assumptions,
                            .cut = (struct str)STR(""),
                            .cut_step = SIZE_MAX};
    map_init(&world->numbers, arena);
}

enum { KEY_SIZE = 256 };

/* write_key - the kind and the subject, in lower case; SPACE is used if it is large enough */
static struct str write_key(struct arena *arena, enum question_kind kind, struct str subject,
                            char space[KEY_SIZE])
{
    char *key = subject.len < KEY_SIZE ? space : arena_alloc_raw(arena, subject.len + 1);

    key[0] = (char)('a' + (int)kind);
    for (size_t i = 0; i < subject.len; i++)
        key[i + 1] = char_lower(subject.at[i]);
    return (struct str){key, subject.len + 1};
}

/* find_number - the place for the number of the question KEY, which may be that of another one */
static size_t *find_number(struct world *world, struct str key)
{
    size_t *number = map_get(&world->numbers, key);

    if (number == NULL) {
        number = arena_alloc_raw(world->arena, sizeof *number);
        *number = SIZE_MAX;
        map_put(&world->numbers, arena_copy(world->arena, key), number);
    }
    return number;
}

/* covers - does an assumption about SUBJECT hold for ASKED?  A table or zone stands for all keys */
static bool covers(struct str subject, struct str asked)
{
    if (subject.at == NULL || str_eq_nocase(subject, asked))
        return true;
    if (subject.len + 1 >= asked.len)
        return false;
    size_t rest = asked.len - subject.len;
    return (str_eq_nocase(subject, str_slice(asked, 0, subject.len)) &&
            asked.at[subject.len] == ' ') ||
           (str_eq_nocase(subject, str_slice(asked, rest, asked.len)) && asked.at[rest - 1] == ' ');
}

/* apply_assumption - takes the answer that the user assumed, the last one if there are several */
static bool apply_assumption(const struct world *world, struct question *question)
{
    const struct assumption_list *list = world->assumptions;

    for (size_t i = list == NULL ? 0 : list->count; i-- > 0;) {
        const struct assumption *item = &list->items[i];
        if (item->kind != question->kind || !covers(item->subject, question->subject))
            continue;
        for (size_t answer = 0; answer < question->answer_count; answer++)
            if (str_is(item->answer, question->answers[answer])) {
                question->taken = answer;
                return true;
            }
    }
    return question->kind == QUESTION_NEED && world->needs_are_met;
}

/* limit_part - the part of the walk that is under way */
static unsigned limit_part(const struct world *world)
{
    return world->part < WORLD_MAX_PARTS ? world->part : WORLD_MAX_PARTS - 1;
}

void world_cut(struct world *world, struct str why)
{
    unsigned part = limit_part(world);

    if (world->cut.len == 0)
        world->cut = arena_copy(world->arena, why);
    if (part == world->focus && world->step < world->cut_step)
        world->cut_step = world->step;
    world->parts |= (uint64_t)1 << part;
}

/* note_part - QUESTION is asked by the part of the walk that is under way */
static void note_part(struct world *world, struct question *question)
{
    unsigned part = limit_part(world);
    uint64_t bit = (uint64_t)1 << part;

    if (part == world->focus && (question->parts & bit) == 0)
        question->step = world->step;
    question->parts |= bit;
    if (!question->assumed)
        world->parts |= bit;
}

/* is_decided - would another answer matter?  Not after the step at which the walk gave up.  Callers
   that do not count steps want what can be found */
static bool is_decided(const struct world *world, const struct question *question)
{
    return world->cut_step == 0 || question->step < world->cut_step;
}

/* can_vary - does it have another answer to try, in the part in focus? */
static bool can_vary(const struct world *world, const struct question *question)
{
    return !question->assumed && question->taken + 1 < question->answer_count &&
           (question->parts >> world->focus & 1) != 0 && is_decided(world, question);
}

/* find_question - the question, if it was asked in this walk */
static struct question *find_question(const struct world *world, struct str key)
{
    const size_t *number = map_get(&world->numbers, key);
    struct question *question =
        number != NULL && *number < world->count ? &world->questions[*number] : NULL;
    char space[KEY_SIZE];

    /* after world_next() the number may be that of another question */
    return question != NULL &&
                   str_eq(write_key(world->arena, question->kind, question->subject, space), key)
               ? question
               : NULL;
}

static void cut_questions(struct world *world)
{
    world_cut(world, world->cut.len > 0 ? world->cut
                                        : arena_printf(world->arena, "more than %d questions",
                                                       WORLD_MAX_QUESTIONS));
}

size_t world_ask(struct world *world, enum question_kind kind, struct str subject,
                 const char *const *answers, size_t answer_count)
{
    char space[KEY_SIZE];
    struct str key = write_key(world->arena, kind, subject, space);
    struct question *question = find_question(world, key);

    world->asked++;
    if (question != NULL) {
        world->open += !question->assumed;
        note_part(world, question);
        return question->taken;
    }
    struct question asked = {
        .kind = kind, .subject = subject, .answers = answers, .answer_count = answer_count};
    asked.assumed = apply_assumption(world, &asked);
    world->open += !asked.assumed;
    if (world->count == WORLD_MAX_QUESTIONS) {
        if (!asked.assumed)
            cut_questions(world);
        return asked.taken;
    }
    asked.subject = arena_copy(world->arena, subject);
    world->questions = arena_grow(world->arena, world->questions, world->count, &world->capacity,
                                  sizeof *world->questions);
    *find_number(world, key) = world->count;
    question = &world->questions[world->count++];
    *question = asked;
    note_part(world, question);
    return question->taken;
}

/*
 * The answers count up like the digits of a number: the last question that has another answer takes
 * it, and the questions after it are forgotten, since they may not be asked any more.
 */
bool world_next(struct world *world)
{
    while (world->count > 0) {
        if (can_vary(world, &world->questions[world->count - 1]))
            break;
        world->count--;
    }
    if (world->count == 0)
        return false;
    if (++world->ways >= WORLD_MAX_WAYS) {
        if (world->cut.len == 0)
            world->cut =
                arena_printf(world->arena, "more than %d combinations of answers", WORLD_MAX_WAYS);
        return false;
    }
    world->questions[world->count - 1].taken++;
    return true;
}

bool world_has(struct world *world, struct str subject)
{
    static const char *const answers[2] = {"met", "missing"};

    return world_ask(world, QUESTION_NEED, subject, answers, 2) == 0;
}

bool world_lacks_need(const struct world *world)
{
    for (size_t i = 0; i < world->count; i++)
        if (world->questions[i].kind == QUESTION_NEED && world->questions[i].taken != 0)
            return true;
    return false;
}

void world_forget(struct world *world)
{
    world->count = 0;
    world->cut = (struct str)STR("");
    world->cut_step = SIZE_MAX;
}

size_t world_cut_at(const struct world *world, size_t otherwise)
{
    size_t lowest = world->cut_step < otherwise ? world->cut_step : otherwise;

    for (size_t i = 0; i < world->count; i++)
        if (can_vary(world, &world->questions[i]) && world->questions[i].step < lowest)
            lowest = world->questions[i].step;
    return lowest;
}

struct str world_describe(const struct world *world, struct arena *arena)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < world->count; i++) {
        const struct question *question = &world->questions[i];
        buffer_printf(&out, "%s%s of %.*s: %s", i > 0 ? ", " : "", kind_names[question->kind],
                      STR_ARG(question->subject), question->answers[question->taken]);
    }
    return buffer_str(&out);
}
