/*
 * restriction_list - parses the lists of a service, as smtpd does when it starts
 * (smtpd_check_init())
 */
#include "parser/text/token.h"
#include "smtp/policy/restriction_walk.h"

/* of the values that are searched for the place of a word; otherwise it is the whole value */
enum { REFERENCE_DEPTH_MAX = 4 };

static const char separators[] = ", \t\r\n";

/* next_word - the next word of a list; text in braces is part of the word, even after other text */
static bool next_word(struct str *rest, struct str *word)
{
    size_t start = str_span(*rest, 0, separators), at = start;
    int level = 0;

    for (; at < rest->len; at++) {
        char c = rest->at[at];
        if (c == '{')
            level++;
        else if (c == '}' && level > 0)
            level--;
        else if (level == 0 && str_find(str_of(separators), c, 0) < sizeof separators - 1)
            break;
    }
    *word = str_slice(*rest, start, at);
    *rest = str_slice(*rest, at, rest->len);
    return word->len > 0;
}

/* --- where a word is written --------------------------------------------------------- */

/* a parameter in whose value the words of a list are searched, and how far its references were */
struct list_search {
    const struct policy_service *service;
    struct map *spans; /* a word to its struct span: the first place */
    struct map *names; /* a name that was searched to its struct searched_name */
    int depth;
};

struct searched_name {
    int depth;
};

static void note_places(struct list_search *search, struct str name);

static void search_reference(void *context, struct str name, struct str reference)
{
    struct list_search below = *(struct list_search *)context;

    (void)reference;
    below.depth--;
    note_places(&below, name);
}

/* was_searched - was NAME searched as deeply before?  It is noted */
static bool was_searched(struct list_search *search, struct str name)
{
    struct searched_name *searched = map_get(search->names, name);

    if (searched != NULL && searched->depth >= search->depth)
        return true;
    if (searched == NULL) {
        searched = arena_alloc_raw(search->names->arena, sizeof *searched);
        map_put(search->names, name, searched);
    }
    searched->depth = search->depth;
    return false;
}

/* note_places - of the words in the value of NAME, then in parameters that the value refers to */
static void note_places(struct list_search *search, struct str name)
{
    const struct policy_service *service = search->service;
    const struct config *config = service->policy->config;
    struct arena *arena = service->policy->arena;
    struct setting setting = config_find_named(config, service->service, name);
    struct str rest = setting.value, word;

    if (setting.line == NULL || search->depth == 0 || was_searched(search, name))
        return;
    while (next_word(&rest, &word)) {
        if (map_get(search->spans, word) != NULL)
            continue;
        struct span *span = arena_alloc_raw(arena, sizeof *span);
        *span = line_span(setting.line, word);
        map_put(search->spans, word, span);
    }
    expand_scan(config->release, arena, setting.value, search_reference, search, NULL);
}

/* where the words of a list are written: VALUE is the expanded value of a parameter */
struct places {
    struct setting setting;
    struct str value;
    bool as_written; /* the expansion changed nothing */
    struct map spans;
};

static void find_places(struct places *places, const struct policy_service *service,
                        struct str name, struct str value)
{
    struct arena *arena = service->policy->arena;
    struct map names;
    struct list_search search = {service, &places->spans, &names, REFERENCE_DEPTH_MAX};

    *places = (struct places){
        .setting = config_find_named(service->policy->config, service->service, name),
        .value = value};
    places->as_written = places->setting.line != NULL && str_eq(places->setting.value, value);
    map_init(&places->spans, arena);
    map_init(&names, arena);
    if (!places->as_written)
        note_places(&search, name);
}

/* find_span - where WORD, which is part of the value, is written */
static struct span find_span(const struct places *places, struct str word)
{
    const struct setting *setting = &places->setting;
    size_t at = (size_t)(word.at - places->value.at);

    if (places->as_written)
        return line_span(setting->line, str_slice(setting->value, at, at + word.len));
    const struct span *span = map_get(&places->spans, word);
    if (span != NULL)
        return *span;
    if (setting->line != NULL && setting->value.at != NULL)
        return line_span(setting->line, setting->value);
    return SPAN_NONE;
}

/* --- items --------------------------------------------------------------------------- */

static enum certificate_key find_key(struct str name)
{
    if (str_is_nocase(name, "cert_fingerprint"))
        return KEY_CERTIFICATE;
    if (str_is_nocase(name, "pubkey_fingerprint"))
        return KEY_PUBLIC_KEY;
    return str_is_nocase(name, "issuer_cn") || str_is_nocase(name, "subject_cn") ? KEY_OTHER
                                                                                 : KEY_NONE;
}

