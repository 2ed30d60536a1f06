/* lists of patterns: mynetworks, mydestination, relay_domains */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "smtp/address/match.h"

struct match_fixture {
    struct config config;
    struct world world;
    struct state state;
};

static struct match_fixture *session(struct arena *arena, const char *platform,
                                     const char *main_text, const char *interfaces)
{
    struct match_fixture *made = arena_alloc(arena, sizeof *made);
    const struct host host = {.interfaces = str_of(interfaces)};

    config_of(&made->config, arena, platform, main_text, NULL);
    config_reinterpret(&made->config, made->config.platform, host);
    world_init(&made->world, arena, NULL);
    state_init(&made->state, policy_open(arena, &made->config)->all, arena, &made->world);
    return made;
}

static enum match client(struct match_fixture *with, const char *name, const char *address)
{
    return match_client(&with->state, policy_str(with->state.service, PARAM_MYNETWORKS),
                        PARAM_MYNETWORKS, str_of(name), str_of(address));
}

static enum match networks(struct arena *arena, const char *mynetworks, const char *address)
{
    struct str text = arena_printf(arena, "mynetworks = %s\n", mynetworks);

    return client(session(arena, "debian12", arena_cstr(arena, text), NULL), "unknown", address);
}

static void a_network_holds_its_addresses_and_no_others(void **state)
{
    assert_int_equal(networks(*state, "192.0.2.0/25", "192.0.2.127"), MATCH_YES);
    assert_int_equal(networks(*state, "192.0.2.0/25", "192.0.2.128"), MATCH_NO);
    assert_int_equal(networks(*state, "0.0.0.0/0", "192.0.2.128"), MATCH_YES);
    assert_int_equal(networks(*state, "0.0.0.0/0", "2001:db8::1"), MATCH_NO);
    assert_int_equal(networks(*state, "[2001:db8::]/33", "2001:db8:7fff::1"), MATCH_YES);
    assert_int_equal(networks(*state, "[2001:db8::]/33", "2001:db8:8000::1"), MATCH_NO);
    assert_int_equal(networks(*state, "[2001:db8::/33]", "2001:db8:7fff::1"), MATCH_YES);
    assert_int_equal(networks(*state, "[0:0:0:0:0:0:0:1]", "::1"), MATCH_YES);
    assert_int_equal(networks(*state, "192.0.2.1,\t10.0.0.1", "10.0.0.1"), MATCH_YES);
}

static void an_exclamation_mark_takes_out_what_a_later_item_has(void **state)
{
    assert_int_equal(networks(*state, "!192.0.2.1, 192.0.2.0/24", "192.0.2.1"), MATCH_NO);
    assert_int_equal(networks(*state, "!192.0.2.1, 192.0.2.0/24", "192.0.2.2"), MATCH_YES);
    assert_int_equal(networks(*state, "192.0.2.0/24, !192.0.2.1", "192.0.2.1"), MATCH_YES);
    assert_int_equal(networks(*state, "!!192.0.2.1", "192.0.2.1"), MATCH_YES);
}

static void a_network_that_is_wrong_is_an_error_for_its_family_alone(void **state)
{
    assert_int_equal(networks(*state, "192.0.2.1/24", "192.0.2.9"), MATCH_ERROR);
    assert_int_equal(networks(*state, "192.0.2.0/33", "192.0.2.9"), MATCH_ERROR);
    assert_int_equal(networks(*state, "192.0.2.1/24", "2001:db8::1"), MATCH_NO);
    assert_int_equal(networks(*state, "192.0.2.9 192.0.2.1/24", "192.0.2.9"), MATCH_YES);
    assert_int_equal(networks(*state, "192.0.2", "192.0.2.9"), MATCH_NO);
    assert_int_equal(networks(*state, "[2001:db8::1", "2001:db8::1"), MATCH_ERROR);
    assert_int_equal(networks(*state, "!", "192.0.2.9"), MATCH_ERROR);
}

static void a_name_means_its_subdomains_where_the_parameter_says_so(void **state)
{
    struct match_fixture *both = session(*state, "debian12",
                                         "parent_domain_matches_subdomains = relay_domains\n"
                                         "relay_domains = example.com, .example.org\n",
                                         NULL);
    struct str list = policy_str(both->state.service, PARAM_RELAY_DOMAINS);
    struct str below = str_of("Mail.Example.COM"), other = str_of("a.example.org");

    assert_int_equal(match_domain(&both->state, list, PARAM_RELAY_DOMAINS, below), MATCH_YES);
    assert_int_equal(match_domain(&both->state, list, PARAM_MYNETWORKS, below), MATCH_NO);
    assert_int_equal(match_domain(&both->state, list, PARAM_RELAY_DOMAINS, other), MATCH_NO);
    assert_int_equal(match_domain(&both->state, list, PARAM_MYNETWORKS, other), MATCH_YES);
    assert_int_equal(
        match_domain(&both->state, list, PARAM_RELAY_DOMAINS, str_of("badexample.com")), MATCH_NO);
    assert_int_equal(match_string(&both->state, list, below), MATCH_NO);
    assert_int_equal(match_string(&both->state, list, str_of("EXAMPLE.com")), MATCH_YES);
}

