#include "export/inject.h"

#include <errno.h>
#include <libnet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/log.h"

struct inject {
    libnet_t *net;
    char name[IFNAMSIZ];
    bool told; /* the log knows that it refuses packets */
};

/* Ask the kernel one thing of an interface. */
static bool ask(const char *name, unsigned long what, struct ifreq *r)
{
    *r = (struct ifreq){.ifr_ifindex = 0};
    strncpy(r->ifr_name, name, IFNAMSIZ - 1);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && ioctl(fd, what, r) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static int fits(const char *name, uint32_t mtu, char *error, size_t n)
{
    struct ifreq r;
    if (strlen(name) >= IFNAMSIZ || !ask(name, SIOCGIFFLAGS, &r)) {
        snprintf(error, n, "%s: there is no such interface to send packets to", name);
        return -ENODEV;
    }
    if (!(r.ifr_flags & IFF_UP)) {
        snprintf(error, n, "%s: can't send packets to it: it is down", name);
        return -ENETDOWN;
    }
    if (!ask(name, SIOCGIFHWADDR, &r) ||
        (r.ifr_hwaddr.sa_family != ARPHRD_ETHER && r.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)) {
        snprintf(error, n, "%s: can't send packets to it: it is no Ethernet interface", name);
        return -EINVAL;
    }
    if (!ask(name, SIOCGIFMTU, &r) || (uint32_t)r.ifr_mtu < mtu) {
        snprintf(error, n, "%s: takes packets of %d bytes: lower outputs.#.tunnel-pcap.mtu, which is %u", name,
                 r.ifr_mtu, mtu);
        return -EMSGSIZE;
    }
    return 0;
}

int inject_open(const char *interface, uint32_t mtu, struct inject **out, char *error, size_t n)
{
    char why[LIBNET_ERRBUF_SIZE] = "out of memory";
    *out = NULL;
    int code = fits(interface, mtu, error, n);
    if (code != 0)
        return code;
    struct inject *i = calloc(1, sizeof *i);
    if (i) {
        strncpy(i->name, interface, sizeof i->name - 1);
        i->net = libnet_init(LIBNET_LINK_ADV, i->name, why);
    }
    if (!i || !i->net) {
        why[strcspn(why, "\n")] = 0;
        snprintf(error, n, "%s: can't send packets to it: %s", interface, why);
        free(i);
        return -EPERM;
    }
    *out = i;
    return 0;
}

bool inject_send(struct inject *i, const uint8_t *frame, uint32_t len)
{
    if (libnet_adv_write_link(i->net, frame, len) == (int)len)
        return true;
    if (!i->told)
        log_error("%s: %s; packets that it does not take are lost, and counted", i->name, libnet_geterror(i->net));
    i->told = true;
    return false;
}

void inject_close(struct inject **i)
{
    if (!*i)
        return;
    libnet_destroy((*i)->net);
    free(*i);
    *i = NULL;
}
