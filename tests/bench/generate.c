/*
 * generate COUNT NAME - COUNT configuration directories d00000, d00001, ... in the working
 * directory, made of its files main.cf and master.cf; in each, NAME becomes a host name of its own
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *read_file(const char *path)
{
    enum { SIZE_MAX_HERE = 1 << 20 };
    char *text = calloc(1, SIZE_MAX_HERE);
    FILE *file = fopen(path, "r");

    if (text == NULL || file == NULL) {
        perror(path);
        exit(1);
    }
    size_t len = fread(text, 1, SIZE_MAX_HERE - 1, file);
    text[len] = '\0';
    fclose(file);
    return text;
}

/* write_file - TEXT with every NAME replaced by that of host NUMBER */
static void write_file(const char *path, const char *text, const char *name, long number)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        perror(path);
        exit(1);
    }
    for (const char *at; (at = strstr(text, name)) != NULL; text = at + strlen(name)) {
        fwrite(text, 1, (size_t)(at - text), file);
        fprintf(file, "h%05ld.example.org", number);
    }
    fputs(text, file);
    if (fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: generate COUNT NAME\n");
        return 2;
    }
    long directories = strtol(arguments[1], NULL, 10);
    const char *main_cf = read_file("main.cf");
    const char *master_cf = read_file("master.cf");

    for (long i = 0; i < directories; i++) {
        char path[64];
        snprintf(path, sizeof path, "d%05ld", i);
        mkdir(path, 0755);
        snprintf(path, sizeof path, "d%05ld/main.cf", i);
        write_file(path, main_cf, arguments[2], i);
        snprintf(path, sizeof path, "d%05ld/master.cf", i);
        write_file(path, master_cf, arguments[2], i);
    }
    return 0;
}
