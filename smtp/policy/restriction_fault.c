#include "smtp/policy/restriction_fault.h"

#include "parser/text/token.h"
#include "smtp/policy/restriction_walk.h"

/* the search through all lists */
struct fault_search {
    struct arena *arena;
    const struct restriction_lists *lists; /* of the service that is looked at */
    void (*seen)(void *context, const struct restriction_fault *fault);
    void *context;
    struct map places; /* that were reported */
    struct map tables; /* whose results were looked at */
};

/* a list, and where it stands */
struct fault_list {
    const struct restriction_list *list;
    enum restriction_place place;
    bool takes_tables;              /* a table alone means the list's own check_*_access */
    enum restriction_subject known; /* the last that the client has said when it is evaluated */
    struct span span;               /* of a result: where it is written */
};

static void report(struct fault_search *search, const struct fault_list *in,
                   const struct restriction_item *item, struct restriction_fault fault)
{
    fault.place = in->place;
    fault.service = search->lists->service->service;
    fault.list = str_of(in->list->parameter);
    fault.span = in->place == RESTRICTION_IN_RESULT ? in->span : item->span;
    fault.word = fault.word.at != NULL ? fault.word : item->text;
    if (fault.advice.at == NULL)
        fault.advice = str_of("");
    struct str key =
        fault.span.source != NULL
            ? arena_printf(search->arena, "%p %zu", (const void *)fault.span.source, fault.span.at)
            : arena_printf(search->arena, "%.*s %.*s", STR_ARG(fault.list), STR_ARG(fault.word));
    if (map_get(&search->places, key) != NULL)
        return;
    map_put(&search->places, key, search);
    search->seen(search->context, &fault);
}

static void check_items(struct fault_search *search, const struct fault_list *in);

/* --- the results of access tables ----------------------------------------------------- */

/* an entry of a table */
struct fault_entry {
    struct str table;
    const struct table_entry *entry;
    struct fault_list in;
};

static void report_result(struct fault_search *search, const struct fault_entry *entry,
                          struct restriction_fault fault)
{
    const struct restriction_item none = {.text = entry->entry->value};

    report(search, &entry->in, &none, fault);
}

/* is_header - "Name: text" of PREPEND */
static bool is_header(struct str text)
{
    size_t colon = str_find(text, ':', 0), space = str_span_not(text, 0, " \t");

    return colon > 0 && colon < text.len && colon <= space;
}

/* check_action - does what follows an action of access(5) have the form that it needs? */
static void check_action(struct fault_search *search, const struct fault_entry *entry,
                         const char *action, struct str text)
{
    struct str name = str_of(action);
    const char *what = NULL, *advice = "";

    if (str_is(name, "FILTER") && str_find(text, ':', 0) == text.len) {
        what = "has no transport:destination after FILTER";
        advice = "write FILTER transport:destination";
    } else if ((str_is(name, "REDIRECT") || str_is(name, "BCC")) &&
               str_find(text, '@', 0) == text.len) {
        what = "has no address with a domain";
        advice = "write user@domain after the action";
    } else if (str_is(name, "PREPEND") && !is_header(text)) {
        what = "has no header after PREPEND";
        advice = "write PREPEND Name: text";
    }
    if (what != NULL)
        report_result(search, entry,
                      (struct restriction_fault){.effect = RESTRICTION_IS_SKIPPED,
                                                 .what = what,
                                                 .advice = str_of(advice)});
}

/* check_code - a word of digits; false: the word is something else */
static bool check_code(struct fault_search *search, const struct fault_entry *entry,
                       struct str word, struct str text)
{
    bool rejects = word.len == 3 && (word.at[0] == '4' || word.at[0] == '5');