static void a_client_counts_by_its_name_too(void **state)
{
    struct match_fixture *with = session(*state, "debian12", "mynetworks = example.com\n", NULL);

    assert_int_equal(client(with, "a.example.com", "192.0.2.1"), MATCH_YES);
    assert_int_equal(client(with, "badexample.com", "192.0.2.1"), MATCH_NO);
}

static void unknown_interfaces_leave_mynetworks_open_but_for_loopback(void **state)
{
    struct match_fixture *with = session(*state, "debian12", "mynetworks_style = subnet\n", NULL);

    assert_int_equal(client(with, "unknown", "127.0.0.7"), MATCH_YES);
    assert_int_equal(client(with, "unknown", "::1"), MATCH_YES);
    assert_int_equal(with->world.count, 0);
    assert_int_equal(client(with, "unknown", "192.0.2.1"), MATCH_NO);
    assert_int_equal(with->world.count, 1);
    assert_true(world_next(&with->world));
    assert_int_equal(client(with, "unknown", "192.0.2.1"), MATCH_YES);
    assert_false(world_next(&with->world));
}

static void a_server_on_loopback_alone_has_no_other_networks(void **state)
{
    struct match_fixture *with =
        session(*state, "debian12", "inet_interfaces = loopback-only\n", NULL);

    assert_int_equal(client(with, "unknown", "192.0.2.1"), MATCH_NO);
    assert_int_equal(client(with, "unknown", "127.0.0.1"), MATCH_YES);
    assert_int_equal(with->world.count, 0);
}

static void what_is_known_of_a_list_decides_before_the_machine_is_asked(void **state)
{
    struct arena *arena = *state;
    struct match_fixture *with =
        session(arena, "debian12", "mydestination = localhost, $myhostname, b.example\n", NULL);

    assert_int_equal(match_string_parameter(&with->state, PARAM_MYDESTINATION, str_of("localhost")),
                     MATCH_YES);
    assert_int_equal(with->world.count, 0);
    assert_int_equal(match_string_parameter(&with->state, PARAM_MYDESTINATION, str_of("a.example")),
                     MATCH_NO);
    assert_int_equal(with->world.count, 1);
    assert_str(with->world.questions[0].subject, "$myhostname is a.example");
}

static void own_addresses_are_those_that_postfix_listens_on(void **state)
{
    struct match_fixture *all =
        session(*state, "debian12", "proxy_interfaces = 198.51.100.7\n", "192.0.2.1/24,::1");
    struct match_fixture *one = session(*state, "debian12", "inet_interfaces = 192.0.2.2\n", NULL);
    struct match_fixture *v4 =
        session(*state, "debian12", "inet_protocols = ipv4\n", "192.0.2.1,2001:db8::1");

    assert_true(match_own_address(&all->state, str_of("192.0.2.1")));
    assert_true(match_own_address(&all->state, str_of("198.51.100.7")));
    assert_true(match_own_address(&all->state, str_of("127.0.0.1")));
    assert_false(match_own_address(&all->state, str_of("192.0.2.2")));
    assert_int_equal(all->world.count, 0);
    assert_true(match_own_address(&one->state, str_of("192.0.2.2")));
    assert_false(match_own_address(&one->state, str_of("127.0.0.1")));
    assert_int_equal(one->world.count, 0);
    assert_false(match_own_address(&v4->state, str_of("2001:db8::1")));
}

static void own_addresses_of_an_unknown_machine_are_asked_of_the_world(void **state)
{
    struct match_fixture *with = session(*state, "debian12", "", NULL);

    assert_true(match_own_address(&with->state, str_of("127.0.0.1")));
    assert_int_equal(with->world.count, 0);
    assert_false(match_own_address(&with->state, str_of("192.0.2.1")));
    assert_int_equal(with->world.count, 1);
}

