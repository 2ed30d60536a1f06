/* remote_tls - the TLS security level of a destination, and whether TLS works */
#include "parser/tables/ref.h"
#include "parser/text/hostname.h"
#include "parser/text/token.h"
#include "smtp/delivery/remote_parts.h"
#include "smtp/tls/client_policy.h"
#include "smtp/tls/trust.h"

static const char configuration_problem[] = "4.7.5 client TLS configuration problem";

static void fail_hop(struct remote_hop *hop, struct str text)
{
    hop->tls = REMOTE_FAILS;
    hop->tls_text = text;
}

static bool is_decided(const struct remote_hop *hop)
{
    return hop->tls_text.at != NULL;
}

/* --- smtp_tls_policy_maps ----------------------------------------------------------------------
 */

/* a search for a key that was meant for a destination */
struct near_key {
    struct remote_work *work;
    const struct remote_hop *hop;
    struct str found;
};

static void see_table(void *context, const struct table_ref *ref)
{
    struct near_key *near = context;
    const struct table_entry *entries;
    struct tables *tables = near->work->state->service->policy->tables;

    if (ref->inside != NULL || near->found.len > 0)
        return;
    size_t count = table_entries(table_open(tables, ref->text, TABLE_FOLD), &entries);
    for (size_t i = 0; i < count && near->found.len == 0; i++) {
        struct str key = entries[i].key;
        struct str host = str_slice(key, str_starts(key, "["), key.len);
        host = str_slice(host, 0, str_span_not(host, 0, "]:"));
        if (str_eq_nocase(host, near->hop->host))
            near->found = key;
    }
}

/* note_near_key - the table has the host, in a form that smtp(8) does not ask for */
static void note_near_key(struct remote_work *work, struct remote_hop *hop)
{
    struct near_key near = {.work = work, .hop = hop};
    enum parameter_number maps = client_number(work, CLIENT_PARAMETER(TLS_POLICY_MAPS));

    table_refs(policy_str(work->state->service, maps), see_table, &near);
    if (near.found.len > 0)
        remote_note(work,
                    "the policy for %.*s in %.*s is not used: its key must be the next hop as it "
                    "is written, %.*s",
                    STR_ARG(near.found), STR_ARG(parameter_name(maps)), STR_ARG(hop->text));
}

/* apply_policy - a result of the table */
static void apply_policy(struct remote_work *work, struct remote_hop *hop, struct str text,
                         struct tls_client_policy *policy)
{
    struct str part;
    const char *what;

    if (tls_client_policy_read(work->arena, text, policy, &part, &what))
        hop->level = policy->level;
    else
        fail_hop(hop, arena_printf(work->arena, "%s: \"%.*s\" in the TLS policy %s",
                                   configuration_problem, STR_ARG(part), what));
}

static void find_policy(struct remote_work *work, struct remote_hop *hop,
                        struct tls_client_policy *policy)
{
    struct client_parameter maps = CLIENT_PARAMETER(TLS_POLICY_MAPS);
    struct str key = hop->text;
    bool parents = hostname_fault(key, true) == NULL;

    while (key.len > 0) {
        struct address_found found = client_find(work, maps, key);
        if (found.status == LOOKUP_FOUND && found.value.at != NULL) {
            apply_policy(work, hop, found.value, policy);
            return;
        }
        if (found.status == LOOKUP_FOUND) {
            hop->tls = REMOTE_UNKNOWN;
            hop->tls_text = arena_printf(work->arena, "the policy that %.*s has cannot be read",
                                         STR_ARG(found.table));
            return;
        }
        if (found.status == LOOKUP_ERROR) {
            fail_hop(hop,
                     arena_printf(work->arena, "%s: %.*s",
                                  found.empty ? "the TLS policy is empty" : configuration_problem,
                                  STR_ARG(found.table)));
            return;
        }
        size_t dot = parents ? str_find(key, '.', 1) : key.len;
        key = str_slice(key, dot, key.len);
    }
    note_near_key(work, hop);
}

/* --- smtp_tls_per_site, the older way ----------------------------------------------------------
 */

/* raise_site - what one look-up of the older tables makes of *LEVEL; TLS_UNDECIDED: not found */
static bool raise_site(struct remote_work *work, struct remote_hop *hop, struct str key,
                       enum security_level *level)
{
    struct address_found found = client_find(work, CLIENT_PARAMETER(TLS_PER_SITE), key);

