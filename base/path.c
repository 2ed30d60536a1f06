#include "base/path.h"

/* find_base - the offset after the last "/" */
static size_t find_base(struct str path)
{
    const char *slash = path.len == 0 ? NULL : memrchr(path.at, '/', path.len);

    return slash == NULL ? 0 : (size_t)(slash - path.at) + 1;
}

struct str path_base(struct str path)
{
    return str_slice(path, find_base(path), path.len);
}

struct str path_directory(struct str path)
{
    size_t base = find_base(path);

    if (base == 0)
        return (struct str)STR(".");
    return str_slice(path, 0, base == 1 ? 1 : base - 1);
}

struct str path_trim_slashes(struct str path)
{
    while (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    return path;
}

struct str path_below(struct str path, struct str directory)
{
    if (directory.len == 0 || path.len <= directory.len || path.at[directory.len] != '/' ||
        !str_eq(str_slice(path, 0, directory.len), directory))
        return STR_NONE;
    return str_slice(path, directory.len + 1, path.len);
}

bool path_climbs(struct str path)
{
    return str_search(path, "/../") < path.len || str_ends(path, "/..");
}
