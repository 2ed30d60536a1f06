#include "rules/tables/tables.h"

struct packages {
    struct check *check;
    struct map types;  /* that were reported */
    struct map places; /* that were reported */
};

/* a table type, where it is written, and the parameter that uses it */
struct demand {
    const struct table_type *type;
    struct span span;
    struct str parameter;
};

static const struct release *find_release(int index)
{
    size_t count;
    const struct release *releases = facts_releases(&count);

    return index >= 0 && (size_t)index < count ? &releases[index] : NULL;
}

/* mark_reported - was something reported at this place before? */
static bool mark_reported(struct packages *packages, struct span span)
{
    struct str place = tables_place(packages->check, span);
    bool known = map_get(&packages->places, place) != NULL;

    map_put(&packages->places, place, packages);
    return known;
}

/* report_missing - Postfix does not have the type */
static void report_missing(struct packages *packages, const struct demand *demand, struct str why)
{
    struct check *check = packages->check;
    const char *advice =
        demand->type->kind == TABLE_INDEXED
            ? "build the table from its source with a type that is available; postconf -m lists "
              "them"
            : "move its content to a table of a type that is available; postconf -m lists them";

    if (mark_reported(packages, demand->span))
        return;
    struct finding *finding =
        check_reportf(check, demand->span, advice,
                      "look-ups fail with \"unsupported dictionary type: %.*s\": %.*s",
                      STR_ARG(demand->type->name), STR_ARG(why));
    finding->severity = SEVERITY_ERROR;
}

/* check_release - does the release have the type?  If not, this is reported */
static bool check_release(struct packages *packages, const struct demand *demand)
{
    struct check *check = packages->check;
    const struct release *release = check->config->release;
    const struct table_type *type = demand->type;
    const struct release *first = find_release(type->first);

    if (type->first <= release->index && release->index <= type->last)
        return true;
    if (type->first > release->index && first != NULL)
        report_missing(packages, demand,
                       arena_printf(check->arena,
                                    "Postfix %.*s does not have the table type %.*s, which was "
                                    "introduced in Postfix %.*s",
                                    STR_ARG(release->series), STR_ARG(type->name),
                                    STR_ARG(first->series)));
    else
        report_missing(packages, demand,
                       arena_printf(check->arena, "Postfix %.*s no longer has the table type %.*s",
                                    STR_ARG(release->series), STR_ARG(type->name)));
    return false;
}

/* is_settled - is there nothing to report about the type, or nothing more? */
static bool is_settled(const struct packages *packages, const struct table_type *type)
{
    const struct platform *platform = packages->check->config->platform;
    const struct release *release = packages->check->config->release;
    const struct table_package *package = platform_table(platform, type->name);

    if (type->first > release->index || type->last < release->index)
        return false;
    if (platform->family.len == 0)
        return true;
    return package != NULL &&
           (package->package.len == 0 || map_get(&packages->types, type->name) != NULL);
}

/* report_package - once for each type, at its first place */
static void report_package(struct packages *packages, const struct demand *demand,
                           struct str package)
{
    struct check *check = packages->check;
    const struct platform *platform = check->config->platform;
    struct str type = demand->type->name;

    if (map_get(&packages->types, type) != NULL)
        return;
    map_put(&packages->types, type, packages);
    struct str command = arena_printf(check->arena, "%.*s %.*s", STR_ARG(platform->install_command),
                                      STR_ARG(package));
    check_report(check, demand->span,
                 arena_printf(check->arena, "%.*s: tables require the package %.*s on %.*s",
                              STR_ARG(type), STR_ARG(package), STR_ARG(platform->title)),
                 arena_printf(check->arena, "install it: %.*s", STR_ARG(command)));
    check_step(check, STEP_PACKAGES, command,
               arena_printf(check->arena, "%.*s uses %.*s: tables", STR_ARG(demand->parameter),
                            STR_ARG(type)));
}

static void see_demand(struct packages *packages, const struct demand *demand)
{
    const struct platform *platform = packages->check->config->platform;
    const struct table_package *package = platform_table(platform, demand->type->name);

    if (!check_release(packages, demand) || platform->family.len == 0)
        return;
    if (package == NULL)
        report_missing(packages, demand,
                       arena_printf(packages->check->arena,
                                    "Postfix on %.*s is built without the table type %.*s",
                                    STR_ARG(platform->title), STR_ARG(demand->type->name)));
    else if (package->package.len > 0)
        report_package(packages, demand, package->package);
}

/* replace_type - the type that the rule berkeley-db replaces TYPE with, or TYPE itself */
static const struct table_type *replace_type(const struct check *check,
                                             const struct table_type *type)
{
    if (!tables_needs_berkeley_db(check, type))
        return type;
    return facts_table_type(tables_replacement(check, type->name));
}