    if (found.status == LOOKUP_NONE)
        return true;
    if (found.status == LOOKUP_FOUND && str_is_nocase(found.value, "none")) {
        if (*level <= TLS_MAY)
            *level = TLS_NONE;
    } else if (found.status == LOOKUP_FOUND && str_is_nocase(found.value, "may")) {
        if (*level == TLS_UNDECIDED)
            *level = TLS_MAY;
    } else if (found.status == LOOKUP_FOUND && str_is_nocase(found.value, "must_nopeermatch")) {
        if (*level < TLS_ENCRYPT)
            *level = TLS_ENCRYPT;
    } else if (found.status == LOOKUP_FOUND && str_is_nocase(found.value, "must")) {
        if (*level < TLS_VERIFY)
            *level = TLS_VERIFY;
    } else {
        fail_hop(hop, str_of(configuration_problem));
        return false;
    }
    return true;
}

static void find_site(struct remote_work *work, struct remote_hop *hop)
{
    enum security_level level = TLS_UNDECIDED;

    if (!raise_site(work, hop, hop->text, &level))
        return;
    if (hop->has_mx)
        remote_note(work,
                    "smtp_tls_per_site is also asked for the name of the server, which its MX "
                    "records have");
    else if (!str_eq_nocase(hop->text, hop->host) && !raise_site(work, hop, hop->host, &level))
        return;
    if (level == TLS_UNDECIDED || (level == TLS_MAY && hop->level > TLS_MAY))
        return;
    hop->level = level;
}

/* --- DANE --------------------------------------------------------------------------------------
 */

/* find_dane_fault - why DANE is not used whatever DNS says; NULL: it is */
static const char *find_dane_fault(const struct remote_work *work)
{
    const struct policy_service *service = work->state->service;
    struct str level = client_str(work, CLIENT_PARAMETER(DNS_SUPPORT_LEVEL));
    enum parameter_number options = client_number(work, CLIENT_PARAMETER(DNS_RESOLVER_OPTIONS));
    enum parameter_number lookup = client_number(work, CLIENT_PARAMETER(HOST_LOOKUP));
    struct str rest = policy_str(service, lookup), word;
    bool has_dns = false;

    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        has_dns |= str_is_nocase(word, "dns");
    if (!has_dns)
        return work->lmtp ? "lmtp_host_lookup lacks dns" : "smtp_host_lookup lacks dns";
    if (!str_is_nocase(level, "dnssec"))
        return work->lmtp ? "lmtp_dns_support_level is not dnssec"
                          : "smtp_dns_support_level is not dnssec";
    if (!work->lmtp && policy_flag(service, PARAM_IGNORE_MX_LOOKUP_ERROR))
        return "ignore_mx_lookup_error is yes";
    rest = policy_str(service, options);
    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        if (str_is_nocase(word, "res_defnames") || str_is_nocase(word, "res_dnsrch"))
            return "smtp_dns_resolver_options changes names";
    return NULL;
}

static void apply_dane(struct remote_work *work, struct remote_hop *hop)
{
    const char *fault = find_dane_fault(work);

    if (hop->is_socket) {
        fail_hop(hop, str_of("4.7.5 dane is not valid for sockets"));
    } else if (fault != NULL && hop->level == TLS_DANE_ONLY) {
        fail_hop(hop, arena_printf(work->arena, "4.7.5 dane-only, but %s", fault));
    } else if (fault != NULL) {
        hop->effective = TLS_MAY;
        remote_note(work, "the level dane acts as may, because %s", fault);
    } else if (hop->level == TLS_DANE_ONLY) {
        hop->tls = REMOTE_REQUIRED;
        hop->is_verified = true;
        hop->tls_text = str_of("dane-only, certificate verified by TLSA records; a domain without "
                               "them gets no mail");
    } else {
        hop->tls = REMOTE_OPPORTUNISTIC;
        hop->tls_text = str_of("dane: required and verified where the domain has TLSA records, "
                               "otherwise as may");
    }
}

/* --- does TLS work? ----------------------------------------------------------------------------
 */

/* the files without which smtp(8) has no TLS: src/tls/tls_client.c, tls_certkey.c */
static const struct client_parameter needed_files[] = {
    {PARAM_SMTP_TLS_CAFILE, PARAM_LMTP_TLS_CAFILE},
    {PARAM_SMTP_TLS_CHAIN_FILES, PARAM_LMTP_TLS_CHAIN_FILES},
    {PARAM_SMTP_TLS_CERT_FILE, PARAM_LMTP_TLS_CERT_FILE},
    {PARAM_SMTP_TLS_KEY_FILE, PARAM_LMTP_TLS_KEY_FILE},
    {PARAM_SMTP_TLS_ECCERT_FILE, PARAM_LMTP_TLS_ECCERT_FILE},
    {PARAM_SMTP_TLS_ECKEY_FILE, PARAM_LMTP_TLS_ECKEY_FILE},
    {PARAM_SMTP_TLS_DCERT_FILE, PARAM_LMTP_TLS_DCERT_FILE},
};

