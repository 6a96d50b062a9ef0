/* Sections flow, stream, defrag and host-os-policy: their words and lists. */
#include <stdlib.h>
#include <strings.h>

#include "config/items.h"
#include "config/settings_read.h"

static const char *const os_names[OS_COUNT] = {
    [OS_FIRST] = "first",
    [OS_LAST] = "last",
    [OS_BSD] = "bsd",
    [OS_BSD_RIGHT] = "bsd-right",
    [OS_LINUX] = "linux",
    [OS_OLD_LINUX] = "old-linux",
    [OS_WINDOWS] = "windows",
    [OS_WINDOWS2K3] = "windows2k3",
    [OS_VISTA] = "vista",
    [OS_SOLARIS] = "solaris",
    [OS_OLD_SOLARIS] = "old-solaris",
    [OS_HPUX10] = "hpux10",
    [OS_HPUX11] = "hpux11",
    [OS_IRIX] = "irix",
    [OS_MACOS] = "macos",
};

const char *settings_os_name(enum settings_os os)
{
    return os_names[os];
}

/* Bits of the longest prefix of a list that holds a, plus one; 0: none does, or a negated one takes it out. */
static unsigned longest(const struct settings_prefix *p, size_t count, const struct addr *a)
{
    unsigned best = 0;
    for (size_t i = 0; i < count; i++) {
        if (p[i].addr.family != ADDR_NONE && !addr_in_prefix(a, &p[i].addr, p[i].bits))
            continue;
        if (p[i].negated)
            return 0;
        unsigned bits = (p[i].addr.family != ADDR_NONE ? p[i].bits : 0) + 1;
        best = bits > best ? bits : best;
    }
    return best;
}

enum settings_os settings_os_of(const struct settings_host_os *h, const struct addr *a)
{
    enum settings_os os = OS_BSD;
    unsigned best = 0;
    for (unsigned i = 0; h->any && i < OS_COUNT; i++) {
        unsigned bits = longest(h->addresses[i], h->address_count[i], a);
        if (bits > best) {
            best = bits;
            os = (enum settings_os)i;
        }
    }
    return os;
}

uint32_t settings_defrag_timeout(const struct settings_defrag *d, const struct addr *dst)
{
    uint32_t timeout = d->timeout;
    unsigned best = 0;
    for (size_t i = 0; i < d->host_count; i++) {
        unsigned bits = longest(d->hosts[i].addresses, d->hosts[i].address_count, dst);
        if (bits > best) {
            best = bits;
            timeout = d->hosts[i].timeout;
        }
    }
    return timeout;
}

/* The policy at path, or else the one for all. Where there is none, or "auto", an inline sensor drops. */
static enum settings_exception exception_of(const struct conf_tree *tree, const char *path, bool *automatic)
{
    static const char *const words[EXCEPTION_COUNT] = {"ignore", "drop-flow", "drop-packet", "reject",
                                                       "bypass", "pass-flow", "pass-packet"};
    const struct conf_node *node = conf_find(tree->root, path);
    if (!node || node->kind != CONF_SCALAR)
        node = conf_find(tree->root, "exception-policy");
    *automatic = !node || node->kind != CONF_SCALAR || strcasecmp(node->text, "auto") == 0;
    for (unsigned i = 0; node && node->kind == CONF_SCALAR && i < EXCEPTION_COUNT; i++)
        if (strcasecmp(node->text, words[i]) == 0)
            return (enum settings_exception)i;
    return EXCEPTION_IGNORE;
}

static enum settings_urgent urgent_of(const struct conf_tree *tree, const struct conf_tree *defaults, const char *path)
{
    static const char *const words[] = {"oob", "inline", "drop", "gap"};
    const struct conf_node *node = settings_node(tree, defaults, path);
    for (unsigned i = 0; node && i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(node->text, words[i]) == 0)
            return (enum settings_urgent)i;
    return URGENT_OOB;
}

