/*
 * More of the same traffic: N copies of a capture, one after the other, each with clients of its own.
 *
 *     replicate IN OUT N
 *
 * Copy number r has the client's address of every TCP and UDP flow changed by XOR (the second byte of IPv4, the
 * seventh and eighth of IPv6, with r) and its time shifted to begin a second after the copy before it ended. Servers,
 * ports and payload stay: names in DNS answers go on naming the servers.
 *
 * Checksums are adjusted by the difference (RFC 1624), so right ones are right again and wrong ones as wrong as
 * before. The client is who sends the SYN or the first packet; of two ports in a flow whose beginning wasn't captured,
 * the higher one's owner. Ethernet only. Packets that are no TCP or UDP, and fragments after the first, are
 * copied with nothing but their time changed; how many is said on stderr.
 */
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IPV4 = 0x0800, IPV6 = 0x86DD, VLAN = 0x8100, TCP = 6, UDP = 17, MOST_COPIES = 255 };
enum { FLOW_BUCKETS = 1 << 16, MOST_BYTES = 262144 };

/* Where things are in a frame; offsets from its beginning. */
struct layout {
    uint32_t ip;
    uint32_t transport;
    uint32_t address_len; /* 4 or 16 */
    uint32_t src;         /* offset of the source address, the destination follows it */
    uint8_t proto;
};

/* A flow's ends in a fixed order, the lower one first, and which of them is the client. */
struct flow {
    struct flow *next;
    uint8_t ends[2][18];
    uint8_t proto;
    uint8_t client;
};

struct replicator {
    pcap_t *in;
    pcap_dumper_t *out;
    struct flow *flows[FLOW_BUCKETS];
    uint64_t first_us, last_us; /* of the original */
    uint64_t unchanged;         /* packets of one copy that are no TCP or UDP */
    uint8_t frame[MOST_BYTES];
};

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

/* True for a TCP or UDP packet that shows its ports and checksum. */
static bool find_layout(struct layout *l, const uint8_t *p, uint32_t len)
{
    uint32_t at = 12; /* of the type */
    while (at + 6 <= len && get16(p + at) == VLAN)
        at += 4;
    uint32_t ip = at + 2;
    if (ip + 20 > len)
        return false;
    if (get16(p + at) == IPV4) {
        *l = (struct layout){ip, ip + (p[ip] & 15u) * 4u, 4, ip + 12, p[ip + 9]};
        if ((get16(p + ip + 6) & 0x1fff) != 0) /* a later fragment */
            return false;
    } else if (get16(p + at) == IPV6 && ip + 40 <= len) {
        *l = (struct layout){ip, ip + 40, 16, ip + 8, p[ip + 6]};
    } else {
        return false;
    }
    uint32_t needed = l->proto == TCP ? 20 : 8;
    return (l->proto == TCP || l->proto == UDP) && l->transport + needed <= len;
}

static void read_end(uint8_t end[18], const struct layout *l, const uint8_t *p, bool destination)
{
    memset(end, 0, 18);
    memcpy(end, p + l->src + (destination ? l->address_len : 0), l->address_len);
    memcpy(end + 16, p + l->transport + (destination ? 2 : 0), 2);
}

static uint32_t hash_flow(const struct flow *f)
{
    uint32_t h = 2166136261u ^ f->proto; /* FNV-1a */
    for (size_t i = 0; i < sizeof f->ends; i++)
        h = (h ^ ((const uint8_t *)f->ends)[i]) * 16777619u;
    return h % FLOW_BUCKETS;
}

/*
 * The packet's flow, made if it is new. *from_first: the packet comes from ends[0].
 * NULL when memory is out.
 */
static struct flow *find_flow(struct replicator *r, const struct layout *l, const uint8_t *p, bool *from_first)
{
    struct flow key = {.proto = l->proto};
    uint8_t src[18], dst[18];
    read_end(src, l, p, false);
    read_end(dst, l, p, true);
    *from_first = memcmp(src, dst, sizeof src) <= 0;
    memcpy(key.ends[0], *from_first ? src : dst, 18);
    memcpy(key.ends[1], *from_first ? dst : src, 18);

    struct flow **bucket = &r->flows[hash_flow(&key)];
    for (struct flow *f = *bucket; f != NULL; f = f->next)
        if (f->proto == key.proto && memcmp(f->ends, key.ends, sizeof key.ends) == 0)
            return f;

    struct flow *f = malloc(sizeof *f);
    if (f == NULL)
        return NULL;
    *f = key;
    f->next = *bucket;
    *bucket = f;

    uint16_t sport = get16(p + l->transport), dport = get16(p + l->transport + 2);
    bool begins = l->proto == UDP || (p[l->transport + 13] & 0x12) == 0x02;
    bool src_is_client = begins || sport > dport;
    f->client = src_is_client == *from_first ? 0 : 1;
    return f;
}

