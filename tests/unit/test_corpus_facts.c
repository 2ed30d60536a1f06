/*
 * the parameters of facts/ against what "postconf -d" of each series printed once: the table
 * facts/parameters.tsv below POSTMEND_SHARED; without it the test is left out
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "facts/facts.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_create(NULL);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

/* texts as NUL-terminated copies, for messages that show them */
static const char *text(struct str s)
{
    return s.at == NULL ? "(none)" : arena_cstr(arena, s);
}

/* the next field of a line of tab-separated values */
static struct str next_field(struct str *line)
{
    size_t end = str_find(*line, '\t', 0);
    struct str field = str_slice(*line, 0, end);
    *line = str_slice(*line, end + 1, line->len);
    return field;
}

static int series_of(struct str series, int absent)
{
    const struct release *found = facts_release(series);
    return series.len == 0 || found == NULL ? absent : found->index;
}

/* does the history, "series=value" joined by " ¦ ", say what the tables say for every release? */
static void compare_history(const struct parameter *known, struct str history)
{
    static const char separator[] = " \xc2\xa6 ";
    struct str values[64] = {{0}};
    while (history.len > 0) {
        size_t end = str_search(history, separator);
        struct str entry = str_slice(history, 0, end);
        history = str_slice(history, end + strlen(separator), history.len);
        size_t equals = str_find(entry, '=', 0);
        int since = series_of(str_slice(entry, 0, equals), -1);
        assert_true(since >= 0);
        for (int i = since; i <= known->last; i++)
            values[i] = str_slice(entry, equals + 1, entry.len);
    }
    size_t count;
    const struct release *releases = facts_releases(&count);
    for (int i = known->first; i <= known->last; i++) {
        struct str value = parameter_default(known, &releases[i]);
        if (!str_eq(value, values[i]))
            fail_msg("%s in %s is %s, measured %s", text(known->name), text(releases[i].series),
                     text(value), text(values[i]));
    }
}

static void compare_row(struct str row)
{
    struct str name = next_field(&row);
    struct str type = next_field(&row);
    struct str min = next_field(&row);
    struct str max = next_field(&row);
    struct str first = next_field(&row);
    struct str last = next_field(&row);
    next_field(&row);
    const struct parameter *known = facts_parameter(name);
    if (known == NULL) {
        fail_msg("no parameter %s", text(name));
        return;
    }
    bool unknown_type = str_is(type, "?");
    if (!unknown_type && !str_is(type, parameter_type_names[known->type]))
        fail_msg("%s is of type %s, measured %s", text(name), parameter_type_names[known->type],
                 text(type));
    if (!unknown_type) {
        assert_int_equal(known->has_min ? known->min : 0, min.len ? atol(text(min)) : 0);
        assert_int_equal(known->has_max ? known->max : 0, max.len ? atol(text(max)) : 0);
    }
    assert_int_equal(known->first, series_of(first, -1));
    assert_int_equal(known->last, series_of(last, facts_newest_release()->index));
    /* the two that name the release are known, though the measurement left them out */
    bool named_by_release = str_is(name, "mail_version") || str_is(name, "mail_release_date");
    bool host = str_search(row, "=(host)") < row.len;
    if (!named_by_release)
        assert_int_equal(known->host_default, host);
    if (!host)
        compare_history(known, row);
}

static void parameters_are_as_they_were_measured(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s/facts/parameters.tsv", getenv("POSTMEND_SHARED"));
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("there is no %s", path);
    char *line = NULL;
    size_t size = 0;
    size_t rows = 0;
    assert_true(getline(&line, &size, file) > 0); /* the names of the columns */
    while (getline(&line, &size, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        compare_row(str_of(line));
        rows++;
    }
    free(line);
    fclose(file);
    assert_int_equal(rows, 886);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parameters_are_as_they_were_measured, open_arena,
                                        close_arena),
    };

    return cmocka_run_group_tests_name("measured parameters", tests, NULL, NULL);
}
