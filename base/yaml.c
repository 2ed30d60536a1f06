/*
 * yaml - a YAML text as a tree of values: see base/yaml.h
 *
 * A stack of fixed size holds the lists and mappings that are still open while
 * libyaml's events arrive: nothing here recurses on input.
 */
#include "base/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

/* a list or mapping that is still open */
struct frame {
    struct yaml_value value;
    struct yaml_value *items;
    size_t count, capacity;
};

struct builder {
    struct yaml_reader *reader;
    struct frame stack[YAML_MAX_DEPTH];
    size_t depth;
    size_t values;
    size_t documents;
    struct yaml_value *root;
};

void yaml_reader_init(struct yaml_reader *reader, struct arena *arena)
{
    *reader = (struct yaml_reader){.arena = arena, .line = 1, .column = 1};
}

static struct yaml_value make_place(yaml_mark_t mark)
{
    return (struct yaml_value){.line = mark.line + 1, .column = mark.column + 1};
}

static void fail_at(struct yaml_reader *reader, yaml_mark_t mark, const char *what)
{
    struct yaml_value place = make_place(mark);
    yaml_fail(reader, &place, "%s", what);
}

static bool is_duplicate_key(const struct frame *frame, struct str key)
{
    for (size_t i = 0; i < frame->count; i += 2)
        if (str_eq(frame->items[i].text, key))
            return true;
    return false;
}

/* find_objection - why VALUE may not be the next item of FRAME, or NULL */
static const char *find_objection(const struct frame *frame, const struct yaml_value *value)
{
    if (frame->value.kind != YAML_MAP || frame->count % 2 != 0)
        return NULL;
    if (value->kind != YAML_TEXT)
        return "a key must be a scalar";
    if (is_duplicate_key(frame, value->text))
        return "this key is defined twice";
    return NULL;
}

static void add_value(struct builder *builder, struct yaml_value value)
{
    struct arena *arena = builder->reader->arena;
    if (builder->depth == 0) {
        builder->root = arena_alloc(arena, sizeof value);
        *builder->root = value;
        return;
    }
    struct frame *frame = &builder->stack[builder->depth - 1];
    if (frame->count >= YAML_MAX_MEMBERS * (frame->value.kind == YAML_MAP ? 2 : 1)) {
        yaml_fail(builder->reader, &value, "more than %d members", YAML_MAX_MEMBERS);
        return;
    }
    const char *wrong = find_objection(frame, &value);
    if (wrong != NULL) {
        yaml_fail(builder->reader, &value, "%s", wrong);
        return;
    }
    frame->items =
        arena_grow(arena, frame->items, frame->count, &frame->capacity, sizeof *frame->items);
    frame->items[frame->count++] = value;
}

static void open_frame(struct builder *builder, const yaml_event_t *event, enum yaml_kind kind)
{
    if (builder->depth == YAML_MAX_DEPTH) {
        struct yaml_value place = make_place(event->start_mark);
        yaml_fail(builder->reader, &place, "nested more than %d levels deep", YAML_MAX_DEPTH);
        return;
    }
    builder->stack[builder->depth++] = (struct frame){
        .value = {.kind = kind,
                  .line = event->start_mark.line + 1,
                  .column = event->start_mark.column + 1},
    };
}

static void close_frame(struct builder *builder)
{
    struct frame *frame = &builder->stack[--builder->depth];
    frame->value.items = frame->items;
    frame->value.count = frame->count;
    add_value(builder, frame->value);
}

static void add_text(struct builder *builder, const yaml_event_t *event)
{
    struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    if (str_find(text, '\0', 0) != text.len) {
        fail_at(builder->reader, event->start_mark, "NUL characters are not allowed");
        return;
    }
    add_value(builder, (struct yaml_value){
                           .kind = YAML_TEXT,
                           .line = event->start_mark.line + 1,
                           .column = event->start_mark.column + 1,
                           .text = arena_copy(builder->reader->arena, text),
                           .quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE,
                       });
}

/* find_refusal - why postmend's YAML does not allow the event, or NULL */
static const char *find_refusal(const struct builder *builder, const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return "aliases are not supported";
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    case YAML_DOCUMENT_START_EVENT:
        return builder->documents > 0 ? "more than one document" : NULL;
    default:
        return NULL;
    }
    if (anchor != NULL)
        return "anchors are not supported";
    if (tag != NULL)
        return "tags are not supported";
    return NULL;
}

static void take_event(struct builder *builder, const yaml_event_t *event)
{
    const char *wrong = find_refusal(builder, event);
    if (wrong != NULL) {
        fail_at(builder->reader, event->start_mark, wrong);
        return;
    }
    if (builder->values++ >= YAML_MAX_VALUES) {
        struct yaml_value place = make_place(event->start_mark);
        yaml_fail(builder->reader, &place, "more than %d values", YAML_MAX_VALUES);
        return;
    }
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        builder->documents++;
        break;
    case YAML_SCALAR_EVENT:
        add_text(builder, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        open_frame(builder, event, YAML_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        open_frame(builder, event, YAML_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        close_frame(builder);
        break;
    default:
        break;
    }
}

static void fail_syntax(struct yaml_reader *reader, const yaml_parser_t *parser)
{
    const char *what = parser->problem == NULL ? "not valid YAML" : parser->problem;
    if (parser->error == YAML_READER_ERROR)
        yaml_fail(reader, NULL, "%s at byte %zu", what, parser->problem_offset);
    else
        fail_at(reader, parser->problem_mark, what);
}

static void parse_events(struct builder *builder, yaml_parser_t *parser)
{
    bool done = false;
    while (!done && !builder->reader->failed) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            fail_syntax(builder->reader, parser);
            return;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        take_event(builder, &event);
        yaml_event_delete(&event);
    }
}

const struct yaml_value *yaml_load(struct yaml_reader *reader, struct str text)
{
    if (reader->failed)
        return NULL;
    if (text.len > YAML_MAX_SIZE) {
        yaml_fail(reader, NULL, "longer than %d bytes", YAML_MAX_SIZE);
        return NULL;
    }
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        yaml_fail(reader, NULL, "out of memory");
        return NULL;
    }
    struct builder builder = {.reader = reader};
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.at, text.len);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    parse_events(&builder, &parser);
    yaml_parser_delete(&parser);
    if (!reader->failed && builder.root == NULL)
        yaml_fail(reader, NULL, "the file is empty");
    return reader->failed ? NULL : builder.root;
}

const struct yaml_value *yaml_load_file(struct yaml_reader *reader, const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        yaml_fail(reader, NULL, "cannot open: %s", strerror(errno));
        return NULL;
    }
    struct buffer text;
    buffer_init(&text, reader->arena);
    char block[4096];
    size_t got;
    while ((got = fread(block, 1, sizeof block, file)) > 0) {
        buffer_add(&text, (struct str){block, got});
        if (text.len > YAML_MAX_SIZE)
            break;
    }
    if (ferror(file))
        yaml_fail(reader, NULL, "cannot read: %s", strerror(errno));
    fclose(file);
    return yaml_load(reader, buffer_str(&text));
}