/* RFC 1624: the checksum after a 16-bit word of what it covers has changed. */
static void adjust(uint8_t *checksum, uint16_t old, uint16_t new)
{
    uint32_t sum = (uint16_t)~get16(checksum) + (uint32_t)(uint16_t)~old + new;
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put16(checksum, (uint16_t)~sum);
}

/* Change the word at `at`, a part of an address, and the checksums that cover it. */
static void change_word(const struct layout *l, uint8_t *p, uint32_t at, uint16_t new)
{
    uint16_t old = get16(p + at);
    put16(p + at, new);
    if (l->address_len == 4)
        adjust(p + l->ip + 10, old, new);
    uint8_t *checksum = p + l->transport + (l->proto == TCP ? 16 : 6);
    if (l->proto == UDP && get16(checksum) == 0)
        return; /* none was made */
    adjust(checksum, old, new);
    if (l->proto == UDP && get16(checksum) == 0)
        put16(checksum, 0xffff);
}

static bool change_client(struct replicator *r, uint8_t *p, uint32_t len, unsigned copy)
{
    struct layout l;
    if (!find_layout(&l, p, len)) {
        r->unchanged += copy == 0;
        return true;
    }
    bool from_first;
    const struct flow *f = find_flow(r, &l, p, &from_first);
    if (f == NULL)
        return false;
    bool from_client = (f->client == 0) == from_first;
    uint32_t address = l.src + (from_client ? 0 : l.address_len);
    uint32_t word = address + (l.address_len == 4 ? 0 : 6);
    change_word(&l, p, word, get16(p + word) ^ (uint16_t)copy);
    return true;
}

/* One pass over the original. 0, or -1 after saying why not. */
static int copy_once(struct replicator *r, const char *path, unsigned copy)
{
    char error[PCAP_ERRBUF_SIZE];
    r->in = pcap_open_offline(path, error);
    if (r->in == NULL || pcap_datalink(r->in) != DLT_EN10MB) {
        fprintf(stderr, "replicate: %s: %s\n", path, r->in == NULL ? error : "not Ethernet");
        return -1;
    }
    uint64_t shift = copy * (r->last_us - r->first_us + 1000000u);
    struct pcap_pkthdr *header;
    const uint8_t *data;
    int status;
    while ((status = pcap_next_ex(r->in, &header, &data)) == 1) {
        if (header->caplen > sizeof r->frame)
            break;
        memcpy(r->frame, data, header->caplen);
        if (!change_client(r, r->frame, header->caplen, copy))
            break;
        struct pcap_pkthdr shifted = *header;
        uint64_t us = (uint64_t)header->ts.tv_sec * 1000000u + (uint64_t)header->ts.tv_usec;
        if (copy == 0) {
            r->first_us = r->first_us == 0 ? us : r->first_us;
            r->last_us = us;
        }
        us += shift;
        shifted.ts.tv_sec = (time_t)(us / 1000000u);
        shifted.ts.tv_usec = (suseconds_t)(us % 1000000u);
        pcap_dump((u_char *)r->out, &shifted, r->frame);
    }
    if (status != PCAP_ERROR_BREAK)
        fprintf(stderr, "replicate: %s: %s\n", path, status == PCAP_ERROR ? pcap_geterr(r->in) : "out of room");
    pcap_close(r->in);
    return status == PCAP_ERROR_BREAK ? 0 : -1;
}

static void free_flows(struct replicator *r)
{
    for (size_t i = 0; i < FLOW_BUCKETS; i++) {
        while (r->flows[i] != NULL) {
            struct flow *next = r->flows[i]->next;
            free(r->flows[i]);
            r->flows[i] = next;
        }
    }
}

int main(int argc, char **argv)
{
    static struct replicator r;
    char *end = NULL;
    unsigned long copies = argc == 4 ? strtoul(argv[3], &end, 10) : 0;

    if (argc != 4 || *end != '\0' || copies < 1 || copies > MOST_COPIES) {
        fprintf(stderr, "usage: replicate IN OUT COPIES (1 to %d)\n", MOST_COPIES);
        return 1;
    }
    pcap_t *dead = pcap_open_dead(DLT_EN10MB, MOST_BYTES);
    r.out = pcap_dump_open(dead, argv[2]);
    if (r.out == NULL) {
        fprintf(stderr, "replicate: %s\n", pcap_geterr(dead));
        pcap_close(dead);
        return 1;
    }
    int status = 0;
    for (unsigned copy = 0; copy < copies && status == 0; copy++)
        status = copy_once(&r, argv[1], copy);
    if (status == 0 && r.unchanged != 0)
        fprintf(stderr, "replicate: %" PRIu64 " packets of each copy have no client to change\n", r.unchanged);
    if (status == 0 && (pcap_dump_flush(r.out) != 0 || ferror(pcap_dump_file(r.out)))) {
        fprintf(stderr, "replicate: %s: can't write\n", argv[2]);
        status = -1;
    }
    pcap_dump_close(r.out);
    pcap_close(dead);
    free_flows(&r);
    return status == 0 ? 0 : 1;
}