/* read_search_order - "search_order = name, ..." or the same in braces; false: invalid */
static bool read_search_order(struct restriction_item *item, struct str attribute)
{
    struct str name, value, atom;
    size_t count = 0;

    if (attribute.at[0] == '{' && token_unbrace(attribute, true, &attribute) != NULL)
        return false;
    if (split_name_value(attribute, &name, &value) != NULL || !str_is_nocase(name, "search_order"))
        return false;
    item->search[0] = KEY_NONE;
    while (token_next_plain(&value, TOKEN_COMMAS, &atom)) {
        enum certificate_key key = find_key(atom);
        if (key == KEY_NONE)
            return false;
        if (count + 1 < sizeof item->search / sizeof *item->search)
            item->search[count++] = key;
        item->search[count] = KEY_NONE;
    }
    return true;
}

/* read_map_search - map_search(3): "type:name" or "{type:name attribute}" */
static void read_map_search(struct restriction_item *item, struct tables *tables)
{
    struct str inside, type_name, attribute;

    item->search[0] = KEY_CERTIFICATE;
    item->search[1] = KEY_PUBLIC_KEY;
    if (item->text.at[0] != '{') {
        item->table = item->map_search = table_open(tables, item->text, TABLE_FOLD);
        return;
    }
    if (token_unbrace(item->text, true, &inside) != NULL ||
        !token_next(&inside, TOKEN_COMMAS, &type_name) ||
        str_find(type_name, ':', 0) == type_name.len)
        return;
    while (token_next(&inside, TOKEN_COMMAS, &attribute))
        if (!read_search_order(item, attribute))
            return;
    item->map_search = table_open(tables, type_name, TABLE_FOLD);
}

static const struct restriction_builtin *find_builtin(const struct restriction_lists *lists,
                                                      struct str name)
{
    for (size_t i = 0; lists->builtins[i] != NULL; i++)
        for (const struct restriction_builtin *builtin = lists->builtins[i]; builtin->name != NULL;
             builtin++)
            if (str_is_nocase(name, builtin->name))
                return builtin;
    return NULL;
}

/* set_builtin - if the item is a restriction that the release has */
static void set_builtin(const struct restriction_lists *lists, struct restriction_item *item)
{
    const struct restriction *fact = facts_restriction(item->text);

    if (fact == NULL || fact->first > lists->service->policy->config->release->index)
        return;
    item->builtin = find_builtin(lists, item->text);
    item->argument = fact->argument;
}

static void add_word(const struct restriction_lists *lists, struct arena *arena,
                     struct restriction_list *list, size_t *capacity, struct str text)
{
    list->items = arena_grow(arena, list->items, list->count, capacity, sizeof *list->items);
    struct restriction_item *item = &list->items[list->count++];
    *item = (struct restriction_item){.text = text};
    item->has_colon = str_find(text, ':', 0) < text.len;
    if (!item->has_colon)
        set_builtin(lists, item);
    item->warns = str_is_nocase(text, "warn_if_reject");
}

/* parse_list - NAME is the parameter that holds VALUE */
static struct restriction_list parse_list(const struct restriction_lists *lists, const char *name,
                                          struct str value)
{
    const struct policy_service *service = lists->service;
    struct restriction_list list = {.parameter = name};
    struct str rest = value, text;
    size_t capacity = 0;
    struct places places;

    find_places(&places, service, str_of(name), value);
    while (next_word(&rest, &text)) {
        add_word(lists, service->policy->arena, &list, &capacity, text);
        struct restriction_item *item = &list.items[list.count - 1];
        bool is_service = list.count > 1 && str_is_nocase(item[-1].text, "check_policy_service");
        if (!is_service && (item->has_colon || text.at[0] == '{'))
            read_map_search(item, service->policy->tables);
        item->span = find_span(&places, text);
    }
    return list;
}

static struct restriction_list parse_parameter(const struct restriction_lists *lists,
                                               enum parameter_number name)
{
    return parse_list(lists, parameter_name(name).at, policy_str(lists->service, name));
}

struct restriction_list restriction_list_of_result(const struct restriction_lists *lists,
                                                   struct arena *arena, const char *parameter,
                                                   struct str value)
{
    struct restriction_list list = {.parameter = parameter};
    struct str rest = value, text;
    size_t capacity = 0;

    while (next_word(&rest, &text)) {
        add_word(lists, arena, &list, &capacity, text);
        struct restriction_item *item = &list.items[list.count - 1];
        if (item->builtin == NULL)
            item->class = map_get(&lists->classes, text);
    }
    return list;
}

/* --- classes ------------------------------------------------------------------------- */

static void find_classes(struct restriction_lists *lists, struct restriction_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].builtin == NULL && !list->items[i].has_colon)
            list->items[i].class = map_get(&lists->classes, list->items[i].text);
}

static void add_class(struct restriction_lists *lists, struct str name, struct str value)
{
    struct arena *arena = lists->service->policy->arena;
    struct restriction_list *class = arena_alloc(arena, sizeof *class);

    *class = parse_list(lists, arena_cstr(arena, name), value);
    map_put(&lists->classes, name, class);
}