/* find_missing_file - the first of them that is not there; *DOUBTFUL: one of which nothing is known
 */
static struct str find_missing_file(const struct remote_work *work, struct str *doubtful,
                                    enum parameter_number *parameter)
{
    *doubtful = STR_NONE;
    for (size_t i = 0; i < sizeof needed_files / sizeof *needed_files; i++) {
        struct str files = client_str(work, needed_files[i]), file;
        while (token_next_plain(&files, TOKEN_COMMAS, &file)) {
            enum presence presence = tls_trust_presence(work->state->service, file);
            *parameter = client_number(work, needed_files[i]);
            if (presence == PRESENCE_NO)
                return file;
            if (presence == PRESENCE_UNKNOWN && doubtful->at == NULL)
                *doubtful = file;
        }
    }
    return STR_NONE;
}

static bool is_mandatory(enum security_level level)
{
    return level > TLS_MAY;
}

static void check_engine(struct remote_work *work, struct remote_hop *hop)
{
    struct str doubtful;
    enum parameter_number parameter = PARAM_NONE;
    struct str missing = find_missing_file(work, &doubtful, &parameter);
    const char *level = tls_level_name(hop->level);
    bool required = is_mandatory(hop->effective);

    if (missing.at == NULL) {
        if (doubtful.at != NULL)
            remote_note(work, "if the host lacks %.*s, smtp(8) has no TLS: mail %s",
                        STR_ARG(doubtful), required ? "stays in the queue" : "is sent unencrypted");
        return;
    }
    remote_note(work, "%.*s is missing, so that smtp(8) has no TLS: at level %s, all mail %s",
                STR_ARG(missing), level, required ? "stays in the queue" : "is sent unencrypted");
    struct str text = arena_printf(work->arena, "%s, but %.*s = %.*s is missing", level,
                                   STR_ARG(parameter_name(parameter)), STR_ARG(missing));
    if (required) {
        fail_hop(hop, text);
        return;
    }
    hop->tls = REMOTE_PLAIN;
    hop->tls_text = text;
}

/* --- verification ------------------------------------------------------------------------------
 */

/* describe_names - what the certificate must be for */
static struct str describe_names(const struct remote_work *work, const struct remote_hop *hop,
                                 const struct tls_client_policy *policy)
{
    struct client_parameter usual = hop->level == TLS_VERIFY
                                        ? CLIENT_PARAMETER(TLS_VERIFY_CERT_MATCH)
                                        : CLIENT_PARAMETER(TLS_SECURE_CERT_MATCH);

    return policy->match.at != NULL ? policy->match : client_str(work, usual);
}

/* find_anchors - what certificates are verified with; STR_NONE: nothing, with *WHY */
static struct str find_anchors(struct remote_work *work, const struct tls_client_policy *policy,
                               const char **why)
{
    struct str anchors = policy->trust_files.at != NULL
                             ? policy->trust_files
                             : client_str(work, CLIENT_PARAMETER(TLS_TRUST_ANCHOR_FILE));
    struct str file = client_str(work, CLIENT_PARAMETER(TLS_CAFILE));
    struct str path = client_str(work, CLIENT_PARAMETER(TLS_CAPATH));
    struct str rest = anchors, word;

    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        if (tls_trust_presence(work->state->service, word) == PRESENCE_NO) {
            *why = "the trust anchor file is missing";
            return STR_NONE;
        }
    if (anchors.len > 0)
        return anchors;
    if (file.len > 0)
        return file;
    *why = "no CA certificates are configured";
    if (path.len == 0)
        return STR_NONE;
    *why = "the directory of CA certificates is missing";
    if (tls_trust_presence(work->state->service, path) == PRESENCE_NO)
        return STR_NONE;
    if (config_chroots(work->state->service->policy->config, work->state->service->service))
        remote_note(work,
                    "%.*s is looked for inside the chroot jail of %s(8); if it is not there, "
                    "no certificate can be verified",
                    STR_ARG(path), work->remote->program);
    return path;
}

static void require_verified(struct remote_work *work, struct remote_hop *hop,
                             const struct tls_client_policy *policy)
{
    const char *why = "";
    const char *level = tls_level_name(hop->level);
    struct str anchors = find_anchors(work, policy, &why);

    if (anchors.at == NULL) {
        fail_hop(hop, arena_printf(work->arena, "%s, but %s", level, why));
        remote_note(work, "the level %s defers all mail, because %s", level, why);
        return;
    }
    hop->tls = REMOTE_REQUIRED;
    hop->is_verified = true;
    hop->tls_text =
        arena_printf(work->arena, "%s, certificate must be from a CA in %.*s, for %.*s", level,
                     STR_ARG(anchors), STR_ARG(describe_names(work, hop, policy)));
}

