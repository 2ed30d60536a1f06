/*
 * m4 - what our m4 makes of a .mc file, printed as GNU m4 prints its trace
 *
 *     m4 prelude      the definitions that GNU m4 needs to know Sendmail's macros as we do
 *     m4 names        the names that GNU m4 shall trace
 *     m4 calls FILE   the calls, as GNU m4 1.4 prints them with -daql
 *     m4 prelude-seen FILE  does it include cf.m4?
 *     m4 output FILE  what m4 would write
 *     m4 items FILE   all of it, for people
 *     m4 many N FILE...  evaluates the files N times, for the bench
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/m4/engine.h"
#include "parser/sendmail/mc.h"

static void put(struct str text)
{
    fwrite(text.at, 1, text.len, stdout);
}

/* by the names that the test gave to the builtins, which it does not trace */
static void print_prelude(void)
{
    size_t count;
    const struct m4_macro *macros = sendmail_macros(&count);

    for (size_t i = 0; i < count; i++) {
        struct str name = macros[i].name;
        if (macros[i].text.at == NULL)
            printf("t_undefine(`%.*s')dnl\n", STR_ARG(name));
        else if (macros[i].reported)
            printf("t_define(`%.*s', `%.*s')dnl\n", STR_ARG(name), STR_ARG(macros[i].text));
        else
            printf("t_ifdef(`%.*s', `', `t_define(`%.*s', `%.*s')')dnl\n", STR_ARG(name),
                   STR_ARG(name), STR_ARG(macros[i].text));
    }
    printf("t_changecom`'dnl\n");
}

static const char *const traced[] = {
    "changecom", "changequote", "define",   "divert", "dumpdef",  "errprint", "esyscmd",  "ifdef",
    "ifelse",    "include",     "m4exit",   "m4wrap", "maketemp", "mkstemp",  "patsubst", "popdef",
    "pushdef",   "regexp",      "sinclude", "syscmd", "undefine", "undivert",
};

static void print_names(void)
{
    size_t count;
    const struct m4_macro *macros = sendmail_macros(&count);

    for (size_t i = 0; i < sizeof traced / sizeof traced[0]; i++)
        puts(traced[i]);
    for (size_t i = 0; i < count; i++)
        if (macros[i].reported)
            printf("%.*s\n", STR_ARG(macros[i].name));
}

/* the quotes change on the way; the calls of changequote say to what */
static void follow_quotes(const struct m4_item *item, struct str *left, struct str *right)
{
    if (!str_is(item->text, "changequote"))
        return;
    *left = item->argument_count > 0 ? item->arguments[0] : (struct str)STR("`");
    *right = item->argument_count > 1 && (item->arguments[1].len > 0 || left->len == 0)
                 ? item->arguments[1]
                 : (struct str)STR("'");
}

static void print_argument(struct str argument, struct str left, struct str right)
{
    const struct m4_engine engine = {.builtins = m4_builtins, .builtin_count = m4_builtin_count};
    const struct m4_builtin *builtin = m4_builtin_of(&engine, argument);

    if (builtin != NULL) {
        printf("<%s>", builtin->name);
        return;
    }
    put(left);
    put(argument);
    put(right);
}

static void print_calls(const struct m4_result *result)
{
    struct str left = STR("`"), right = STR("'");

    for (size_t i = 0; i < result->count; i++) {
        const struct m4_item *item = &result->items[i];
        if (item->kind != M4_CALL)
            continue;
        size_t line =
            item->span.source != NULL ? source_position(item->span.source, item->span.at).line : 0;
        printf("m4trace:%zu: -%u- %.*s", line, item->depth, STR_ARG(item->text));
        for (size_t j = 0; j < item->argument_count; j++) {
            fputs(j == 0 ? "(" : ", ", stdout);
            print_argument(item->arguments[j], left, right);
        }
        puts(item->argument_count > 0 ? ")" : "");
        follow_quotes(item, &left, &right);
    }
}

static void print_items(const struct sendmail_mc *mc)
{
    static const char *const kinds[] = {"call", "text", "ignored", "comment"};

    for (size_t i = 0; i < mc->count; i++) {
        const struct sendmail_directive *one = &mc->directives[i];
        printf("%zu %s %d%s %.*s", one->line, kinds[one->kind], one->divert,
               one->written ? "" : "*", STR_ARG(one->text));
        for (size_t j = 0; j < one->argument_count; j++)
            printf(" [%.*s]", STR_ARG(one->arguments[j]));
        printf("  <%.*s>\n", STR_ARG(span_str(one->span)));
    }
}

static int many(struct arena *arena, long rounds, int count, char **paths)
{
    struct arena *work = arena_create(abort);
    const struct source **sources = arena_alloc(arena, (size_t)count * sizeof *sources);
    size_t directives = 0;

    for (int i = 0; i < count; i++)
        if ((sources[i] = source_read(arena, str_of(paths[i]))) == NULL)
            return 2;
    for (long round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++) {
            struct sendmail_mc mc;
            sendmail_mc_parse(&mc, work, sources[i], NULL);
            directives += mc.count;
            arena_reset(work);
        }
    printf("%zu\n", directives);
    arena_destroy(work);
    return 0;
}

int main(int count, char **arguments)
{
    struct arena *arena = arena_create(abort);
    struct sendmail_mc mc;
    struct buffer out;

    if (count == 2 && strcmp(arguments[1], "prelude") == 0) {
        print_prelude();
        return 0;
    }
    if (count == 2 && strcmp(arguments[1], "names") == 0) {
        print_names();
        return 0;
    }
    if (count > 3 && strcmp(arguments[1], "many") == 0)
        return many(arena, strtol(arguments[2], NULL, 10), count - 3, arguments + 3);
    const struct source *source = count == 3 ? source_read(arena, str_of(arguments[2])) : NULL;
    if (source == NULL) {
        fprintf(stderr, "usage: m4 prelude|names|calls FILE|output FILE|items FILE\n");
        return 2;
    }
    bool good = sendmail_mc_parse(&mc, arena, source, NULL);
    buffer_init(&out, arena);
    m4_output(&mc.m4, &out);
    if (strcmp(arguments[1], "prelude-seen") == 0)
        return mc.has_prelude ? 0 : 1;
    if (strcmp(arguments[1], "calls") == 0)
        print_calls(&mc.m4);
    else if (strcmp(arguments[1], "output") == 0)
        put(buffer_str(&out));
    else
        print_items(&mc);
    if (!good)
        fprintf(stderr, "%.*s\n", STR_ARG(mc.error));
    fflush(stdout);
    arena_destroy(arena);
    return good ? 0 : 1;
}