/* in_file - the match of a list that names a file with this text */
static enum match in_file(struct arena *arena, const char *platform, const char *text,
                          const char *list, const char *address)
{
    char directory[] = "/tmp/postmend-match.XXXXXX";
    struct match_fixture *made = arena_alloc(arena, sizeof *made);
    struct str error, main_text, path;
    struct config_input input = {.platform = facts_platform(str_of(platform))};

    assert_non_null(mkdtemp(directory));
    path = arena_printf(arena, "%s/nets", directory);
    FILE *file = fopen(path.at, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    main_text = arena_printf(arena, "mynetworks = %s\n", list);
    input.path = str_of(directory);
    input.main_source = source_of(arena, str_of("main.cf"), main_text);
    assert_true(config_open(&made->config, arena, &input, &error));
    world_init(&made->world, arena, NULL);
    state_init(&made->state, policy_open(arena, &made->config)->all, arena, &made->world);
    enum match match = client(made, "unknown", address);
    assert_int_equal(made->world.count, 0);
    assert_int_equal(unlink(path.at), 0);
    assert_int_equal(rmdir(directory), 0);
    return match;
}

static void a_file_stands_for_the_items_in_it(void **state)
{
    static const char text[] = "# the office\n192.0.2.1\n10.0.0.1, 10.0.0.2 # not this\n";

    assert_int_equal(in_file(*state, "debian12", text, "/etc/postfix/nets", "192.0.2.1"),
                     MATCH_YES);
    assert_int_equal(in_file(*state, "debian12", text, "/etc/postfix/nets", "10.0.0.2"), MATCH_YES);
    assert_int_equal(in_file(*state, "debian12", text, "/etc/postfix/nets", "10.0.0.3"), MATCH_NO);
    assert_int_equal(in_file(*state, "debian12", text, "!/etc/postfix/nets 0.0.0.0/0", "192.0.2.1"),
                     MATCH_NO);
    assert_int_equal(in_file(*state, "debian12", text, "/etc/postfix/gone", "192.0.2.1"),
                     MATCH_ERROR);
}

static void an_indented_line_of_a_file_counts_by_the_release(void **state)
{
    static const char text[] = "# the office\n 192.0.2.1\n";

    assert_int_equal(in_file(*state, "postfix-3.7", text, "/etc/postfix/nets", "192.0.2.1"),
                     MATCH_YES);
    assert_int_equal(in_file(*state, "postfix-3.8", text, "/etc/postfix/nets", "192.0.2.1"),
                     MATCH_NO);
}

static void a_file_outside_the_directory_is_asked_of_the_world(void **state)
{
    struct match_fixture *with = session(*state, "debian12", "mynetworks = /srv/nets\n", NULL);

    assert_int_equal(client(with, "unknown", "192.0.2.1"), MATCH_NO);
    assert_int_equal(with->world.count, 1);
    assert_true(world_next(&with->world));
    assert_int_equal(client(with, "unknown", "192.0.2.1"), MATCH_YES);
    assert_true(world_next(&with->world));
    assert_int_equal(client(with, "unknown", "192.0.2.1"), MATCH_ERROR);
}

static void networks_hold_addresses_and_smaller_networks(void **state)
{
    static const struct {
        const char *network, *other;
        bool holds;
    } cases[] = {
        {"10.0.0.0/8", "10.1.0.0/16", true},    {"10.1.0.0/16", "10.0.0.0/8", false},
        {"10.0.0.0/8", "10.255.0.1", true},     {"10.0.0.0/8", "11.0.0.1", false},
        {"2001:db8::/32", "2001:db8::5", true}, {"10.0.0.0/8", "2001:db8::5", false},
    };
    struct network network, other;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(network_read(str_of(cases[i].network), &network));
        assert_true(network_read(str_of(cases[i].other), &other));
        assert_int_equal(network_holds(&network, &other), cases[i].holds);
    }
    assert_false(network_read(str_of("10.0.0/8"), &network));
}

static void loopback_is_in_the_default_networks_where_postfix_listens_on_it(void **state)
{
    static const char plain[] = "compatibility_level = 2\n";
    static const char elsewhere[] = "inet_interfaces = 192.0.2.5\n";

    assert_int_equal(client(session(*state, "debian12", plain, NULL), "localhost", "127.0.0.1"),
                     MATCH_YES);
    assert_int_equal(
        client(session(*state, "debian12", plain, "192.0.2.5/24"), "localhost", "127.0.0.1"),
        MATCH_YES);
    assert_int_equal(client(session(*state, "debian12", elsewhere, NULL), "localhost", "127.0.0.1"),
                     MATCH_NO);
}

/* session_with_files - COUNT files, each of which names the next one TIMES times; the last has
   192.0.2.0/24 */
static struct match_fixture *session_with_files(struct arena *arena, size_t count, size_t times)
{
    struct match_fixture *made = arena_alloc(arena, sizeof *made);
    const struct source **files = arena_alloc(arena, count * sizeof *files);
    struct str error;

