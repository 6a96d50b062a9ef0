/* All protocols. A protocol is known by its line here; the order is the order of probing, cheap and certain first. */
#include "proto/dns/dns.h"
#include "proto/http1/http1.h"
#include "proto/icap/icap.h"
#include "proto/proto.h"
#include "proto/smtp/smtp.h"
#include "proto/socks/socks.h"
#include "proto/ssh/ssh.h"
#include "proto/tls/tls.h"

const struct app_proto *const proto_table[] = {
    &proto_tls, &proto_icap, &proto_http1, &proto_socks, &proto_ssh, &proto_smtp, &proto_dns, &proto_socks_udp, NULL,
};