static void read_classes(struct restriction_lists *lists)
{
    const struct policy_service *service = lists->service;
    struct arena *arena = service->policy->arena;
    struct str rest = policy_str(service, PARAM_SMTPD_RESTRICTION_CLASSES), name;

    map_init(&lists->classes, arena);
    while (rest.at != NULL && token_next_plain(&rest, TOKEN_COMMAS, &name)) {
        struct str value = policy_user_str(service, name);
        if (value.at == NULL || str_trim(value).len == 0) {
            lists->start_error =
                arena_printf(arena, "restriction class `%.*s' needs a definition", STR_ARG(name));
            continue;
        }
        add_class(lists, name, arena_copy(arena, value));
    }
    add_class(lists, str_of("reject_sender_login_mismatch"),
              str_of("reject_authenticated_sender_login_mismatch "
                     "reject_unauthenticated_sender_login_mismatch"));
    for (size_t i = 0; i < lists->classes.capacity; i++)
        if (lists->classes.slots[i].value != NULL)
            find_classes(lists, lists->classes.slots[i].value);
    restriction_mark_loops(lists);
}

/* --- what smtpd checks when it starts ------------------------------------------------ */

/* a list that is searched, and the item to go on with */
struct required_frame {
    struct restriction_list *list;
    size_t next;
};

/* the search, with the lists that it goes through; not recursive, as classes may be nested deeply
 */
struct required_search {
    const struct restriction_lists *lists;
    struct required_frame *frames;
    size_t count, capacity;
};

static void enter_list(struct required_search *search, struct restriction_list *list)
{
    search->frames = arena_grow(search->lists->service->policy->arena, search->frames,
                                search->count, &search->capacity, sizeof *search->frames);
    search->frames[search->count++] = (struct required_frame){list, 0};
    list->required = REQUIRED_IN_SEARCH;
}

static bool is_required(struct str text)
{
    static const char *const required[] = {
        "reject_unauth_destination", "defer_unauth_destination", "reject", "defer",
        "defer_if_permit",           "check_relay_domains",
    };

    for (size_t i = 0; i < sizeof required / sizeof *required; i++)
        if (str_is_nocase(text, required[i]))
            return true;
    return false;
}

/* search_items - until the list is decided, or *CLASS must be searched first */
static enum required search_items(const struct restriction_lists *lists,
                                  struct required_frame *frame, struct restriction_list **class)
{
    const struct restriction_list *list = frame->list;

    for (; frame->next < list->count; frame->next++) {
        struct str text = list->items[frame->next].text;
        if (str_is_nocase(text, "warn_if_reject") && frame->next + 1 < list->count) {
            frame->next++;
            continue;
        }
        if (str_is_nocase(text, "permit"))
            return REQUIRED_MISSING;
        if (is_required(text))
            return REQUIRED_PRESENT;
        *class = map_get(&lists->classes, text);
        if (*class != NULL && (*class)->required != REQUIRED_MISSING)
            return (*class)->required == REQUIRED_PRESENT ? REQUIRED_PRESENT : REQUIRED_IN_SEARCH;
    }
    return REQUIRED_MISSING;
}

/* has_required - does the list have one of the restrictions that smtpd requires?  *LOOP: a class
   contains itself */
static bool has_required(const struct restriction_lists *lists, struct restriction_list *list,
                         bool *loop)
{
    struct required_search search = {.lists = lists};

    enter_list(&search, list);
    while (search.count > 0) {
        struct required_frame *frame = &search.frames[search.count - 1];
        struct restriction_list *class;
        enum required result = search_items(lists, frame, &class);
        if (result == REQUIRED_IN_SEARCH && class->required == REQUIRED_IN_SEARCH) {
            *loop = true;
            return false;
        }
        if (result == REQUIRED_IN_SEARCH) {
            enter_list(&search, class);
            continue;
        }
        frame->list->required = result;
        search.count--;
    }
    return list->required == REQUIRED_PRESENT;
}

/* set_start_error - the fatal error with which smtpd would end when it starts */
static void set_start_error(struct restriction_lists *lists)
{
    const struct policy_service *service = lists->service;
    static const enum parameter_number actions[] = {
        PARAM_UNKNOWN_HELO_HOSTNAME_TEMPFAIL_ACTION,
        PARAM_UNKNOWN_ADDRESS_TEMPFAIL_ACTION,
        PARAM_UNVERIFIED_RECIPIENT_TEMPFAIL_ACTION,
        PARAM_UNVERIFIED_SENDER_TEMPFAIL_ACTION,
    };

    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        struct str value = policy_str(service, actions[i]);
        if (value.at != NULL && !str_is_nocase(value, "defer") &&
            !str_is_nocase(value, "defer_if_permit"))
            lists->start_error =
                arena_printf(service->policy->arena, "bad configuration: %.*s = %.*s",
                             STR_ARG(parameter_name(actions[i])), STR_ARG(value));
    }
    bool loop = false;
    bool stops = has_required(lists, &lists->recipient, &loop) ||
                 (!loop && has_required(lists, &lists->relay, &loop));
    if (loop)
        lists->start_error = str_of("a restriction class contains itself: smtpd runs out of stack");
    else if (!stops)
        lists->start_error =
            str_of("in parameter smtpd_relay_restrictions or "
                   "smtpd_recipient_restrictions, specify at least one working "
                   "instance of: reject_unauth_destination, defer_unauth_destination, "
                   "reject, defer, defer_if_permit or check_relay_domains");
}

