/* addresses: their syntax, their class, and whether their owner is known */
#include "unit.h"

#include "smtp/address/address.h"
#include "smtp/address/form.h"

struct address_fixture {
    struct arena *arena;
    struct config config;
    struct world world;
    struct state state;
};

static struct address_fixture *session(struct arena *arena, const char *platform,
                                       const char *main_text)
{
    struct address_fixture *made = arena_alloc(arena, sizeof *made);
    const struct host host = {.hostname = str_of("mail.example.com")};

    made->arena = arena;
    config_of(&made->config, arena, platform, main_text, NULL);
    config_reinterpret(&made->config, made->config.platform, host);
    world_init(&made->world, arena, NULL);
    state_init(&made->state, policy_open(arena, &made->config)->all, arena, &made->world);
    return made;
}

static const char *path(struct arena *arena, const char *text, bool strict)
{
    struct str address;

    return address_read_path(arena, str_of(text), true, strict, &address)
               ? arena_cstr(arena, address)
               : NULL;
}

static struct resolved resolve(struct address_fixture *with, const char *address)
{
    return address_resolve(&with->state, str_of(""), str_of(address));
}

/* said - what smtpd answers to a recipient; "" where it lets it pass */
static const char *said(struct address_fixture *with, const char *address)
{
    struct resolved resolved = resolve(with, address);
    struct reply reply;
    struct buffer out;

    address_exists(&with->state, &resolved, str_of(address), false, &reply);
    buffer_init(&out, with->arena);
    if (reply.code > 0)
        reply_print(&out, reply);
    return arena_cstr(with->arena, str_trim(buffer_str(&out)));
}

static void a_path_gives_the_address_in_it_without_quotes(void **state)
{
    assert_string_equal(path(*state, "<a@b.example>", true), "a@b.example");
    assert_string_equal(path(*state, "<\"a b\"@c.example>", true), "a b@c.example");
    assert_string_equal(path(*state, "<@one.example,@two.example:a@b.example>", true),
                        "a@b.example");
    assert_string_equal(path(*state, "<>", true), "");
    assert_string_equal(path(*state, "Joe<a@b.example>", false), "a@b.example");
    assert_string_equal(path(*state, "<a(comment)@b.example>", false), "a@b.example");
}

static void a_path_with_more_than_an_address_is_bad_syntax(void **state)
{
    struct str address;

    assert_null(path(*state, "<a b@c.example>", false));
    assert_null(path(*state, "<a@b.example,c@d.example>", false));
    assert_null(path(*state, "a@b.example", true));
    assert_null(path(*state, "<a(comment)@b.example>", true));
    assert_non_null(path(*state, "a@b.example", false));
    assert_false(address_read_path(*state, str_of("<>"), false, false, &address));
}

