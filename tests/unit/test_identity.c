/*
 * Bytes are sacred: whatever is in a file, reading it and changing nothing gives it back.
 *
 * Every file of the fixtures and of the real configurations below POSTMEND_SHARED is read as
 * main.cf and as master.cf, as it is and after 200 mutations, which are the same in every run.
 */
#include <ftw.h>
#include <stdio.h>

#include "tests/fuzz/properties.h"
#include "tests/unit/unit.h"

enum { MUTATIONS = 200, DESCRIPTORS = 16, MUTATED_SIZE_MAX = 64 * 1024 };

/* --- numbers that look like chance ------------------------------------------------------------ */

static uint64_t random_state;

/* xorshift64* by S. Vigna: the same sequence everywhere */
static size_t random_below(size_t bound)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    uint64_t number = random_state * UINT64_C(0x2545F4914F6CDD1D);

    return bound == 0 ? 0 : (size_t)(number >> 33) % bound;
}

/* --- mutations -------------------------------------------------------------------------------- */

static struct str flip_byte(struct arena *arena, struct str bytes)
{
    static const char likely[] = " \t\n\r#={}$\"\\\0,-o";
    struct str copy = arena_copy(arena, bytes);
    char *at = (char *)copy.at + random_below(copy.len);

    if (copy.len > 0)
        *at = random_below(2) ? likely[random_below(sizeof likely)] : (char)random_below(256);
    return copy;
}

static struct str truncate(struct arena *arena, struct str bytes)
{
    return arena_copy(arena, str_slice(bytes, 0, random_below(bytes.len + 1)));
}

/* the two halves of the text from some line on change places */
static struct str shuffle_lines(struct arena *arena, struct str bytes)
{
    size_t first = str_find(bytes, '\n', random_below(bytes.len));
    size_t second = str_find(bytes, '\n', first + random_below(bytes.len - first + 1));
    struct buffer out;

    buffer_init(&out, arena);
    buffer_add(&out, str_slice(bytes, second, bytes.len));
    buffer_add(&out, str_slice(bytes, 0, first));
    buffer_add(&out, str_slice(bytes, first, second));
    return arena_copy(arena, buffer_str(&out));
}

static struct str insert_nul(struct arena *arena, struct str bytes)
{
    size_t at = random_below(bytes.len + 1);
    struct buffer out;

    buffer_init(&out, arena);
    buffer_add(&out, str_slice(bytes, 0, at));
    buffer_add_char(&out, '\0');
    buffer_add(&out, str_slice(bytes, at, bytes.len));
    return arena_copy(arena, buffer_str(&out));
}

/* some or all line ends become CR LF */
static struct str carriage_returns(struct arena *arena, struct str bytes)
{
    size_t one_in = 1 + random_below(3);
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.at[i] == '\n' && random_below(one_in) == 0)
            buffer_add_char(&out, '\r');
        buffer_add_char(&out, bytes.at[i]);
    }
    return arena_copy(arena, buffer_str(&out));
}

static struct str mutate(struct arena *arena, struct str bytes)
{
    static struct str (*const kinds[])(struct arena *, struct str) = {
        flip_byte, truncate, shuffle_lines, insert_nul, carriage_returns};
    size_t times = 1 + random_below(4);

    for (size_t i = 0; i < times; i++)
        bytes = kinds[random_below(sizeof kinds / sizeof *kinds)](arena, bytes);
    return bytes;
}

/* --- one file --------------------------------------------------------------------------------- */

static struct arena *arena;
static size_t files;

static void check_bytes(const char *path, struct str bytes, int mutation)
{
    const struct source *source = source_of(arena, str_of(path), bytes);
    const char *wrong = property_main_cf(arena, source);

    if (wrong == NULL)
        wrong = property_master_cf(arena, source);
    if (wrong != NULL)
        fail_msg("%s, mutation %d: %s", path, mutation, wrong);
}

static int check_file(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)walk;
    if (kind != FTW_F)
        return 0;
    random_state = UINT64_C(0x9E3779B97F4A7C15);
    for (int i = 0; i <= MUTATIONS; i++) {
        const struct source *source = source_read(arena, str_of(path));
        assert_non_null(source);
        struct str bytes = source->bytes;
        if (i > 0 && bytes.len > MUTATED_SIZE_MAX)
            bytes = arena_copy(arena, str_slice(bytes, 0, MUTATED_SIZE_MAX));
        check_bytes(path, i == 0 ? bytes : mutate(arena, bytes), i);
        arena_reset(arena);
    }
    files++;
    return 0;
}

/* --- the tests -------------------------------------------------------------------------------- */

static void assert_tree_comes_out_as_it_went_in(const char *path)
{
    files = 0;
    assert_int_equal(nftw(path, check_file, DESCRIPTORS, FTW_PHYS), 0);
    assert_true(files > 0);
}

static void every_configuration_comes_out_as_it_went_in(void **state)
{
    const char *shared = getenv("POSTMEND_SHARED");

    arena = *state;
    assert_tree_comes_out_as_it_went_in("fixtures");
    if (shared != NULL) {
        char path[4096];
        snprintf(path, sizeof path, "%s/corpus/hosts", shared);
        assert_tree_comes_out_as_it_went_in(path);
        snprintf(path, sizeof path, "%s/corpus/sendmail", shared);
        assert_tree_comes_out_as_it_went_in(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(every_configuration_comes_out_as_it_went_in),
    };

    return cmocka_run_group_tests_name("bytes are sacred", tests, NULL, NULL);
}
