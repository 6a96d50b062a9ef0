/* All protocols. A protocol is known by its line here; the order is the order of probing, cheap and certain first. */
#include "proto/dns/dns.h"
#include "proto/http1/http1.h"
#include "proto/http2/http2.h"
#include "proto/icap/icap.h"
#include "proto/proto.h"
#include "proto/proxyproto/proxyproto.h"
#include "proto/smtp/smtp.h"
#include "proto/socks/socks.h"
#include "proto/ssh/ssh.h"
#include "proto/sslproxy/sslproxy.h"
#include "proto/tls/tls.h"
#include "proto/websocket/websocket.h"

/* clang-format off */
const struct app_proto *const proto_table[] = {
    &proto_proxyproto,
    &proto_sslproxy,
    &proto_tls,
    &proto_http2,
    &proto_icap,
    &proto_http1,
    &proto_socks,
    &proto_ssh,
    &proto_smtp,
    &proto_dns,
    &proto_websocket,
    &proto_socks_udp,
    NULL,
};
/* clang-format on */