static void require_fingerprint(struct remote_work *work, struct remote_hop *hop,
                                const struct tls_client_policy *policy)
{
    struct str match = client_str(work, CLIENT_PARAMETER(TLS_FINGERPRINT_CERT_MATCH));

    if (policy->match.len == 0 && match.len == 0) {
        fail_hop(hop, str_of("fingerprint, but no fingerprint is configured"));
        return;
    }
    hop->tls = REMOTE_REQUIRED;
    hop->is_verified = true;
    hop->tls_text = str_of("fingerprint, certificate must have a configured fingerprint");
}

/* --- the level ---------------------------------------------------------------------------------
 */

static void apply_level(struct remote_work *work, struct remote_hop *hop,
                        const struct tls_client_policy *policy)
{
    const char *name = tls_level_name(hop->level);
    bool acts = hop->effective != hop->level;

    switch (hop->effective) {
    case TLS_NONE:
        hop->tls = REMOTE_PLAIN;
        hop->tls_text = str_of(name);
        break;
    case TLS_MAY:
        hop->tls = REMOTE_OPPORTUNISTIC;
        hop->tls_text = arena_printf(work->arena, "%s%s, certificate not verified", name,
                                     acts ? " acting as may" : "");
        break;
    case TLS_ENCRYPT:
        hop->tls = REMOTE_REQUIRED;
        hop->tls_text = str_of("encrypt, certificate not verified");
        break;
    case TLS_FINGERPRINT:
        require_fingerprint(work, hop, policy);
        break;
    case TLS_VERIFY:
    case TLS_SECURE:
        require_verified(work, hop, policy);
        break;
    default:
        hop->tls = REMOTE_UNKNOWN;
        hop->tls_text = str_of("the level cannot be determined");
    }
}

/* apply_wrapper - TLS without STARTTLS, which needs a level that requires TLS */
static void apply_wrapper(struct remote_work *work, struct remote_hop *hop)
{
    enum parameter_number wrapper = client_number(work, CLIENT_PARAMETER(TLS_WRAPPERMODE));
    bool at_465 =
        str_is(hop->port, "465") || str_is(hop->port, "smtps") || str_is(hop->port, "submissions");

    hop->wrapped =
        policy_has(work->state->service, wrapper) && policy_flag(work->state->service, wrapper);
    if (hop->wrapped && hop->effective < TLS_ENCRYPT)
        fail_hop(hop, arena_printf(work->arena, "%.*s = yes requires the level encrypt",
                                   STR_ARG(parameter_name(wrapper))));
    else if (hop->wrapped && !at_465)
        remote_note(work,
                    "%.*s = yes starts TLS at once at every port; servers expect that at "
                    "port 465 alone",
                    STR_ARG(parameter_name(wrapper)));
    else if (!hop->wrapped && at_465)
        remote_note(work,
                    "servers expect TLS at once at port 465: without %.*s = yes, the "
                    "connection hangs and mail stays in the queue",
                    STR_ARG(parameter_name(wrapper)));
}

static bool is_set(const struct remote_work *work, struct client_parameter parameter)
{
    struct str value = client_str(work, parameter);

    return value.at == NULL || value.len > 0;
}

void remote_set_tls(struct remote_work *work, struct remote_hop *hop)
{
    const struct policy_service *service = work->state->service;
    struct tls_client_policy policy = {.level = TLS_UNDECIDED};

    hop->level =
        tls_level(service->policy->config, service->service, work->lmtp ? TLS_LMTP : TLS_SMTP);
    if (is_set(work, CLIENT_PARAMETER(TLS_POLICY_MAPS)))
        find_policy(work, hop, &policy);
    else if (is_set(work, CLIENT_PARAMETER(TLS_PER_SITE)))
        find_site(work, hop);
    hop->effective = hop->level;
    if (is_decided(hop))
        return;
    if (hop->level == TLS_DANE || hop->level == TLS_DANE_ONLY)
        apply_dane(work, hop);
    if (hop->is_socket && hop->effective == TLS_MAY)
        hop->effective = TLS_NONE;
    if (hop->tls != REMOTE_FAILS)
        apply_wrapper(work, hop);
    if (hop->tls != REMOTE_FAILS && hop->effective > TLS_NONE)
        check_engine(work, hop);
    if (!is_decided(hop))
        apply_level(work, hop, &policy);
}
