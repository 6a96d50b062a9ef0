#include "config/items.h"

#include <string.h>
#include <strings.h>

#define DNS_PORT 53

/* Cut blanks off both ends. */
static void trim(const char **from, const char **to)
{
    while (*from < *to && (**from == ' ' || **from == '\t'))
        ++*from;
    while (*from < *to && ((*to)[-1] == ' ' || (*to)[-1] == '\t'))
        --*to;
}

static void enter(struct items *it, const struct conf_node *node)
{
    it->node = node;
    it->rest = NULL;
    it->all_negated = false;
    if (!node || node->kind != CONF_SCALAR)
        return;
    const char *from = node->text;
    const char *to = from + strlen(from);
    trim(&from, &to);
    it->all_negated = to - from > 2 && from[0] == '!' && from[1] == '[' && to[-1] == ']';
    from += it->all_negated;
    if (to - from >= 2 && *from == '[' && to[-1] == ']') {
        from++;
        to--;
    }
    it->rest = from;
    it->end = to;
}

void items_begin(struct items *it, const struct conf_node *value)
{
    enter(it, value && value->kind == CONF_SEQUENCE ? value->first : value);
}

bool items_next(struct items *it)
{
    while (!it->rest) {
        if (!it->node || it->node->parent->kind != CONF_SEQUENCE || !it->node->next)
            return false;
        enter(it, it->node->next);
    }
    const char *from = it->rest;
    const char *comma = memchr(from, ',', (size_t)(it->end - from));
    const char *to = comma ? comma : it->end;
    it->rest = comma ? comma + 1 : NULL;
    trim(&from, &to);
    bool negated = from < to && *from == '!';
    from += negated;
    trim(&from, &to);
    it->negated = negated != it->all_negated;
    size_t len = (size_t)(to - from);
    if (len > sizeof it->text - 1)
        len = sizeof it->text - 1;
    memcpy(it->text, from, len);
    it->text[len] = 0;
    return true;
}

static bool port_of(const char *text, size_t len, uint16_t *out)
{
    uint32_t v = 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        v = v * 10 + (uint32_t)(text[i] - '0');
    }
    *out = (uint16_t)v;
    return v <= UINT16_MAX;
}

bool items_port(const char *text, struct settings_ports *out)
{
    if (strcasecmp(text, "any") == 0) {
        *out = (struct settings_ports){.first = 0, .last = UINT16_MAX};
        return true;
    }
    size_t len = strcspn(text, "-:");
    if (!port_of(text, len, &out->first))
        return false;
    out->last = out->first;
    return !text[len] || (port_of(text + len + 1, strlen(text + len + 1), &out->last) && out->last >= out->first);
}

bool items_prefix(const char *text, struct settings_prefix *out)
{
    if (strcasecmp(text, "any") == 0) {
        *out = (struct settings_prefix){.addr = {.family = ADDR_NONE}};
        return true;
    }
    return addr_parse_prefix(text, &out->addr, &out->bits);
}

bool items_server(const char *text, struct settings_server *out)
{
    size_t len = strlen(text);
    out->port = DNS_PORT;
    if (addr_parse(text, len, &out->addr))
        return true;
    const char *colon = strrchr(text, ':');
    if (!colon || !port_of(colon + 1, strlen(colon + 1), &out->port) || out->port == 0)
        return false;
    len = (size_t)(colon - text);
    bool brackets = len > 2 && text[0] == '[' && text[len - 1] == ']';
    if (!brackets)
        return addr_parse(text, len, &out->addr) && out->addr.family == ADDR_V4;
    return addr_parse(text + 1, len - 2, &out->addr) && out->addr.family == ADDR_V6;
}