    for (size_t i = 0; i < count; i++) {
        struct buffer text;
        buffer_init(&text, arena);
        for (size_t k = 0; k < times && i + 1 < count; k++)
            buffer_printf(&text, "/etc/postfix/%zu\n", i + 1);
        buffer_add_cstr(&text, i + 1 < count ? "" : "192.0.2.0/24\n");
        files[i] = source_of(arena, arena_printf(arena, "%zu", i), buffer_str(&text));
    }
    struct config_input input = {.path = str_of("/etc/postfix"),
                                 .main_source = source_text(arena, "mynetworks = /etc/postfix/0\n"),
                                 .files = files,
                                 .file_count = count,
                                 .platform = facts_platform(str_of("debian12"))};
    assert_true(config_open(&made->config, arena, &input, &error));
    world_init(&made->world, arena, NULL);
    state_init(&made->state, policy_open(arena, &made->config)->all, arena, &made->world);
    return made;
}

static void files_inside_each_other_have_a_bound_that_speaks(void **state)
{
    struct arena *arena = *state;
    struct match_fixture *few = session_with_files(arena, 8, 1);
    struct match_fixture *many = session_with_files(arena, 9, 1);

    assert_int_equal(client(few, "unknown", "192.0.2.1"), MATCH_YES);
    assert_int_equal(few->world.cut.len, 0);
    client(many, "unknown", "192.0.2.1");
    assert_str(many->world.cut, "more than 8 files inside each other");
}

static void the_items_of_a_list_have_a_bound_that_speaks(void **state)
{
    struct arena *arena = *state;
    struct match_fixture *many = session_with_files(arena, 8, 8);

    client(many, "unknown", "198.51.100.1");
    assert_str(many->world.cut, "more than 1000000 items of a list");
}

/* match_long - NAME in mydestination or relay_domains: ITEMS, with FILLERS others around them */
static int match_long(struct arena *arena, const char *items, const char *parents, int fillers,
                      const char *name)
{
    struct buffer text;

    buffer_init(&text, arena);
    buffer_printf(&text, "parent_domain_matches_subdomains = %s\nrelay_domains =", parents);
    for (int i = 0; i < fillers; i++)
        buffer_printf(&text, " f%d.invalid", i);
    buffer_printf(&text, " %s", items);
    for (int i = 0; i < fillers; i++)
        buffer_printf(&text, " inline:{g%d.invalid=x}", i);
    buffer_add_cstr(&text, "\n");
    struct match_fixture *with =
        session(arena, "debian12", arena_cstr(arena, buffer_str(&text)), "");
    struct str list = policy_str(with->state.service, PARAM_RELAY_DOMAINS);
    enum match domain = match_domain(&with->state, list, PARAM_RELAY_DOMAINS, str_of(name));
    enum match whole = match_string(&with->state, list, str_of(name));

    return (int)domain * 10 + (int)whole;
}

static void a_long_list_answers_as_a_short_one(void **state)
{
    static const char *const lists[] = {
        "example.com",
        ".example.com",
        "!a.example.com example.com",
        "example.com !a.example.com",
        "inline:{a.example.com=x} !b.example.com example.com",
        "!inline:{.example.com=x} b.example.com example.com",
        "inline:{example.com=x,EXAMPLE.org=y}",
        "static:x !example.com",
        "!example.com static:x",
        "fail:x example.com",
        "example.com fail:x",
        "pcre:{{/^b\\./ x}} !a.example.com example.com",
        "! example.com",
    };
    static const char *const names[] = {
        "example.com",  "a.example.com", "b.example.com", "c.a.example.com", "a..example.com",
        ".example.com", "Example.COM",   "example.org",   "xexample.com",    "com",
    };
    static const char *const parents[] = {"relay_domains", ""};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            for (size_t p = 0; p < 2; p++)
                assert_int_equal(match_long(*state, lists[i], parents[p], 0, names[k]),
                                 match_long(*state, lists[i], parents[p], 20, names[k]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_network_holds_its_addresses_and_no_others),
        arena_test(an_exclamation_mark_takes_out_what_a_later_item_has),
        arena_test(a_network_that_is_wrong_is_an_error_for_its_family_alone),
        arena_test(a_name_means_its_subdomains_where_the_parameter_says_so),
        arena_test(a_client_counts_by_its_name_too),
        arena_test(unknown_interfaces_leave_mynetworks_open_but_for_loopback),
        arena_test(a_server_on_loopback_alone_has_no_other_networks),
        arena_test(what_is_known_of_a_list_decides_before_the_machine_is_asked),
        arena_test(own_addresses_are_those_that_postfix_listens_on),
        arena_test(own_addresses_of_an_unknown_machine_are_asked_of_the_world),
        arena_test(a_file_stands_for_the_items_in_it),
        arena_test(an_indented_line_of_a_file_counts_by_the_release),
        arena_test(a_file_outside_the_directory_is_asked_of_the_world),
        arena_test(networks_hold_addresses_and_smaller_networks),
        arena_test(loopback_is_in_the_default_networks_where_postfix_listens_on_it),
        arena_test(files_inside_each_other_have_a_bound_that_speaks),
        arena_test(the_items_of_a_list_have_a_bound_that_speaks),
        arena_test(a_long_list_answers_as_a_short_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
