/* postfix_files - writes private files, and changes paths in them */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/files/file.h"
#include "smtp/engine/postfix.h"

/* --- paths --------------------------------------------------------------------------- */

/* is_directory_at - is DIRECTORY at AT, as a path or the start of a path? */
static bool is_directory_at(struct str text, size_t at, struct str directory)
{
    static const char before[] = " \t\r\n,:={}()[]!<\"'|";
    static const char after[] = " \t\r\n,{}()\"'/";
    size_t end = at + directory.len;

    return directory.len > 1 && str_eq(str_slice(text, at, end), directory) &&
           (at == 0 || strchr(before, text.at[at - 1]) != NULL) &&
           (end >= text.len || strchr(after, text.at[end]) != NULL);
}

struct str postfix_map_paths(const struct postfix *postfix, struct str text)
{
    struct str directory = postfix->request->config->platform->config_directory;
    struct str private = postfix_inside(postfix, "/config");
    struct buffer out;
    size_t from = 0;

    if (directory.len < 2 || text.at == NULL)
        return text;
    buffer_init(&out, postfix->arena);
    for (size_t at = 0; (at = str_find(text, '/', at)) < text.len;) {
        if (!is_directory_at(text, at, directory)) {
            at++;
            continue;
        }
        buffer_add(&out, str_slice(text, from, at));
        buffer_add(&out, private);
        at += directory.len;
        from = at;
    }
    buffer_add(&out, str_slice(text, from, text.len));
    return buffer_str(&out);
}

/* --- files --------------------------------------------------------------------------- */

bool postfix_write_file(const struct postfix *postfix, const char *below, struct str text,
                        unsigned mode)
{
    const char *path = postfix_outside(postfix, below).at;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return false;
    bool good = file_write(fd, text) && fchown(fd, 0, postfix->installed.owner_group) == 0 &&
                fchmod(fd, mode) == 0;
    return close(fd) == 0 && good;
}
