/*
 * The fixtures of convert use whatever has an equivalent in Postfix: each define, feature, macro,
 * mailer, OSTYPE, DOMAIN and option of facts/sendmail.yaml that is mapped or already the default
 * stands in some fixtures/sendmail-NAME/in, with another value than Sendmail's own default.  What
 * can't is listed in fixtures/sendmail-unused with a reason.  Runs in the project's top, as all
 * tests do.
 */
#include "tests/unit/unit.h"

#include <dirent.h>

#include "convert/sendmail/value.h"
#include "facts/sendmail.h"
#include "parser/sendmail/sendmail.h"

static const char fixtures[] = "fixtures", unused_list[] = "fixtures/sendmail-unused";

static const char *const kinds[SENDMAIL_KINDS] = {
    [SENDMAIL_DEFINE] = "define", [SENDMAIL_FEATURE] = "feature", [SENDMAIL_MACRO] = "macro",
    [SENDMAIL_MAILER] = "mailer", [SENDMAIL_OSTYPE] = "ostype",   [SENDMAIL_DOMAIN] = "domain",
    [SENDMAIL_HACK] = "hack",     [SENDMAIL_OPTION] = "option",
};

struct coverage {
    struct arena *arena;
    const struct sendmail_fact *facts;
    size_t count, files;
    bool *used; /* one for each fact */
};

static void note_items(struct coverage *coverage, const struct sendmail *sendmail)
{
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        const struct sendmail_fact *fact = sendmail_item_fact(item);
        if (fact == NULL || item->overridden || item->stock || item->kind == ITEM_UNDEFINE)
            continue;
        if (item->kind == ITEM_DEFINE && str_eq(sendmail_argument(item, 0), fact->fallback))
            continue;
        coverage->used[fact - coverage->facts] = true;
    }
}

static void read_fixture(struct coverage *coverage, const char *name)
{
    static const char *const files[] = {"sendmail.mc", "sendmail.cf", "submit.mc"};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct sendmail sendmail;
        struct str error,
            path = arena_printf(coverage->arena, "%s/%s/in/%s", fixtures, name, files[i]);
        if (sendmail_open(&sendmail, coverage->arena, path, &error)) {
            note_items(coverage, &sendmail);
            coverage->files++;
        }
    }
}

static void read_fixtures(struct coverage *coverage)
{
    struct dirent *entry;
    DIR *directory = opendir(fixtures);

    assert_non_null(directory);
    coverage->facts = facts_sendmail_all(&coverage->count);
    coverage->used = arena_alloc(coverage->arena, coverage->count * sizeof *coverage->used);
    while ((entry = readdir(directory)) != NULL)
        if (strncmp(entry->d_name, "sendmail-", 9) == 0)
            read_fixture(coverage, entry->d_name);
    closedir(directory);
}

/* the reason behind "KIND NAME " in the list; STR_NONE: it is not there */
static struct str reason_of(struct str list, const struct sendmail_fact *fact)
{
    for (size_t at = 0, end; at < list.len; at = end + 1) {
        end = str_find(list, '\n', at);
        struct str line = str_slice(list, at, end), kind = str_of(kinds[fact->kind]);
        size_t name = kind.len + 1, reason = name + fact->name.len;
        if (line.len > reason && str_eq(str_slice(line, 0, kind.len), kind) &&
            line.at[kind.len] == ' ' && str_eq(str_slice(line, name, reason), fact->name) &&
            line.at[reason] == ' ')
            return str_trim(str_slice(line, reason, line.len));
    }
    return STR_NONE;
}

static void test_whatever_has_an_equivalent_is_in_a_fixture(void **state)
{
    struct coverage coverage = {.arena = *state};
    size_t wanted = 0, used = 0, wrong = 0;

    read_fixtures(&coverage);
    const struct source *list = source_read(coverage.arena, str_of(unused_list));
    assert_non_null(list);
    for (size_t i = 0; i < coverage.count; i++) {
        const struct sendmail_fact *fact = &coverage.facts[i];
        if (fact->gone || (fact->fate != FATE_MAPPED && fact->fate != FATE_ALREADY))
            continue;
        struct str reason = reason_of(list->bytes, fact);
        wanted++;
        used += coverage.used[i];
        if (!coverage.used[i] && reason.len == 0) {
            print_message("%s %.*s is in no fixture\n", kinds[fact->kind], STR_ARG(fact->name));
            wrong++;
        } else if (coverage.used[i] && reason.len > 0) {
            print_message("%s %.*s is in a fixture, and in %s as well\n", kinds[fact->kind],
                          STR_ARG(fact->name), unused_list);
            wrong++;
        }
    }
    print_message("%zu of %zu are used, in %zu files\n", used, wanted, coverage.files);
    assert_int_equal(wrong, 0);
    assert_true(coverage.files >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_has_an_equivalent_is_in_a_fixture),
    };

    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
