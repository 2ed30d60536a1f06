/* CONVERSION.md: which files it asks for */
#include "cmd/report/conversion.h"
#include "convert/convert.h"

#include "tests/unit/unit.h"

/* report_of - CONVERSION.md of a macro file in DIRECTORY, where no table is */
static struct str report_of(struct arena *arena, const char *macros, const char *directory)
{
    const struct source *source =
        source_of(arena, str_of("sendmail.mc"), arena_copy(arena, str_of(macros)));
    struct sendmail sendmail;
    struct draft draft;
    struct buffer out;
    struct str error;

    assert_true(sendmail_read(&sendmail, arena, source, str_of(directory), &error));
    draft_init(&draft, arena, &sendmail, facts_platform(str_of("rhel10")));
    convert_sendmail(&draft);
    buffer_init(&out, arena);
    conversion_print(&out, &draft, NULL);
    return buffer_str(&out);
}

static bool has(struct str text, const char *part)
{
    return str_search(text, part) < text.len;
}

static const char macros[] = "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n"
                             "FEATURE(`mailertable', `hash /etc/mail/mailertable')dnl\n"
                             "MAILER(smtp)dnl\n";

static void tables_that_are_not_there_are_asked_for(void **state)
{
    struct str report = report_of(*state, macros, "/nonexistent");

    assert_true(has(report, "- `/etc/mail/mailertable`, named in sendmail.mc:2\n"));
    assert_true(has(report, "Sendmail reads these by default"));
    assert_true(has(report, "- `/etc/mail/aliases`\n"));
    assert_true(has(report, "- `/etc/mail/relay-domains`\n"));
}

/* whose directory is that of the macro file has none, if it is not there */
static void what_sendmail_would_find_beside_the_source_is_not_asked_for(void **state)
{
    struct str report = report_of(*state, macros, "/etc/mail");

    assert_true(has(report, "- `/etc/mail/mailertable`, named in sendmail.mc:2\n"));
    assert_false(has(report, "Sendmail reads these by default"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(tables_that_are_not_there_are_asked_for),
        arena_test(what_sendmail_would_find_beside_the_source_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
