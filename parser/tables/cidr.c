/* table_cidr - cidr_table(5) */
#include <string.h>

#include "parser/tables/class.h"
#include "parser/text/network.h"

struct cidr_rule {
    enum rule_kind kind;
    bool negated;
    struct network network;
    size_t entry; /* its index among the table's entries */
    size_t end;   /* of an if: the index of its endif, or SIZE_MAX */
    size_t outer; /* of an if: the index of the if around it, or SIZE_MAX */
    struct span span;
};

struct cidr_contents {
    struct cidr_rule *rules;
    size_t count, capacity;
};

/* unbracket - splits "[address]/length" and "[address/length]"; false where it is not well formed
 */
static bool unbracket(struct str *address, struct str *length)
{
    struct str text = *address;
    size_t slash;

    *length = STR_NONE;
    if (text.len > 0 && text.at[0] == '[') {
        size_t close = str_find(text, ']', 1);
        if (close == text.len)
            return false;
        struct str after = str_slice(text, close + 1, text.len);
        *address = str_slice(text, 1, close);
        if (after.len > 0) {
            *length = str_slice(after, 1, after.len);
            return after.at[0] == '/';
        }
        text = *address;
    }
    slash = str_find(text, '/', 0);
    if (slash < text.len) {
        *address = str_slice(text, 0, slash);
        *length = str_slice(text, slash + 1, text.len);
    }
    return true;
}

/* read_network - parses PATTERN; NULL, or what is wrong where Postfix skips the rule */
static const char *read_network(struct cidr_rule *rule, struct str pattern)
{
    struct str length;

    if (!unbracket(&pattern, &length) || !network_read_address(pattern, &rule->network))
        return "is not an address or a network";
    if (length.at != NULL) {
        if (!str_is_digits(length))
            return "has a prefix length that is not a number";
        /* Postfix stores it in a byte: /256 means /0 */
        int bits = (unsigned char)str_atoi(length);
        if (bits > rule->network.bits)
            return "has a prefix length that is too long";
        rule->network.bits = bits;
    }
    return network_has_host_bits(&rule->network)
               ? "is a network whose address has bits that are not in its prefix"
               : NULL;
}

/* skip_negation - any number of "!" and white space */
static struct str skip_negation(struct str text, bool *negated)
{
    size_t i = 0;

    for (; i < text.len && (text.at[i] == '!' || is_space(text.at[i])); i++)
        if (text.at[i] == '!')
            *negated = !*negated;
    return str_slice(text, i, text.len);
}

/* read_rule - one logical line; NULL, or what is wrong where Postfix skips it */
static const char *read_rule(struct cidr_rule *rule, struct table_entry *entry, struct str text,
                             const struct release *release, bool inside)
{
    bool conditions = release_has(release, FEATURE_CIDR_IF_ENDIF);

    *rule = (struct cidr_rule){.kind = RULE_MATCH, .end = SIZE_MAX};
    entry->value = (struct str)STR("");
    if (conditions && table_is_keyword(text, "if")) {
        rule->kind = RULE_IF;
        entry->key = str_trim(skip_negation(str_slice(text, 2, text.len), &rule->negated));
        return entry->key.len > 0 ? read_network(rule, entry->key) : "is an if without a network";
    }
    if (conditions && table_is_keyword(text, "endif")) {
        rule->kind = RULE_ENDIF;
        if (str_trim(str_slice(text, 5, text.len)).len > 0)
            return "has text after endif";
        return inside ? NULL : "is an endif without an if";
    }
    struct str pattern = conditions ? skip_negation(text, &rule->negated) : text;
    size_t end = 0;
    while (end < pattern.len && !is_space(pattern.at[end]))
        end++;
    entry->key = str_slice(text, 0, (size_t)(pattern.at - text.at) + end);
    entry->value = str_trim(str_slice(pattern, end, pattern.len));
    if (end == 0)
        return "has no network";
    const char *wrong = read_network(rule, str_slice(pattern, 0, end));
    return wrong != NULL || entry->value.len > 0 ? wrong : "has no result";
}

static void cidr_open(struct table *table, struct table_opening *opening)
{
    struct cidr_contents *contents = arena_alloc(opening->arena, sizeof *contents);
    struct table_lines lines;
    struct table_entry entry;
    struct cidr_rule rule;
    struct str text;
    size_t inside = SIZE_MAX; /* the index of the if that is open */

    table->contents = contents;
    table->fixed = false;
    if (!table_lines_open(&lines, table, opening,
                          release_has(opening->release, FEATURE_INLINE_PATTERNS)))
        return;
    while (table_lines_next(&lines, &text, &entry.span)) {
        const char *wrong = read_rule(&rule, &entry, text, opening->release, inside != SIZE_MAX);
        if (wrong != NULL) {
            table_fault_add(table, opening, entry.span, (struct str){wrong, strlen(wrong)});
            continue;
        }
        rule.span = entry.span;
        contents->rules = arena_grow(opening->arena, contents->rules, contents->count,
                                     &contents->capacity, sizeof *contents->rules);
        if (rule.kind == RULE_MATCH) {
            rule.entry = table->entry_count;
            table_entry_add(table, opening, entry);
        } else if (rule.kind == RULE_IF) {
            rule.outer = inside;
            inside = contents->count;
        } else {
            contents->rules[inside].end = contents->count;
            inside = contents->rules[inside].outer;
        }
        contents->rules[contents->count++] = rule;
    }
    for (; inside != SIZE_MAX; inside = contents->rules[inside].outer) {
        table_fault_add(table, opening, contents->rules[inside].span,
                        (struct str)STR("is an if without an endif"));
        opening->faults[table->fault_count - 1].kept = true;
    }
}

/* matches_rule - a negated rule matches addresses of its family outside its network */
static bool matches_rule(const struct cidr_rule *rule, const struct network *address)
{
    return rule->network.byte_count == address->byte_count &&
           network_holds(&rule->network, address) != rule->negated;
}

static struct lookup cidr_find(const struct table *table, struct arena *arena, struct str key)
{
    const struct cidr_contents *contents = table->contents;
    struct network address;

    (void)arena;
    if (!network_read_address(key, &address))
        return (struct lookup){.status = LOOKUP_NONE};
    for (size_t i = 0; i < contents->count; i++) {
        const struct cidr_rule *rule = &contents->rules[i];
        if (rule->kind == RULE_ENDIF)
            continue;
        bool matches = matches_rule(rule, &address);
        if (rule->kind == RULE_MATCH && matches) {
            const struct table_entry *entry = &table->entries[rule->entry];
            return lookup_found(entry->value, entry->span);
        }
        if (rule->kind == RULE_IF && !matches) {
            if (rule->end == SIZE_MAX)
                break;
            i = rule->end;
        }
    }
    return (struct lookup){.status = LOOKUP_NONE};
}

const struct table_class table_class_cidr = {cidr_open, cidr_find};