    if (!str_is_digits(word) || (text.len == 0 && !rejects))
        return str_is_digits(word); /* numbers alone permit, whatever they are */
    if (rejects && text.len > 0)
        return true;
    struct restriction_fault fault = {.effect = RESTRICTION_REFUSES, .word = word};
    fault.what = "is not a reply code with which smtpd rejects";
    fault.advice = str_of("write three digits, of which the first is 4 or 5, and a text");
    if (rejects) {
        fault.effect = RESTRICTION_IS_TAKEN;
        fault.what = "has no text after it, and permits like OK";
        fault.advice = str_of("write a text after it, or REJECT");
    }
    report_result(search, entry, fault);
    return true;
}

static void check_result(struct fault_search *search, struct fault_entry *entry)
{
    struct str value = entry->entry->value;
    size_t end = str_span_not(value, 0, " \t");
    struct str word = str_slice(value, 0, end), text = str_trim(str_slice(value, end, value.len));
    const char *action = restriction_action(search->lists, word);

    if (value.len == 0 || str_find(word, '$', 0) < word.len)
        return; /* the tables' own rule reports the one; the other depends on the key */
    if (action != NULL) {
        check_action(search, entry, action, text);
        return;
    }
    if (str_is_nocase(word, "OK") || str_is_nocase(word, "RELAY") ||
        str_is_nocase(word, "HANGUP") || check_code(search, entry, word, text))
        return;
    if (str_find(value, ':', 0) < value.len) {
        report_result(search, entry,
                      (struct restriction_fault){
                          .effect = RESTRICTION_REFUSES,
                          .what = "is not an action, and restrictions in a result may not have "
                                  "tables",
                          .advice = str_of("begin it with an action of access(5), or with the "
                                           "name of a restriction class")});
        return;
    }
    struct restriction_list list =
        restriction_list_of_result(search->lists, search->arena, entry->in.list->parameter, value);
    entry->in.list = &list;
    check_items(search, &entry->in);
}

/* check_table - the results of a table that can be read here */
static void check_table(struct fault_search *search, const struct fault_list *in,
                        const struct restriction_item *item)
{
    const struct table_entry *entries;
    const struct table *table = item->table != NULL ? item->table : item->map_search;

    if (in->place == RESTRICTION_IN_RESULT || table == NULL ||
        map_get(&search->tables, table->text) != NULL)
        return;
    map_put(&search->tables, table->text, search);
    size_t count = table_entries(table, &entries);
    for (size_t i = 0; i < count; i++) {
        struct span span = entries[i].span.source != NULL ? entries[i].span : item->span;
        struct fault_entry entry = {
            table->text,
            &entries[i],
            {in->list, RESTRICTION_IN_RESULT, in->takes_tables, in->known, span}};
        check_result(search, &entry);
    }
}

/* --- one restriction ------------------------------------------------------------------ */

static bool is_known(const struct restriction_item *item)
{
    return item->builtin != NULL || item->class != NULL || item->has_colon || item->warns;
}

/* advise_argument - what to write after a restriction */
static struct str advise_argument(struct fault_search *search, const struct restriction_item *item,
                                  const struct restriction_item *argument)
{
    const struct config *config = search->lists->service->policy->config;

    switch (item->argument) {
    case RESTRICTION_TABLE:
    case RESTRICTION_CONTAINER:
        if (argument == NULL || argument->text.at[0] != '/')
            return arena_printf(search->arena, "write %.*s type:name", STR_ARG(item->text));
        return arena_printf(search->arena, "write %.*s %.*s:%.*s", STR_ARG(item->text),
                            STR_ARG(config->platform->default_database_type),
                            STR_ARG(argument->text));
    case RESTRICTION_SERVICE:
        return arena_printf(search->arena, "write %.*s inet:host:port", STR_ARG(item->text));
    case RESTRICTION_DOMAIN:
        return arena_printf(search->arena, "write %.*s and the domain of the list, or remove it",
                            STR_ARG(item->text));
    case RESTRICTION_NUMBER:
        return arena_printf(search->arena, "write %.*s and a number of seconds",
                            STR_ARG(item->text));
    case RESTRICTION_NO_ARGUMENT:
        break;
    }
    return str_of("");
}