static enum settings_inline inline_of(const struct conf_tree *tree)
{
    bool on;
    const struct conf_node *node = conf_find(tree->root, "stream.inline");
    if (!node || node->kind != CONF_SCALAR || !conf_parse_bool(node->text, &on))
        return INLINE_AUTO;
    return on ? INLINE_YES : INLINE_NO;
}

static bool read_host_os(const struct conf_tree *tree, struct settings_host_os *h)
{
    const struct conf_node *section = conf_find(tree->root, "host-os-policy");
    for (unsigned i = 0; section && i < OS_COUNT; i++) {
        if (!settings_read_prefixes(conf_child(section, os_names[i]), &h->addresses[i], &h->address_count[i]))
            return false;
        h->any = h->any || h->address_count[i];
    }
    return true;
}

/* A list of one-key mappings: "- dmz: {timeout: 30, address: [...]}". */
static bool read_defrag_hosts(const struct conf_tree *tree, struct settings_defrag *d)
{
    const struct conf_node *list = conf_find(tree->root, "defrag.host-config");
    if (!list || list->kind != CONF_SEQUENCE || !list->count)
        return true;
    d->hosts = calloc(list->count, sizeof *d->hosts);
    if (!d->hosts)
        return false;
    for (const struct conf_node *item = list->first; item; item = item->next) {
        const struct conf_node *options = NULL;
        if (!conf_item_name(item, &options) || !options)
            continue;
        struct settings_defrag_host *h = &d->hosts[d->host_count++];
        h->timeout = (uint32_t)conf_get_uint(options, "timeout", d->timeout);
        if (!settings_read_prefixes(conf_child(options, "address"), &h->addresses, &h->address_count))
            return false;
    }
    return true;
}

bool settings_read_flow(const struct conf_tree *tree, const struct conf_tree *defaults, struct settings *out,
                        struct conf_notes *notes)
{
    struct settings_stream *s = &out->stream;
    s->urgent = urgent_of(tree, defaults, "stream.reassembly.urgent.policy");
    s->urgent_limit = urgent_of(tree, defaults, "stream.reassembly.urgent.oob-limit-policy");
    s->inline_ = inline_of(tree);
    s->memcap_policy = exception_of(tree, "stream.memcap-policy", &s->memcap_auto);
    s->reassembly_policy = exception_of(tree, "stream.reassembly.memcap-policy", &s->reassembly_auto);
    s->midstream_policy = exception_of(tree, "stream.midstream-policy", &s->midstream_auto);
    const struct conf_node *own = conf_find(tree->root, "stream.midstream-policy");
    s->midstream_own = own && own->kind == CONF_SCALAR;
    out->flow.memcap_policy = exception_of(tree, "flow.memcap-policy", &out->flow.memcap_auto);
    out->defrag.memcap_policy = exception_of(tree, "defrag.memcap-policy", &out->defrag.memcap_auto);
    return (read_host_os(tree, &out->host_os) && read_defrag_hosts(tree, &out->defrag)) ||
           conf_notes_fail(notes, "out of memory");
}

void settings_inline(struct settings *s)
{
    s->ips = true;
    if (s->stream.memcap_auto)
        s->stream.memcap_policy = EXCEPTION_DROP_FLOW;
    if (s->stream.reassembly_auto)
        s->stream.reassembly_policy = EXCEPTION_DROP_FLOW;
    if (s->stream.midstream_auto && !s->stream.midstream)
        s->stream.midstream_policy = EXCEPTION_DROP_FLOW;
    if (s->flow.memcap_auto)
        s->flow.memcap_policy = EXCEPTION_DROP_PACKET;
    if (s->defrag.memcap_auto)
        s->defrag.memcap_policy = EXCEPTION_DROP_PACKET;
}

void settings_fini_flow(struct settings *s)
{
    for (unsigned i = 0; i < OS_COUNT; i++)
        free(s->host_os.addresses[i]);
    for (size_t i = 0; i < s->defrag.host_count; i++)
        free(s->defrag.hosts[i].addresses);
    free(s->defrag.hosts);
}