static void read_flags(struct restriction_lists *lists)
{
    const struct policy_service *service = lists->service;
    const struct release *release = service->policy->config->release;
    struct str options = policy_str(service, PARAM_RECEIVE_OVERRIDE_OPTIONS), option;

    lists->delay_reject = policy_flag(service, PARAM_SMTPD_DELAY_REJECT);
    lists->soft_bounce = policy_flag(service, PARAM_SOFT_BOUNCE);
    lists->utf8 = policy_flag(service, PARAM_SMTPUTF8_ENABLE);
    lists->untrusted_routing = policy_flag(service, PARAM_ALLOW_UNTRUSTED_ROUTING);
    lists->reject_unlisted_recipient = policy_flag(service, PARAM_SMTPD_REJECT_UNLISTED_RECIPIENT);
    lists->reject_unlisted_sender = policy_flag(service, PARAM_SMTPD_REJECT_UNLISTED_SENDER);
    lists->has_proxy = policy_str(service, PARAM_SMTPD_PROXY_FILTER).len > 0;
    lists->sasl_enabled = policy_flag(service, PARAM_SMTPD_SASL_AUTH_ENABLE);
    lists->message_size_limit = policy_number(service, PARAM_MESSAGE_SIZE_LIMIT);
    lists->myorigin = policy_str(service, PARAM_MYORIGIN);
    if (policy_number(service, PARAM_ADDRESS_VERIFY_SENDER_TTL) <= 0)
        lists->verify_sender = policy_str(service, PARAM_ADDRESS_VERIFY_SENDER);
    lists->relay_first = policy_has(service, PARAM_SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS)
                             ? policy_flag(service, PARAM_SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS)
                             : release_has(release, FEATURE_RELAY_RESTRICTIONS_FIRST);
    while (options.at != NULL && token_next_plain(&options, TOKEN_COMMAS, &option))
        if (str_is_nocase(option, "no_unknown_recipient_checks"))
            lists->skip_unlisted = true;
}

static struct restriction_lists *read_lists(const struct policy_service *service,
                                            const struct restriction_builtin *const *builtins)
{
    struct restriction_lists *lists = arena_alloc(service->policy->arena, sizeof *lists);

    lists->service = service;
    lists->builtins = builtins;
    read_flags(lists);
    lists->client = parse_parameter(lists, PARAM_SMTPD_CLIENT_RESTRICTIONS);
    lists->helo = parse_parameter(lists, PARAM_SMTPD_HELO_RESTRICTIONS);
    lists->sender = parse_parameter(lists, PARAM_SMTPD_SENDER_RESTRICTIONS);
    lists->relay = parse_parameter(lists, PARAM_SMTPD_RELAY_RESTRICTIONS);
    lists->recipient = parse_parameter(lists, PARAM_SMTPD_RECIPIENT_RESTRICTIONS);
    lists->data = parse_parameter(lists, PARAM_SMTPD_DATA_RESTRICTIONS);
    lists->end_of_data = parse_parameter(lists, PARAM_SMTPD_END_OF_DATA_RESTRICTIONS);
    lists->etrn = parse_parameter(lists, PARAM_SMTPD_ETRN_RESTRICTIONS);
    lists->rewrite_clients = parse_parameter(lists, PARAM_LOCAL_HEADER_REWRITE_CLIENTS);
    read_classes(lists);
    struct restriction_list *all[] = {&lists->client,      &lists->helo,      &lists->sender,
                                      &lists->relay,       &lists->recipient, &lists->data,
                                      &lists->end_of_data, &lists->etrn};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        find_classes(lists, all[i]);
    set_start_error(lists);
    return lists;
}

const struct restriction_lists *
restriction_lists_of(const struct policy_service *service,
                     const struct restriction_builtin *const *builtins)
{
    if (service->restrictions == NULL)
        ((struct policy_service *)service)->restrictions = read_lists(service, builtins);
    return service->restrictions;
}

const struct restriction_builtin *restriction_find(const struct restriction_lists *lists,
                                                   const char *name)
{
    return find_builtin(lists, str_of(name));
}