/* check_domain - the domain of a DNS list */
static void check_domain(struct fault_search *search, const struct fault_list *in,
                         const struct restriction_item *item,
                         const struct restriction_item *argument)
{
    const char *pattern = restriction_pattern_fault(argument->text);

    if (is_known(argument) && !argument->has_colon)
        report(search, in, argument,
               (struct restriction_fault){
                   .effect = RESTRICTION_IS_TAKEN,
                   .what = arena_cstr(search->arena,
                                      arena_printf(search->arena,
                                                   "is taken as the domain that %.*s asks",
                                                   STR_ARG(item->text))),
                   .advice = advise_argument(search, item, argument)});
    if (pattern != NULL)
        report(
            search, in, argument,
            (struct restriction_fault){
                .effect = RESTRICTION_EXITS,
                .what = arena_cstr(search->arena,
                                   arena_printf(search->arena, "has a pattern that %s", pattern)),
                .advice = str_of("write it as in 127.0.0.[2..11]")});
}

static void check_builtin(struct fault_search *search, const struct fault_list *in,
                          const struct restriction_item *item,
                          const struct restriction_item *argument)
{
    const char *needs = restriction_needs(item->argument, argument);
    bool usable = needs == NULL && argument != NULL;

    if (usable && item->argument == RESTRICTION_DOMAIN)
        check_domain(search, in, item, argument);
    if (usable && (item->argument == RESTRICTION_TABLE || item->argument == RESTRICTION_CONTAINER))
        check_table(search, in, argument);
    if (needs == NULL ||
        (item->argument == RESTRICTION_SERVICE && in->place == RESTRICTION_IN_LIST))
        return;
    report(search, in, item,
           (struct restriction_fault){
               .effect = item->argument == RESTRICTION_DOMAIN ? RESTRICTION_IS_SKIPPED
                                                              : RESTRICTION_REFUSES,
               .what = arena_cstr(search->arena,
                                  arena_printf(search->arena, "must be followed by %s", needs)),
               .advice = advise_argument(search, item, argument)});
}

/* is_declared - as a class whose value is not known */
static bool is_declared(const struct fault_search *search, struct str name)
{
    struct str classes = policy_str(search->lists->service, PARAM_SMTPD_RESTRICTION_CLASSES);
    struct str class;

    while (classes.at != NULL && token_next_plain(&classes, TOKEN_COMMAS, &class))
        if (str_eq(class, name))
            return true;
    return false;
}

/* check_unknown - a word that is neither a restriction nor a class */
static void check_unknown(struct fault_search *search, const struct fault_list *in,
                          const struct restriction_item *item)
{
    const struct policy_service *service = search->lists->service;
    const struct restriction *fact = facts_restriction(item->text);
    struct restriction_fault fault = {.effect = RESTRICTION_REFUSES, .is_name = true};
    struct str text = item->text;
    char last = text.at[text.len - 1];

    if (is_declared(search, text))
        return;
    fault.what = in->place == RESTRICTION_IN_RESULT ? "is neither an action nor a restriction"
                                                    : "is not a restriction";
    if (fact != NULL) {
        fault.what = "is a restriction of a later release";
        fault.advice = str_of("remove it, or move to that release");
        fault.is_name = false;
    } else if (last == ';' || last == '"' || last == '\'' || text.at[0] == '"' ||
               text.at[0] == '\'') {
        fault.advice = last == ';' ? str_of("separate restrictions by commas or white space")
                                   : str_of("remove the quotes");
        fault.is_name = false;
    } else if (policy_user_str(service, text).len > 0 && facts_parameter(text) == NULL) {
        fault.advice =
            arena_printf(search->arena, "add %.*s to smtpd_restriction_classes", STR_ARG(text));
        fault.is_name = false;
    }
    report(search, in, item, fault);
}

