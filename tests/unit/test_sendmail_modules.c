/* every module that a fact about Sendmail names is there, and gives its lines a fate */
#include "tests/unit/sendmail_text.h"

#include "convert/convert.h"
#include "facts/sendmail.h"

static bool is_module(struct str name)
{
    size_t count;
    const struct convert_module *modules = convert_modules(&count);

    for (size_t i = 0; i < count; i++)
        if (str_is(name, modules[i].name))
            return true;
    return false;
}

static void every_module_that_a_fact_names_is_there(void **state)
{
    size_t count;
    const struct sendmail_fact *facts = facts_sendmail_all(&count);

    for (size_t i = 0; i < count; i++)
        if (facts[i].module.len > 0 && !is_module(facts[i].module))
            fail_msg("%s waits for the module %s", arena_cstr(*state, facts[i].name),
                     arena_cstr(*state, facts[i].module));
}

/* does a module decide what becomes of the one line TEXT? */
static bool is_decided(struct arena *arena, struct str text)
{
    struct sendmail sendmail;
    struct draft draft;
    size_t count;
    const struct convert_module *modules = convert_modules(&count);

    sendmail_text(&sendmail, arena, arena_cstr(arena, text));
    draft_init(&draft, arena, &sendmail, facts_platform(str_of("rhel10")));
    for (size_t i = 0; i < count; i++)
        modules[i].convert(&draft);
    return sendmail.count > 0 && draft.fates[0].decided;
}

/* the line of a .mc that has the fact; STR_NONE for kinds that need arguments of their own */
static struct str line_of(struct arena *arena, const struct sendmail_fact *fact)
{
    struct str value = fact->fallback.len > 0 ? fact->fallback : str_of("x");

    switch (fact->kind) {
    case SENDMAIL_DEFINE:
        return arena_printf(arena, "define(`%.*s', `%.*s')\n", STR_ARG(fact->name), STR_ARG(value));
    case SENDMAIL_FEATURE:
        return arena_printf(arena, "FEATURE(`%.*s')\n", STR_ARG(fact->name));
    case SENDMAIL_MAILER:
        return arena_printf(arena, "MAILER(`%.*s')\n", STR_ARG(fact->name));
    case SENDMAIL_OSTYPE:
        return arena_printf(arena, "OSTYPE(`%.*s')\n", STR_ARG(fact->name));
    default:
        return STR_NONE;
    }
}

static void every_define_feature_and_mailer_is_decided_by_a_module(void **state)
{
    struct arena *arena = *state;
    size_t count;
    const struct sendmail_fact *facts = facts_sendmail_all(&count);

    for (size_t i = 0; i < count; i++) {
        struct str line = line_of(arena, &facts[i]);
        if (line.at != NULL && !is_decided(arena, line))
            fail_msg("nobody decides %s", arena_cstr(arena, line));
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_set_up, arena_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_module_that_a_fact_names_is_there),
        TEST(every_define_feature_and_mailer_is_decided_by_a_module),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
