/* Countries of addresses, from a database in MaxMind's format. */
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/conf.h"
#include "detect/reputation.h"

struct geoip {
    MMDB_s db;
    bool open;
};

struct geoip *geoip_create(const struct settings *s, char *error, size_t error_len)
{
    const char *file = conf_get_text(s->tree, "geoip-database", "");
    struct geoip *g = *file ? calloc(1, sizeof *g) : NULL;
    if (!g) {
        snprintf(error, error_len, *file ? "out of memory" : "geoip-database is not set");
        return NULL;
    }
    int r = MMDB_open(file, MMDB_MODE_MMAP, &g->db);
    g->open = r == MMDB_SUCCESS;
    if (g->open)
        return g;
    snprintf(error, error_len, "%.800s: %s", file, MMDB_strerror(r));
    geoip_destroy(&g);
    return NULL;
}

void geoip_destroy(struct geoip **geoip)
{
    struct geoip *g = *geoip;
    *geoip = NULL;
    if (g && g->open)
        MMDB_close(&g->db);
    free(g);
}

bool geoip_country(const struct geoip *g, const struct addr *a, char out[3])
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    bool is_v4 = a->family == ADDR_V4;
    memcpy(&v4.sin_addr, a->b, 4);
    memcpy(&v6.sin6_addr, a->b, 16);
    int e = MMDB_SUCCESS;
    if (a->family == ADDR_NONE || (!is_v4 && g->db.metadata.ip_version == 4))
        return false;
    MMDB_lookup_result_s found =
        MMDB_lookup_sockaddr(&g->db, is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6, &e);
    MMDB_entry_data_s data;
    if (e != MMDB_SUCCESS || !found.found_entry ||
        MMDB_get_value(&found.entry, &data, "country", "iso_code", NULL) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2)
        return false;
    memcpy(out, data.utf8_string, 2);
    out[2] = '\0';
    return true;
}