/* check_named - an item that is not a built-in restriction */
static void check_named(struct fault_search *search, const struct fault_list *in,
                        const struct restriction_item *item)
{
    if (item->loops)
        report(search, in, item,
               (struct restriction_fault){.effect = RESTRICTION_EXITS,
                                          .what = "leads back to the class that it is in",
                                          .advice = str_of("remove it from the class")});
    else if (item->has_colon && !in->takes_tables)
        report(search, in, item,
               (struct restriction_fault){
                   .effect = RESTRICTION_REFUSES,
                   .what = "is a table without a restriction such as check_client_access before it",
                   .advice = str_of("write the restriction that uses the table before it")});
    else if (item->has_colon)
        check_table(search, in, item);
    else if (item->class == NULL)
        check_unknown(search, in, item);
}

/* is_deciding - does smtpd always decide there, and so never come to the next item? */
static bool is_deciding(const struct restriction_list *list, size_t at)
{
    struct str text = list->items[at].text;

    return str_is_nocase(text, "permit") ||
           ((str_is_nocase(text, "reject") || str_is_nocase(text, "defer")) &&
            (at == 0 || !list->items[at - 1].warns));
}

/* report_unreached - the item after one with which smtpd always decides */
static void report_unreached(struct fault_search *search, const struct fault_list *in, size_t at)
{
    const struct restriction_item *item = &in->list->items[at];
    struct restriction_fault fault = {.effect = RESTRICTION_IS_UNREACHED,
                                      .is_name = !is_known(item)};
    const char *format = fault.is_name
                             ? "is not a restriction, and \"%.*s\" before it takes no text"
                             : "has no effect after \"%.*s\"";

    fault.what = arena_cstr(
        search->arena, arena_printf(search->arena, format, STR_ARG(in->list->items[at - 1].text)));
    fault.advice = str_of("remove it, or move it to an earlier place");
    report(search, in, item, fault);
}

/* check_login - every sender is rejected where no table says whose it is */
static void check_login(struct fault_search *search, const struct fault_list *in,
                        const struct restriction_item *item)
{
    const struct policy_service *service = search->lists->service;
    struct str tables = policy_str(service, PARAM_SMTPD_SENDER_LOGIN_MAPS);

    if (!search->lists->sasl_enabled || tables.at == NULL || str_trim(tables).len > 0 ||
        item->span.source == NULL ||
        (!str_is_nocase(item->text, "reject_sender_login_mismatch") &&
         !str_is_nocase(item->text, "reject_authenticated_sender_login_mismatch")))
        return;
    report(search, in, item,
           (struct restriction_fault){
               .effect = RESTRICTION_IS_TAKEN,
               .what = "rejects all mail of users who log in, because smtpd_sender_login_maps is "
                       "empty",
               .advice = str_of("set smtpd_sender_login_maps, or remove the restriction")});
}

/* check_subject - with smtpd_delay_reject = no, the first lists come before the recipient is known
 */
static void check_subject(struct fault_search *search, const struct fault_list *in,
                          const struct restriction_item *item)
{
    static const char *const whats[] = {
        [ABOUT_CLIENT] = "",
        [ABOUT_HELO] = "has no effect, because the client has not said EHLO yet",
        [ABOUT_SENDER] = "has no effect, because the client has not named the sender yet",
        [ABOUT_RECIPIENT] = "has no effect, because the client has not named a recipient yet",
    };
    const struct restriction *fact = facts_restriction(item->text);

    if (fact == NULL || fact->subject <= in->known)
        return;
    report(
        search, in, item,
        (struct restriction_fault){
            .effect = RESTRICTION_IS_TAKEN,
            .what = whats[fact->subject],
            .advice = search->lists->delay_reject
                          ? str_of("remove it")
                          : str_of("move it to a later list, or remove smtpd_delay_reject = no")});
}

