#include "smtp/address/match_list.h"

#include <string.h>

#include "parser/text/line.h"
#include "parser/text/token.h"

enum {
    LISTS_KEPT_MAX = 256, /* of one service; a configuration has a dozen */
    FILE_DEPTH_MAX = 8,   /* files of patterns may name files */
    ITEMS_MAX = 1000000,  /* a list that names a file twice, which does so too, has many */
    SHORT = 16,           /* a list that is searched without an index */
};

static const char address_characters[] = "0123456789.abcdefABCDEF:";

/* a list that is being parsed */
struct match_parse {
    struct state *state;
    const struct match_list *list;
    struct match_list *out;
    struct arena *arena;
    bool sure; /* the text has no "$name" */
};

static void parse_text(const struct match_parse *parse, struct str text, bool negated, int depth);

bool match_next(const struct release *release, struct str *rest, struct str *item)
{
    bool more = release_has(release, FEATURE_LIST_BRACES)
                    ? token_next(rest, TOKEN_COMMAS, item)
                    : token_next_plain(rest, TOKEN_COMMAS, item);

    return more && item->at[0] != '#';
}

struct str match_parameter(const struct policy_service *service, enum parameter_number name,
                           bool *sure)
{
    const struct policy *policy = service->policy;
    struct str value = policy_str(service, name);
    int flags = 0;

    if (sure != NULL)
        *sure = value.at != NULL;
    if (value.at != NULL)
        return value;
    value = config_value(policy->config, service->service, name, &flags, NULL);
    return (flags & EXPAND_FAILED) != 0 ? STR_NONE : value;
}

struct str match_lower(struct arena *arena, struct str text)
{
    size_t at = 0;

    while (at < text.len && !(text.at[at] >= 'A' && text.at[at] <= 'Z'))
        at++;
    if (at == text.len)
        return text;
    char *copy = arena_alloc_raw(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        copy[i] = (char)(text.at[i] >= 'A' && text.at[i] <= 'Z' ? text.at[i] + 32 : text.at[i]);
    copy[text.len] = '\0';
    return (struct str){copy, text.len};
}

/*
 * parse_network - Postfix reads a text as a network if it has a colon or a slash, and only
 * characters of addresses; other text is not an error (match_ops.c, match_hostaddr)
 */
static enum match_item_network parse_network(struct match_item *item)
{
    struct str text = item->text;

    if (str_span_not(text, 0, ":/") == text.len || str_span(text, 0, "0123456789.") == text.len)
        return NETWORK_NONE;
    for (size_t i = 0; i < text.len; i++)
        if (strchr("[]/", text.at[i]) == NULL && strchr(address_characters, text.at[i]) == NULL)
            return NETWORK_NONE;
    return network_read(text, &item->network) ? NETWORK_GOOD : NETWORK_BAD;
}

static struct match_item *add_item(const struct match_parse *parse, enum match_item_kind kind,
                                   bool negated, struct str text)
{
    struct match_list *list = parse->out;

    if (list->count > ITEMS_MAX)
        return &list->items[ITEMS_MAX];
    if (list->count == ITEMS_MAX) {
        kind = MATCH_ITEM_LIMIT;
        negated = false;
        text = arena_printf(parse->arena, "more than %d items of a list", ITEMS_MAX);
    }
    list->items = arena_grow_own(parse->arena, list->items, list->count, &list->capacity,
                                 sizeof *list->items);
    struct match_item *item = &list->items[list->count++];
    *item = (struct match_item){.kind = kind, .negated = negated, .text = text};
    return item;
}

/* parse_lines - single lines or logical lines, depending on the release */
static void parse_lines(const struct match_parse *parse, const struct source *source, bool negated,
                        int depth)
{
    const struct release *release = parse->state->service->policy->config->release;

    if (release_has(release, FEATURE_LIST_FILE_LOGICAL_LINES)) {
        struct line_reader reader = {.source = source};
        struct line line;
        while (line_next(&reader, parse->arena, &line))
            if (!line.stray)
                parse_text(parse, line.text, negated, depth);
        return;
    }
    for (size_t at = 0; at < source->bytes.len;) {
        size_t end = str_find(source->bytes, '\n', at);
        struct str line = str_slice(source->bytes, at, end);
        line = str_slice(line, 0, str_find(line, '\0', 0));
        if (!str_starts(line, "#"))
            parse_text(parse, line, negated, depth);
        at = end + 1;
    }
}

static void parse_file(const struct match_parse *parse, struct str path, bool negated, int depth)
{
    const struct config *config = parse->state->service->policy->config;
    struct str file;

    if (!config_owns_file(config, path, &file)) {
        add_item(parse, MATCH_ITEM_FILE, negated, path);
        return;
    }
    if (depth == FILE_DEPTH_MAX) {
        add_item(
            parse, MATCH_ITEM_LIMIT, false,
            arena_printf(parse->arena, "more than %d files inside each other", FILE_DEPTH_MAX));
        return;
    }
    const struct source *source = config_read(config, parse->arena, file);
    if (source == NULL)
        add_item(parse, MATCH_ITEM_BROKEN, negated, path);
    else
        parse_lines(parse, source, negated, depth + 1);
}

static void parse_text(const struct match_parse *parse, struct str text, bool negated, int depth)
{
    const struct policy *policy = parse->state->service->policy;
    struct str word;

    while (match_next(policy->config->release, &text, &word)) {
        bool not_it = negated;
        for (; word.len > 0 && word.at[0] == '!'; word = str_slice(word, 1, word.len))
            not_it = !not_it;
        if (word.len == 0) {
            add_item(parse, MATCH_ITEM_BROKEN, not_it, word);
        } else if (!parse->sure && str_find(word, '$', 0) < word.len) {
            add_item(parse, MATCH_ITEM_UNKNOWN, not_it, word)->stand_in =
                match_lower(parse->arena, match_stand_in(parse->arena, word));
        } else if (word.at[0] == '/') {
            parse_file(parse, arena_copy(parse->arena, word), not_it, depth);
        } else if (word.at[0] != '[' && str_find(word, ':', 0) < word.len) {
            word = arena_copy(parse->arena, word);
            add_item(parse, MATCH_ITEM_TABLE, not_it, word)->table =
                table_open(policy->tables, word, TABLE_FOLD);
        } else {
            struct match_item *item =
                add_item(parse, MATCH_ITEM_TEXT, not_it, match_lower(parse->arena, word));
            item->network_state = parse_network(item);
        }
    }
}

static void put_first(struct map *map, struct str name, struct match_item *item)
{
    if (map_get(map, name) == NULL)
        map_put(map, name, item);
}

static void put_keys(struct match_index *index, struct arena *arena, struct match_item *item)
{
    const struct table_entry *entries;
    size_t count = table_entries(item->table, &entries);

    for (size_t i = 0; i < count; i++)
        put_first(&index->keys, match_lower(arena, entries[i].key), item);
}

/* index_list - the items are complete, and stay where they are */
static void index_list(struct match_list *list, struct arena *arena)
{
    struct match_index *index;

    if (list->count <= SHORT)
        return;
    index = arena_alloc(arena, sizeof *index);
    map_init(&index->texts, arena);
    map_init(&index->keys, arena);
    index->others = arena_alloc_raw(arena, list->count * sizeof *index->others);
    for (size_t i = 0; i < list->count; i++) {
        struct match_item *item = &list->items[i];
        if (item->kind == MATCH_ITEM_TEXT)
            put_first(&index->texts, item->text, item);
        else if (item->kind == MATCH_ITEM_TABLE && table_has_keys_alone(item->table))
            put_keys(index, arena, item);
        else
            index->others[index->other_count++] = item;
    }
    list->index = index;
}

static void parse_list(struct state *state, struct arena *arena, struct match_list *list,
                       struct str text)
{
    struct match_parse parse = {
        .state = state, .out = list, .arena = arena, .sure = text.at != NULL};

