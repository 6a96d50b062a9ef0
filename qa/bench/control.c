/*
 * The control of the benchmark: what reading a capture costs when nothing is done with it.
 *
 *     control CAPTURE
 *
 * A loop over pcap_next_ex that reads each packet's IP and TCP header and nothing else. Prints what it counted, so
 * that the compiler can't leave the reading out.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ETHERNET_HEADER = 14, IPV4 = 0x0800, TCP = 6 };

struct counts {
    uint64_t packets;
    uint64_t bytes;
    uint64_t syns;
    uint64_t address_sum;
};

static uint16_t get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void read_headers(struct counts *counts, const uint8_t *p, uint32_t len)
{
    if (len < ETHERNET_HEADER + 20 || get16(p + 12) != IPV4)
        return;
    const uint8_t *ip = p + ETHERNET_HEADER;
    uint32_t src, dst;
    memcpy(&src, ip + 12, sizeof src);
    memcpy(&dst, ip + 16, sizeof dst);
    counts->address_sum += ntohl(src) ^ ntohl(dst);

    uint32_t header = (ip[0] & 15u) * 4u;
    if (ip[9] != TCP || len < ETHERNET_HEADER + header + 20)
        return;
    const uint8_t *tcp = ip + header;
    counts->address_sum += get16(tcp) + get16(tcp + 2);
    counts->syns += (tcp[13] & 0x12) == 0x02;
}

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE];
    struct counts counts = {0};

    if (argc != 2) {
        fprintf(stderr, "usage: control CAPTURE\n");
        return 1;
    }
    pcap_t *in = pcap_open_offline(argv[1], error);
    if (in == NULL || pcap_datalink(in) != DLT_EN10MB) {
        fprintf(stderr, "control: %s: %s\n", argv[1], in == NULL ? error : "not Ethernet");
        return 1;
    }
    struct pcap_pkthdr *header;
    const uint8_t *data;
    int status;
    while ((status = pcap_next_ex(in, &header, &data)) == 1) {
        counts.packets++;
        counts.bytes += header->len;
        read_headers(&counts, data, header->caplen);
    }
    if (status == PCAP_ERROR)
        fprintf(stderr, "control: %s: %s\n", argv[1], pcap_geterr(in));
    pcap_close(in);
    printf("%" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64 " SYNs, sum %" PRIx64 "\n", counts.packets, counts.bytes,
           counts.syns, counts.address_sum);
    return status == PCAP_ERROR;
}