static void check_items(struct fault_search *search, const struct fault_list *in)
{
    const struct restriction_list *list = in->list;

    for (size_t i = 0; i < list->count; i++) {
        const struct restriction_item *item = &list->items[i], *argument = NULL;
        size_t at = i;
        if (item->text.at[0] == '#')
            return; /* the rule comment-after-value */
        check_login(search, in, item);
        if (item->warns && i + 1 == list->count)
            report(search, in, item,
                   (struct restriction_fault){.effect = RESTRICTION_IS_TAKEN,
                                              .what = "has no effect at the end of a list",
                                              .advice = str_of("write a restriction after it")});
        if (item->warns)
            continue;
        if (item->builtin == NULL) {
            check_named(search, in, item);
            continue;
        }
        if (item->argument != RESTRICTION_NO_ARGUMENT && i + 1 < list->count)
            argument = &list->items[++i];
        check_subject(search, in, item);
        check_builtin(search, in, item, argument);
        if (is_deciding(list, at)) {
            if (at + 1 < list->count)
                report_unreached(search, in, at + 1);
            return;
        }
    }
}

/* --- the lists of a service ----------------------------------------------------------- */

/* check_rewrite_clients - local_header_rewrite_clients has a few restrictions of its own */
static void check_rewrite_clients(struct fault_search *search)
{
    static const char *const words[] = {"permit_inet_interfaces",     "permit_mynetworks",
                                        "check_address_map",          "permit_sasl_authenticated",
                                        "permit_tls_all_clientcerts", "permit_tls_clientcerts"};
    const struct fault_list in = {
        &search->lists->rewrite_clients, RESTRICTION_IN_CLASS, true, ABOUT_RECIPIENT, {0}};

    for (size_t i = 0; i < in.list->count; i++) {
        const struct restriction_item *item = &in.list->items[i];
        bool known = item->has_colon;
        for (size_t k = 0; k < sizeof words / sizeof *words && !known; k++)
            known = str_is_nocase(item->text, words[k]);
        if (!known)
            report(search, &in, item,
                   (struct restriction_fault){.effect = RESTRICTION_IS_SKIPPED,
                                              .what = "is not what this list may have",
                                              .is_name = true});
    }
}

static void check_service(struct fault_search *search)
{
    const struct restriction_lists *lists = search->lists;
    const bool late = lists->delay_reject; /* at RCPT, with all that is known there */
    const struct fault_list all[] = {
        {&lists->client, RESTRICTION_IN_LIST, true, late ? ABOUT_RECIPIENT : ABOUT_CLIENT, {0}},
        {&lists->helo, RESTRICTION_IN_LIST, true, late ? ABOUT_RECIPIENT : ABOUT_HELO, {0}},
        {&lists->sender, RESTRICTION_IN_LIST, true, late ? ABOUT_RECIPIENT : ABOUT_SENDER, {0}},
        {&lists->relay, RESTRICTION_IN_LIST, true, ABOUT_RECIPIENT, {0}},
        {&lists->recipient, RESTRICTION_IN_LIST, true, ABOUT_RECIPIENT, {0}},
        {&lists->data, RESTRICTION_IN_LIST, false, ABOUT_RECIPIENT, {0}},
        {&lists->end_of_data, RESTRICTION_IN_LIST, false, ABOUT_RECIPIENT, {0}},
        {&lists->etrn, RESTRICTION_IN_CLASS, true, ABOUT_HELO, {0}},
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        check_items(search, &all[i]);
    for (size_t i = 0; i < lists->classes.capacity; i++) {
        const struct restriction_list *class = lists->classes.slots[i].value;
        const struct fault_list in = {class, RESTRICTION_IN_CLASS, true, ABOUT_RECIPIENT, {0}};
        if (class != NULL)
            check_items(search, &in);
    }
    check_rewrite_clients(search);
}

void restriction_faults(const struct policy *policy,
                        void (*seen)(void *context, const struct restriction_fault *fault),
                        void *context)
{
    struct fault_search search = {.arena = policy->arena, .seen = seen, .context = context};

    map_init(&search.places, policy->arena);
    map_init(&search.tables, policy->arena);
    for (size_t i = 0; i < policy->count; i++) {
        search.lists = restriction_lists_for(&policy->services[i]);
        check_service(&search);
    }
}
