#include "rules/tables/tables.h"

struct packages {
    struct check *check;
    struct map types;  /* those that were spoken of */
    struct map places; /* where something was reported */
};

/* a table type, where it is written, and what needs it */
struct demand {
    const struct table_type *type;
    struct span span;
    struct str parameter;
};

static const struct release *release_at(int index)
{
    size_t count;
    const struct release *releases = facts_releases(&count);

    return index >= 0 && (size_t)index < count ? &releases[index] : NULL;
}

/* was_reported - something was said about this place already */
static bool was_reported(struct packages *packages, struct span span)
{
    struct str place = tables_place(packages->check, span);
    bool known = map_get(&packages->places, place) != NULL;

    map_put(&packages->places, place, packages);
    return known;
}

/* report_missing - Postfix there does not know the type at all */
static void report_missing(struct packages *packages, const struct demand *demand, struct str why)
{
    struct check *check = packages->check;
    const char *advice =
        demand->type->kind == TABLE_INDEXED
            ? "build the table from its text as a type that is there: postconf -m lists them"
            : "put what it holds into a table of a type that is there: postconf -m lists them";

    if (was_reported(packages, demand->span))
        return;
    struct finding *finding =
        check_reportf(check, demand->span, advice, "%.*s: \"unsupported dictionary type: %.*s\"",
                      STR_ARG(why), STR_ARG(demand->type->name));
    finding->severity = SEVERITY_ERROR;
}

/* in_release - does the release know the type?  If not, that is reported. */
static bool in_release(struct packages *packages, const struct demand *demand)
{
    struct check *check = packages->check;
    const struct release *release = check->config->release;
    const struct table_type *type = demand->type;
    const struct release *first = release_at(type->first);

    if (type->first <= release->index && release->index <= type->last)
        return true;
    if (type->first > release->index && first != NULL)
        report_missing(packages, demand,
                       arena_printf(check->arena,
                                    "Postfix %.*s has no table type %.*s, which came "
                                    "with %.*s",
                                    STR_ARG(release->series), STR_ARG(type->name),
                                    STR_ARG(first->series)));
    else
        report_missing(packages, demand,
                       arena_printf(check->arena, "Postfix %.*s has no table type %.*s any more",
                                    STR_ARG(release->series), STR_ARG(type->name)));
    return false;
}

/* is_settled - was what there is to say about the type said, so that its place does not matter? */
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

/* report_package - once a type, at its first place */
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
                 arena_printf(check->arena, "%.*s: tables are in the package %.*s on %.*s",
                              STR_ARG(type), STR_ARG(package), STR_ARG(platform->title)),
                 arena_printf(check->arena, "install it: %.*s", STR_ARG(command)));
    check_step(
        check, STEP_PACKAGES, command,
        arena_printf(check->arena, "%.*s uses %.*s:", STR_ARG(demand->parameter), STR_ARG(type)));
}

static void see_demand(struct packages *packages, const struct demand *demand)
{
    const struct platform *platform = packages->check->config->platform;
    const struct table_package *package = platform_table(platform, demand->type->name);

    if (!in_release(packages, demand) || platform->family.len == 0)
        return;
    if (package == NULL)
        report_missing(packages, demand,
                       arena_printf(packages->check->arena,
                                    "Postfix on %.*s is built without the table type %.*s",
                                    STR_ARG(platform->title), STR_ARG(demand->type->name)));
    else if (package->package.len > 0)
        report_package(packages, demand, package->package);
}

/* type_on_platform - what the rule berkeley-db makes of a type */
static const struct table_type *type_on_platform(const struct check *check,
                                                 const struct table_type *type)
{
    if (!tables_needs_berkeley_db(check, type))
        return type;
    return facts_table_type(tables_replacement(check, type->name));
}

static void see_use(void *context, const struct used_table *use)
{
    struct packages *packages = context;
    struct demand demand = {.type = type_on_platform(packages->check, use->ref->type),
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
    demand.type = type_on_platform(check, type);
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
    {.title = "a package for a type, said once",
     .platform = "rhel10",
     .from = "rhel7",
     .main_cf = "header_checks = pcre:/etc/postfix/header_checks\n"
                "body_checks = pcre:/etc/postfix/body_checks\n",
     .findings = {{1, "pcre:/etc/postfix/header_checks"}},
     .runbook = "dnf install -y postfix-pcre"},
    {.title = "behind proxy, in another table, by a value of one's own, and in a service",
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
    {.title = "types that came later",
     .platform = "postfix-2.11",
     .main_cf = "virtual_alias_maps = pipemap:{lmdb:/etc/postfix/a, inline:{a=b}}\n",
     .findings = {{1, "pipemap:{lmdb:/etc/postfix/a, inline:{a=b}}"}, {1, "inline:{a=b}"}}},
    {.title = "the type that tables are made of",
     .platform = "debian13",
     .main_cf = "default_database_type = cdb\n",
     .findings = {{1, "cdb"}},
     .runbook = "postfix-cdb"},
    {.title = "an upstream release has no packages",
     .platform = "postfix-3.8",
     .main_cf = "virtual_alias_maps = mysql:/etc/postfix/x.cf, pcre:/etc/postfix/y\n"},
    {.title = "types of the postfix package, and hash, which becomes one",
     .platform = "rhel10",
     .main_cf = "virtual_alias_maps = lmdb:/etc/postfix/v, texthash:/etc/postfix/t,\n"
                "    hash:/etc/postfix/h, proxy:regexp:/etc/postfix/r\n"
                "proxy_read_maps = proxy:unix:passwd.byname, mysql:/etc/postfix/not-used.cf\n"},
};

const struct rule rule_map_package = {
    .name = "map-package",
    .summary = "a table type needs a package, or is not to be had on the platform",
    .why = "Distributions put the clients of SQL and LDAP servers, PCRE and some other table types "
           "into packages of their own.  Without the package Postfix says \"unsupported dictionary "
           "type\" for every look-up, and the SMTP server answers 451.\n\n"
           "Why did it work on the old host?  There the type was in the postfix package itself, or "
           "the package was installed long ago.  An upgrade that takes only the configuration "
           "along leaves it behind; the runbook has a command for each.\n\n"
           "postconf -m lists the types that an installed Postfix knows.",
    .source = "DATABASE_README; postconf(1), -m; the distributions' packages",
    .severity = SEVERITY_ADVICE,
    .check = check_map_package,
    RULE_EXAMPLES(examples),
};
