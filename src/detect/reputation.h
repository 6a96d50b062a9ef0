/* What is known of addresses: reputation lists (iprep) and countries (geoip).
 *
 * Read when the first rule asks for it, with the rule set whose it is, and read only then: any thread. Of several
 * networks that an address is in, the smallest that has the category counts, the address itself first. */
#ifndef BURROW_DETECT_REPUTATION_H
#define BURROW_DETECT_REPUTATION_H

#include "config/settings.h"
#include "core/addr.h"

/* Categories are 1 to 59, values 0 to 127, as in Suricata. */
#define REPUTATION_CATEGORIES 60
#define REPUTATION_MOST       127
/* Addresses and networks; of more the rest is left out, with an error. */
#define REPUTATION_ENTRIES_MAX (1u << 23)

struct reputation;

/* Read the files that the settings name. NULL, with one line in error that names file and line. */
struct reputation *reputation_create(const struct settings *s, char *error, size_t error_len);
void reputation_destroy(struct reputation **r);

/* A category by its short name; 0: there is none. */
uint8_t reputation_category(const struct reputation *r, const char *name);

/* -1: nothing is known of it. */
int reputation_find(const struct reputation *r, const struct addr *a, uint8_t category);

struct geoip;

/* geoip-database, in MaxMind's format. NULL, with one line in error. */
struct geoip *geoip_create(const struct settings *s, char *error, size_t error_len);
void geoip_destroy(struct geoip **g);

/* Two letters of ISO 3166. False: not known. */
bool geoip_country(const struct geoip *g, const struct addr *a, char out[3]);

#endif
