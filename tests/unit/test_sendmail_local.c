#include "tests/unit/sendmail_service.h"

/* arguments - what pipe(8) runs for the service, or "(none)" */
static const char *arguments(const struct draft *draft, const char *service)
{
    for (size_t i = 0; i < draft->service_count; i++)
        if (str_is(draft->services[i]->name, service))
            return arena_cstr(draft->arena, draft->services[i]->arguments);
    return "(none)";
}

static void the_words_of_the_local_mailer_become_those_of_a_shell(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "define(`LOCAL_MAILER_PATH', `/opt/deliver')\n"
                                   "define(`LOCAL_MAILER_ARGS', `deliver -e $h -s $f $u')\n"
                                   "define(`LOCAL_MAILER_FLAGS', `mn')\n",
                                   NULL);

    assert_string_equal(setting(draft, "mailbox_command"),
                        "/opt/deliver -e \"$EXTENSION\" -s \"$SENDER\" \"$USER\"");
}

static void its_flags_give_the_program_the_sender(void **state)
{
    struct draft *draft = draft_of(*state, "define(`LOCAL_MAILER_PATH', `/opt/deliver')\n", NULL);

    assert_string_equal(setting(draft, "mailbox_command"),
                        "/opt/deliver -r \"${SENDER:-MAILER-DAEMON}\" -d \"$USER\"");
    draft = draft_of(*state,
                     "define(`LOCAL_MAILER_PATH', `/opt/deliver')\n"
                     "define(`LOCAL_MAILER_FLAGS', `fmn')\n",
                     NULL);
    assert_string_equal(setting(draft, "mailbox_command"),
                        "/opt/deliver -f \"${SENDER:-MAILER-DAEMON}\" -d \"$USER\"");
    assert_string_equal(fate_of(draft, "LOCAL_MAILER_FLAGS", NULL), "mapped");
}

static void what_a_shell_would_change_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "define(`LOCAL_MAILER_PATH', `/opt/deliver')\n"
                                   "define(`LOCAL_MAILER_ARGS', `deliver *.x $u')\n",
                                   NULL);

    assert_string_equal(setting(draft, "mailbox_command"), "(unset)");
    assert_string_equal(fate_of(draft, "LOCAL_MAILER_PATH", NULL), "open");
}

static void a_program_that_speaks_lmtp_is_an_open_point(void **state)
{
    struct draft *draft =
        draft_of(*state, "FEATURE(`local_lmtp', `/usr/cyrus/bin/deliver', `deliver -l')\n", NULL);

    assert_string_equal(setting(draft, "mailbox_command"), "(unset)");
    assert_string_equal(fate_of(draft, "local_lmtp", NULL), "open");
    draft = draft_of(*state, "FEATURE(`local_lmtp')\n", NULL);
    assert_string_equal(fate_of(draft, "local_lmtp", NULL), "already");
}

static void mailboxes_are_filled_without_the_shell_of_aliases(void **state)
{
    struct draft *draft = draft_of(*state, "OSTYPE(`linux')\nFEATURE(`smrsh')\n", NULL);

    assert_string_equal(setting(draft, "local_command_shell"), "/usr/sbin/smrsh -c");
    assert_string_equal(setting(draft, "mailbox_transport"), "mailbox:");
    assert_string_equal(override(draft, "mailbox", "local_command_shell"), "");
    assert_string_equal(override(draft, "mailbox", "mailbox_transport"), "");
    assert_string_equal(override(draft, "mailbox", "alias_maps"), "");
    assert_string_equal(override(draft, "mailbox", "forward_path"), "");
}

static void without_a_mailbox_command_the_shell_needs_no_second_service(void **state)
{
    struct draft *draft = draft_of(*state, "OSTYPE(`freebsd6')\nFEATURE(`smrsh')\n", NULL);

    assert_string_equal(setting(draft, "local_command_shell"), "/usr/libexec/smrsh -c");
    assert_string_equal(setting(draft, "mailbox_transport"), "(unset)");
}

static void the_later_of_smrsh_and_a_path_is_the_shell(void **state)
{
    struct draft *draft =
        draft_of(*state, "FEATURE(`smrsh')\ndefine(`LOCAL_SHELL_PATH', `/bin/jail')\n", NULL);

    assert_string_equal(setting(draft, "local_command_shell"), "/bin/jail -c");
    draft = draft_of(
        *state, "define(`LOCAL_SHELL_PATH', `/bin/jail')\nFEATURE(`smrsh', `/bin/smrsh')\n", NULL);
    assert_string_equal(setting(draft, "local_command_shell"), "/bin/smrsh -c");
    assert_string_equal(fate_of(draft, "LOCAL_SHELL_PATH", NULL), "meaningless");
}

static void the_shell_has_the_words_of_its_call(void **state)
{
    struct draft *draft = draft_of(*state, "define(`LOCAL_SHELL_ARGS', `sh -x -c $u')\n", NULL);

    assert_string_equal(setting(draft, "local_command_shell"), "/bin/sh -x -c");
    draft = draft_of(*state, "define(`LOCAL_SHELL_ARGS', `sh -c $u')\n", NULL);
    assert_string_equal(fate_of(draft, "LOCAL_SHELL_ARGS", NULL), "already");
    draft = draft_of(*state, "define(`LOCAL_SHELL_ARGS', `sh -c $u -v')\n", NULL);
    assert_string_equal(fate_of(draft, "LOCAL_SHELL_ARGS", NULL), "open");
}

static void the_words_of_cyrus_stand_in_its_service(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "define(`confLOCAL_MAILER', `cyrus')\n"
                                   "define(`CYRUS_MAILER_ARGS', `deliver -r $f -m $h -- $u')\n"
                                   "define(`CYRUS_MAILER_MAX', `5000')\n",
                                   NULL);

    assert_string_equal(arguments(draft, "cyrus"),
                        "flags=hu user=cyrus:mail size=5000 null_sender= argv=/usr/sbin/cyrdeliver "
                        "-r ${sender} -m ${extension} -- ${user}");
    draft = draft_of(*state,
                     "define(`confLOCAL_MAILER', `cyrus')\n"
                     "define(`CYRUS_MAILER_ARGS', `deliver $x')\n",
                     NULL);
    assert_string_equal(arguments(draft, "cyrus"), "(none)");
    assert_string_equal(fate_of(draft, "confLOCAL_MAILER", NULL), "open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(the_words_of_the_local_mailer_become_those_of_a_shell),
        arena_test(its_flags_give_the_program_the_sender),
        arena_test(what_a_shell_would_change_is_an_open_point),
        arena_test(a_program_that_speaks_lmtp_is_an_open_point),
        arena_test(mailboxes_are_filled_without_the_shell_of_aliases),
        arena_test(without_a_mailbox_command_the_shell_needs_no_second_service),
        arena_test(the_later_of_smrsh_and_a_path_is_the_shell),
        arena_test(the_shell_has_the_words_of_its_call),
        arena_test(the_words_of_cyrus_stand_in_its_service),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
