/* Values that name ports, networks, servers or words: a YAML list, a single value, or a text such as "[80,!443]", as
 * Suricata's variables are written. `!` in front of an item takes it out. Used while loading, inside this room only. */
#ifndef BURROW_CONFIG_ITEMS_H
#define BURROW_CONFIG_ITEMS_H

#include "config/conf.h"
#include "config/settings.h"

/* Longest item, with its terminating zero; a longer one is cut and then is no port, network or server. */
#define ITEM_TEXT_MAX 96

/* Items of one value; more are an error. */
#define ITEMS_MAX 1024u

struct items {
    const struct conf_node *node; /* whose text the current item is from */
    const char *rest;             /* of that text; NULL: it is used up */
    const char *end;
    bool all_negated; /* "![...]" */
    bool negated;
    char text[ITEM_TEXT_MAX]; /* the item, without blanks and `!` */
};

/* Begin with a value; NULL or empty: there are no items. */
void items_begin(struct items *it, const struct conf_node *value);

/* The next item. False: there is none. */
bool items_next(struct items *it);

/* "1080", "1080-1090", "1080:1090", "any". */
bool items_port(const char *text, struct settings_ports *out);

/* "192.0.2.0/24", "2001:db8::1", "any" (of no family). */
bool items_prefix(const char *text, struct settings_prefix *out);

/* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"; the port is 53 where none is given. */
bool items_server(const char *text, struct settings_server *out);

#endif