static void a_hostile_path_is_read_in_little_time(void **state)
{
    struct address_fixture *with =
        session(*state, "debian12", "mydestination = a\nappend_dot_mydomain = no\n");
    char text[ADDRESS_LENGTH_MAX + 2];

    for (size_t i = 0; i < ADDRESS_LENGTH_MAX; i++)
        text[i] = i % 2 == 0 ? 'a' : '@';
    text[ADDRESS_LENGTH_MAX - 1] = '\0';
    assert_int_equal(resolve(with, text).class, ADDRESS_LOCAL);
    memset(text, '(', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_null(path(*state, text, true));
    assert_true(resolve(with, text).bad_syntax);
}

static void quotes_come_and_go(void **state)
{
    struct arena *arena = *state;

    assert_str(address_quote(arena, str_of("a b@c"), false), "\"a b\"@c");
    assert_str(address_quote(arena, str_of("a.b@c"), false), "a.b@c");
    assert_str(address_quote(arena, str_of("a..b@c"), false), "\"a..b\"@c");
    assert_str(address_quote(arena, str_of("a\"b\\@c"), false), "\"a\\\"b\\\\\"@c");
    assert_str(address_unquote(arena, str_of("\"a\\\"b\\\\\"@c")), "a\"b\\@c");
    assert_str(address_unquote(arena, str_of("\"a@b\"@c")), "a@b@c");
}

static void the_class_follows_from_the_domain(void **state)
{
    struct address_fixture *with = session(*state, "debian12",
                                           "virtual_alias_domains = alias.example\n"
                                           "virtual_mailbox_domains = mailbox.example\n"
                                           "relay_domains = relay.example\n"
                                           "inet_interfaces = 192.0.2.1\n");

    assert_int_equal(resolve(with, "a").class, ADDRESS_LOCAL);
    assert_int_equal(resolve(with, "a@Mail.Example.com.").class, ADDRESS_LOCAL);
    assert_int_equal(resolve(with, "a@[192.0.2.1]").class, ADDRESS_LOCAL);
    assert_int_equal(resolve(with, "a@[192.0.2.2]").class, ADDRESS_DEFAULT);
    assert_int_equal(resolve(with, "a@alias.example").class, ADDRESS_VIRTUAL_ALIAS);
    assert_int_equal(resolve(with, "a@mailbox.example").class, ADDRESS_VIRTUAL_MAILBOX);
    assert_int_equal(resolve(with, "a@sub.relay.example").class, ADDRESS_RELAY);
    assert_int_equal(resolve(with, "a@other.example").class, ADDRESS_DEFAULT);
    assert_int_equal(with->world.count, 0);
}

static void routing_in_a_local_address_leads_to_where_it_goes(void **state)
{
    struct arena *arena = *state;
    struct address_fixture *with = session(arena, "debian12", "append_dot_mydomain = no\n");

    struct resolved percent = resolve(with, "a%b.example@mail.example.com");
    assert_str(percent.address, "a@b.example");
    assert_int_equal(percent.class, ADDRESS_DEFAULT);
    struct resolved bang = resolve(with, "b.example!a");
    assert_int_equal(bang.class, ADDRESS_DEFAULT);
    assert_false(bang.routed);
    struct resolved quoted = resolve(with, "a@b.example@mail.example.com");
    assert_int_equal(quoted.class, ADDRESS_DEFAULT);
    assert_true(resolve(with, "a%b.example@c.example").routed);
}

static void a_domain_that_is_none_is_bad_syntax(void **state)
{
    struct address_fixture *with = session(*state, "debian12", "smtputf8_enable = yes\n");

    assert_true(resolve(with, "a@-b.example").bad_syntax);
    assert_true(resolve(with, "a@b..example").bad_syntax);
    assert_true(resolve(with, "a@192.0.2.1").bad_syntax);
    assert_true(resolve(with, "a@[192.0.2]").bad_syntax);
    assert_true(resolve(with, "-a@b.example").bad_syntax);
    assert_false(resolve(with, "a@b_c.example").bad_syntax);
    assert_false(
        address_is_acceptable(&with->state, str_of("a@b\xc3\xa9.example"), with->state.smtputf8));
    with->state.smtputf8 = true;
    assert_true(
        address_is_acceptable(&with->state, str_of("a@b\xc3\xa9.example"), with->state.smtputf8));
}

static void unknown_recipients_are_named_with_their_table(void **state)
{
    struct address_fixture *with =
        session(*state, "debian12",
                "local_recipient_maps = inline:{joe=x}\n"
                "recipient_delimiter = +\n"
                "virtual_alias_domains = alias.example\n"
                "virtual_alias_maps = inline:{{known@alias.example = joe}}\n"
                "virtual_mailbox_domains = mailbox.example\n"
                "virtual_mailbox_maps = inline:{{box@mailbox.example = box/}}\n"
                "relay_domains = relay.example\n"
                "relay_recipient_maps = inline:{{@sub.relay.example = x}}\n"
                "unknown_relay_recipient_reject_code = 450\n");

    assert_string_equal(said(with, "joe@mail.example.com"), "");
    assert_string_equal(said(with, "joe+x@mail.example.com"), "");
    assert_string_equal(said(with, "ann@mail.example.com"),
                        "550 5.1.1 <ann@mail.example.com>: Recipient address rejected: "
                        "User unknown in local recipient table");
    assert_string_equal(said(with, "known@alias.example"), "");
    assert_string_equal(said(with, "x@alias.example"),
                        "550 5.1.1 <x@alias.example>: Recipient address rejected: "
                        "User unknown in virtual alias table");
    assert_string_equal(said(with, "BOX@mailbox.example"), "");
    assert_string_equal(said(with, "x@mailbox.example"),
                        "550 5.1.1 <x@mailbox.example>: Recipient address rejected: "
                        "User unknown in virtual mailbox table");
    assert_string_equal(said(with, "x@sub.relay.example"), "");
    assert_string_equal(said(with, "x@relay.example"),
                        "450 4.1.1 <x@relay.example>: Recipient address rejected: "
                        "User unknown in relay recipient table");
    assert_string_equal(said(with, "x@other.example"), "");
    assert_int_equal(with->world.count, 0);
}

static void a_sender_gets_the_status_of_a_sender(void **state)
{
    struct address_fixture *with =
        session(*state, "debian12", "virtual_alias_domains = alias.example\n");
    struct str sender = str_of("x@alias.example");
    struct resolved resolved = resolve(with, "x@alias.example");
    struct reply reply;

    assert_int_equal(address_exists(&with->state, &resolved, sender, true, &reply), EXISTS_NO);
    assert_int_equal(reply.code, 550);
    assert_true(str_is(reply.enhanced, "5.1.7"));
    assert_true(str_starts(reply.text, "<x@alias.example>: Sender address rejected: "));
}

static void a_transport_that_is_an_error_refuses_the_recipient(void **state)
{
    struct address_fixture *with =
        session(*state, "debian12",
                "transport_maps = inline:{{bad.example = error:5.7.1 go away}, "
                "{later.example = retry:not now}, {.up.example = error:}}\n");

    assert_string_equal(said(with, "a@bad.example"),
                        "550 5.7.1 <a@bad.example>: Recipient address rejected: go away");
    assert_string_equal(said(with, "a@later.example"),
                        "450 4.1.1 <a@later.example>: Recipient address rejected: not now");
    assert_string_equal(said(with, "a@up.example"), "");
}

static void a_table_that_does_not_work_is_a_temporary_failure(void **state)
{
    struct address_fixture *with = session(*state, "debian12",
                                           "local_recipient_maps = nosuchtype:x\n"
                                           "relay_domains = nosuchtype:x\n");

    assert_string_equal(said(with, "joe@mail.example.com"),
                        "451 4.3.0 <joe@mail.example.com>: Temporary lookup failure");
    assert_int_equal(resolve(with, "joe@b.example").class, ADDRESS_ERROR);
    assert_string_equal(said(with, "joe@b.example"),
                        "451 4.3.0 <joe@b.example>: Temporary lookup failure");
}

static void local_users_that_we_were_not_told_are_asked_of_the_world(void **state)
{
    struct address_fixture *with = session(*state, "debian12", "");

    assert_string_equal(said(with, "postmaster@mail.example.com"), "");
    assert_string_equal(said(with, "double-bounce@mail.example.com"), "");
    assert_string_equal(said(with, "joe+x@mail.example.com"), "");
    assert_int_equal(with->world.count, 1);
    assert_int_equal(with->world.questions[0].kind, QUESTION_RECIPIENT);
    assert_true(world_next(&with->world));
    assert_string_equal(said(with, "joe+x@mail.example.com"),
                        "550 5.1.1 <joe+x@mail.example.com>: Recipient address rejected: "
                        "User unknown in local recipient table");
}

static void an_unknown_database_of_recipients_is_one_question(void **state)
{
    struct address_fixture *with =
        session(*state, "debian12",
                "virtual_mailbox_domains = mailbox.example\n"
                "recipient_delimiter = +\n"
                "virtual_mailbox_maps = mysql:/etc/postfix/a, mysql:/b\n");

    assert_string_equal(said(with, "a+b@mailbox.example"), "");
    assert_int_equal(with->world.count, 1);
}

static void an_unknown_hostname_is_still_the_machines_own(void **state)
{
    struct address_fixture *with = session(*state, "debian12", "local_recipient_maps =\n");

    config_reinterpret(&with->config, with->config.platform, (struct host){0});
    state_init(&with->state, policy_open(*state, &with->config)->all, *state, &with->world);
    assert_int_equal(resolve(with, "joe").class, ADDRESS_LOCAL);
    assert_int_equal(with->world.count, 0);
}

static void no_unknown_recipient_checks_leaves_all_recipients_alone(void **state)
{
    struct address_fixture *with =
        session(*state, "debian12",
                "local_recipient_maps = inline:{joe=x}\n"
                "receive_override_options = no_milters, no_unknown_recipient_checks\n");

    assert_string_equal(said(with, "ann@mail.example.com"), "");
}

static void extensions_split_by_the_release(void **state)
{
    struct address_fixture *new =
        session(*state, "postfix-2.11", "recipient_delimiter = +-\nowner_request_special = yes\n");
    struct address_fixture *old = session(*state, "postfix-2.10", "recipient_delimiter = +-\n");
    struct arena *arena = *state;
    struct str user, extension;

    assert_true(address_split(&new->state, str_of("joe-x+y"), &user, &extension));
    assert_str(user, "joe");
    assert_str(extension, "x+y");
    assert_false(address_split(&new->state, str_of("owner-list"), &user, &extension));
    assert_false(address_split(&new->state, str_of("list-request"), &user, &extension));
    assert_false(address_split(&new->state, str_of("mailer-daemon"), &user, &extension));
    assert_false(address_split(&new->state, str_of("+x"), &user, &extension));
    assert_true(address_split(&old->state, str_of("joe-x+y"), &user, &extension));
    assert_str(user, "joe-x");
}

static void names_are_completed_as_the_rewrite_service_says(void **state)
{
    struct arena *arena = *state;
    struct address_fixture *with = session(arena, "debian12",
                                           "myorigin = origin.example\n"
                                           "mydomain = example.com\n"
                                           "append_dot_mydomain = yes\n");

    assert_str(address_rewrite(&with->state, str_of("joe")), "joe@origin.example");
    assert_str(address_rewrite(&with->state, str_of("joe@host")), "joe@host.example.com");
    assert_str(address_rewrite(&with->state, str_of("joe@host.example.")), "joe@host.example");
    assert_str(address_rewrite(&with->state, str_of("host.example!joe")), "joe@host.example");
    assert_str(address_rewrite(&with->state, str_of("joe%host.example")), "joe@host.example");
    assert_str(address_rewrite(&with->state, str_of("a b@host.example")), "a b@host.example");
    assert_str(address_rewrite(&with->state, str_of("")), "");
}

static void an_origin_in_a_file_may_be_the_host_or_not(void **state)
{
    struct arena *arena = *state;
    struct address_fixture *with = session(arena, "debian12", "myorigin = /etc/mailname\n");

    assert_str(address_rewrite(&with->state, str_of("ann")), "ann@mail.example.com");
    assert_true(world_next(&with->world));
    assert_str(address_rewrite(&with->state, str_of("ann")), "ann@myorigin.invalid");
    assert_false(world_next(&with->world));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_path_gives_the_address_in_it_without_quotes),
        arena_test(a_path_with_more_than_an_address_is_bad_syntax),
        arena_test(a_hostile_path_is_read_in_little_time),
        arena_test(quotes_come_and_go),
        arena_test(the_class_follows_from_the_domain),
        arena_test(routing_in_a_local_address_leads_to_where_it_goes),
        arena_test(a_domain_that_is_none_is_bad_syntax),
        arena_test(unknown_recipients_are_named_with_their_table),
        arena_test(a_sender_gets_the_status_of_a_sender),
        arena_test(a_transport_that_is_an_error_refuses_the_recipient),
        arena_test(a_table_that_does_not_work_is_a_temporary_failure),
        arena_test(local_users_that_we_were_not_told_are_asked_of_the_world),
        arena_test(an_unknown_database_of_recipients_is_one_question),
        arena_test(an_unknown_hostname_is_still_the_machines_own),
        arena_test(no_unknown_recipient_checks_leaves_all_recipients_alone),
        arena_test(extensions_split_by_the_release),
        arena_test(names_are_completed_as_the_rewrite_service_says),
        arena_test(an_origin_in_a_file_may_be_the_host_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