    if (text.at == NULL && list->parameter != PARAM_NONE)
        text = match_parameter(state->service, list->parameter, &parse.sure);
    /* the default is "$mynetworks" itself */
    list->undefined = text.at == NULL || (!parse.sure && str_is(text, "$mynetworks"));
    parse_text(&parse, text, false, 0);
    index_list(list, arena);
}

/* the lists of a service */
struct lists {
    struct match_list **items;
    size_t count, capacity;
    struct map *users;
};

static struct lists *lists_of(struct state *state)
{
    /* the service is const for its users, but caches its lists */
    struct policy_service *service = (struct policy_service *)state->service;

    if (service->lists == NULL)
        service->lists = arena_alloc(service->policy->arena, sizeof(struct lists));
    return service->lists;
}

const struct match_list *match_list_kept(struct state *state, struct str text,
                                         enum parameter_number parameter)
{
    const struct lists *lists = lists_of(state);

    for (size_t i = 0; i < lists->count; i++) {
        const struct match_list *list = lists->items[i];
        if ((list->text.at == text.at || (list->text.at != NULL && text.at != NULL)) &&
            str_eq(list->text, text) && list->parameter == parameter)
            return list;
    }
    return NULL;
}

const struct match_list *match_list_parse(struct state *state, struct str text,
                                          enum parameter_number parameter, bool parent)
{
    struct lists *lists = lists_of(state);
    bool keep = lists->count < LISTS_KEPT_MAX;
    struct arena *arena = keep ? state->service->policy->arena : state->arena;
    struct match_list *list = arena_alloc(arena, sizeof *list);

    if (keep && text.at != NULL)
        text = arena_copy(arena, text);
    *list = (struct match_list){.text = text, .parameter = parameter, .parent = parent};
    parse_list(state, arena, list, text);
    if (!keep)
        return list;
    lists->items = arena_grow(arena, lists->items, lists->count, &lists->capacity,
                              sizeof(struct match_list *));
    lists->items[lists->count++] = list;
    return list;
}

const struct match_list *match_list_read(struct state *state, enum parameter_number parameter)
{
    struct match_list *list = arena_alloc(state->arena, sizeof *list);

    list->parameter = parameter;
    list->text = policy_str(state->service, parameter);
    parse_list(state, state->arena, list, list->text);
    return list;
}

struct str match_stand_in(struct arena *arena, struct str text)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t at = 0; at < text.len;) {
        if (text.at[at] != '$') {
            buffer_add_char(&out, text.at[at++]);
            continue;
        }
        size_t end = at + 1;
        while (end < text.len && (is_alnum(text.at[end]) || text.at[end] == '_'))
            end++;
        buffer_add(&out, str_slice(text, at + 1, end));
        buffer_add_cstr(&out, ".invalid"); /* RFC 2606, section 2 */
        at = end;
    }
    return out.len == 0 ? text : buffer_str(&out);
}

const struct map *match_users(struct state *state)
{
    const struct policy *policy = state->service->policy;
    struct lists *lists = lists_of(state);

    if (lists->users != NULL || policy->config->host.users.at == NULL)
        return lists->users;
    const struct source *source = source_read(policy->arena, policy->config->host.users);
    if (source == NULL)
        return NULL;
    struct str rest = source->bytes;
    struct str name;
    lists->users = arena_alloc(policy->arena, sizeof *lists->users);
    map_init(lists->users, policy->arena);
    while (token_next_plain(&rest, TOKEN_BLANKS, &name))
        map_put(lists->users, name, lists->users);
    return lists->users;
}
