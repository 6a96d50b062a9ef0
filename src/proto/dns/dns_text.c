#include "proto/dns/dns_text.h"

#include <stddef.h>
#include <stdio.h>

/* IANA's registry of resource record types. */
static const char *const low_types[] = {
    [1] = "A",       [2] = "NS",      [3] = "MD",      [4] = "MF",     [5] = "CNAME",    [6] = "SOA",
    [7] = "MB",      [8] = "MG",      [9] = "MR",      [10] = "NULL",  [11] = "WKS",     [12] = "PTR",
    [13] = "HINFO",  [14] = "MINFO",  [15] = "MX",     [16] = "TXT",   [17] = "RP",      [18] = "AFSDB",
    [19] = "X25",    [20] = "ISDN",   [21] = "RT",     [22] = "NSAP",  [23] = "NSAPPTR", [24] = "SIG",
    [25] = "KEY",    [26] = "PX",     [27] = "GPOS",   [28] = "AAAA",  [29] = "LOC",     [30] = "NXT",
    [33] = "SRV",    [34] = "ATMA",   [35] = "NAPTR",  [36] = "KX",    [37] = "CERT",    [38] = "A6",
    [39] = "DNAME",  [41] = "OPT",    [42] = "APL",    [43] = "DS",    [44] = "SSHFP",   [45] = "IPSECKEY",
    [46] = "RRSIG",  [47] = "NSEC",   [48] = "DNSKEY", [49] = "DHCID", [50] = "NSEC3",   [51] = "NSEC3PARAM",
    [52] = "TLSA",   [53] = "SMIMEA", [55] = "HIP",    [59] = "CDS",   [60] = "CDNSKEY", [61] = "OPENPGPKEY",
    [62] = "CSYNC",  [63] = "ZONEMD", [64] = "SVCB",   [65] = "HTTPS", [99] = "SPF",     [108] = "EUI48",
    [109] = "EUI64",
};

static const char *const high_types[] = {
    "TKEY", "TSIG", "IXFR", "AXFR", "MAILB", "MAILA", "ANY", "URI", "CAA", /* from 249 on */
};

#define HIGH_FIRST 249u

static const char *const rcodes[] = {
    "NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",  "REFUSED",
    "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE",
};

static const char *number(unsigned v, char out[DNS_TEXT_MAX])
{
    snprintf(out, DNS_TEXT_MAX, "%u", v);
    return out;
}

const char *dns_type_text(uint16_t type, char out[DNS_TEXT_MAX])
{
    const char *name = NULL;
    if (type < sizeof low_types / sizeof *low_types)
        name = low_types[type];
    else if (type >= HIGH_FIRST && type - HIGH_FIRST < sizeof high_types / sizeof *high_types)
        name = high_types[type - HIGH_FIRST];
    return name ? name : number(type, out);
}

const char *dns_rcode_text(unsigned rcode, char out[DNS_TEXT_MAX])
{
    return rcode < sizeof rcodes / sizeof *rcodes ? rcodes[rcode] : number(rcode, out);
}