static void see_use(void *context, const struct used_table *use)
{
    struct packages *packages = context;
    struct demand demand = {.type = replace_type(packages->check, use->ref->type),
                            .parameter = use->parameter};

    if (demand.type == NULL || tables_only_allows(use->parameter) ||
        is_settled(packages, demand.type))
        return;
    demand.span = tables_span(packages->check, use);
    see_demand(packages, &demand);
}

/* see_type - a parameter whose value is a type */
static void see_type(struct packages *packages, enum parameter_number number)
{
    struct check *check = packages->check;
    struct str value = check_value(check, NULL, number);
    const struct table_type *type = facts_table_type(value);
    struct demand demand = {.parameter = parameter_name(number)};

    if (type == NULL || !check_is_set(check, NULL, number))
        return;
    demand.type = replace_type(check, type);
    demand.span = check_span(check, NULL, number);
    if (demand.type != NULL)
        see_demand(packages, &demand);
}

static void check_map_package(struct check *check)
{
    struct packages packages = {.check = check};

    map_init(&packages.types, check->arena);
    map_init(&packages.places, check->arena);
    tables_each(check, see_use, &packages);
    see_type(&packages, PARAM_DEFAULT_DATABASE_TYPE);
    see_type(&packages, PARAM_DEFAULT_CACHE_DB_TYPE);
}

static const struct example examples[] = {
    {.title = "a package for a type, reported once",
     .platform = "rhel10",
     .from = "rhel7",
     .main_cf = "header_checks = pcre:/etc/postfix/header_checks\n"
                "body_checks = pcre:/etc/postfix/body_checks\n",
     .findings = {{1, "pcre:/etc/postfix/header_checks"}},
     .runbook = "dnf install -y postfix-pcre"},
    {.title = "after proxy:, in another table, in a user-defined value, and in a service",
     .platform = "debian13",
     .main_cf = "sql = proxy:mysql:/etc/postfix/sql\n"
                "virtual_alias_maps = ${sql}/alias.cf\n"
                "virtual_mailbox_maps = unionmap:{pgsql:/etc/postfix/a.cf,static:x}\n",
     .master_cf = "submission inet n - n - - smtpd -o smtpd_sender_login_maps=ldap:/etc/x.cf\n",
     .findings = {{2, "${sql}/alias.cf"}, {3, "pgsql:/etc/postfix/a.cf"}, {1, "ldap:/etc/x.cf"}},
     .runbook = "apt-get install -y postfix-mysql"},
    {.title = "a type that the platform is built without",
     .platform = "rhel10",
     .main_cf = "alias_maps = lmdb:/etc/aliases, nis:mail.aliases\n",
     .findings = {{1, "nis:mail.aliases"}}},
    {.title = "types that were introduced later",
     .platform = "postfix-2.11",
     .main_cf = "virtual_alias_maps = pipemap:{lmdb:/etc/postfix/a, inline:{a=b}}\n",
     .findings = {{1, "pipemap:{lmdb:/etc/postfix/a, inline:{a=b}}"}, {1, "inline:{a=b}"}}},
    {.title = "the default type of tables",
     .platform = "debian13",
     .main_cf = "default_database_type = cdb\n",
     .findings = {{1, "cdb"}},
     .runbook = "postfix-cdb"},
    {.title = "a Postfix release, unlike a distribution, has no packages",
     .platform = "postfix-3.8",
     .main_cf = "virtual_alias_maps = mysql:/etc/postfix/x.cf, pcre:/etc/postfix/y\n"},
    {.title = "types in the postfix package, and hash, which is replaced with one of them",
     .platform = "rhel10",
     .main_cf = "virtual_alias_maps = lmdb:/etc/postfix/v, texthash:/etc/postfix/t,\n"
                "    hash:/etc/postfix/h, proxy:regexp:/etc/postfix/r\n"
                "proxy_read_maps = proxy:unix:passwd.byname, mysql:/etc/postfix/not-used.cf\n"},
};

const struct rule rule_map_package = {
    .name = "map-package",
    .summary = "a table type requires a package, or is not available on the platform",
    .why =
        "Distributions have separate packages for SQL and LDAP clients, PCRE and some other table "
        "types.  Without the package every look-up fails with \"unsupported dictionary type\", and "
        "the SMTP server answers 451.\n\n"
        "Why did it work on the old host?  There the type was in the postfix package itself, or "
        "its package was installed long ago.  If only the configuration is copied, the package is "
        "missing on the new host; the runbook of an upgrade has a command that installs it.\n\n"
        "\"postconf -m\" lists the types that an installed Postfix supports.",
    .source = "DATABASE_README; postconf(1), -m; the distributions' packages",
    .severity = SEVERITY_ADVICE,
    .check = check_map_package,
    RULE_EXAMPLES(examples),
};
