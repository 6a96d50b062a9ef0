/* Keywords that fit nowhere else; those that are refused; and those of protocols without a parser, whose rules load but
 * can't match. */
#include <string.h>

#include "detect/load.h"

static bool prefilter(struct rule_build *b, char *arg)
{
    (void)arg;
    if (!b->packet.count && !b->buffers[0].matches.count && b->buffer_count == 1)
        return build_error(b, "needs a condition before it");
    if (b->rule->flags & RULE_PREFILTER)
        return build_error(b, "given twice");
    const struct match *last = b->packet.count ? &b->packet.m[b->packet.count - 1] : NULL;
    struct match_content *c = b->last_content.buffer >= 0 ? build_last_content(b) : NULL;
    if (c && b->last_added == c) {
        if (b->fast_asked)
            return build_error(b, "does not go with fast_pattern");
        b->fast_asked = c->fast_pattern = true;
        return true;
    }
    if (!last || !last->data || last->data != b->last_added || !(last->keyword->flags & KEYWORD_PREFILTER))
        return build_error(b, "the condition before it can't be a prefilter");
    b->rule->prefilter = b->packet.count - 1;
    b->rule->flags |= RULE_PREFILTER;
    return true;
}

static bool action(struct rule_build *b, char *arg)
{
    struct match_text *t = build_get(b, sizeof *t);
    const char **list = build_get(b, sizeof *list);
    if (!t || !list || !(list[0] = build_text(b, arg)))
        return false;
    *t = (struct match_text){.words = list, .count = 1, .arg = b->keyword->param};
    return build_add_post(b, MATCH_CONFIG, t);
}

static bool config(struct rule_build *b, char *arg)
{
    if (b->rule->action != RULE_CONFIG)
        return build_error(b, "only for rules whose action is config");
    return action(b, arg);
}

static bool never(struct rule_build *b, char *arg)
{
    struct match_text *t = build_get(b, sizeof *t);
    const char **list = build_get(b, sizeof *list);
    if (!t || !list || !(list[0] = build_text(b, arg)))
        return false;
    *t = (struct match_text){.words = list, .count = 1};
    return build_add_packet(b, MATCH_NEVER, t);
}

static bool yes_no(struct rule_build *b, char *arg)
{
    static const char *const words[] = {"yes", "no", "true", "false", "1", "0", "on", "off"};
    unsigned i;
    if (!text_word(arg, words, 8, &i))
        return build_error(b, "\"%.20s\": use yes or no", arg);
    return never(b, arg);
}

static bool refused(struct rule_build *b, char *arg)
{
    (void)arg;
    return build_error(b, "%s", b->keyword->text);
}

#define A(app) DETECT_APP_BIT(APP_##app)
#define V(name, app, text)                                                                                             \
    {                                                                                                                  \
        name, NULL, never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE | KEYWORD_NEGATION, 0, A(app), text                       \
    }
#define P(name, text)                                                                                                  \
    {                                                                                                                  \
        name, NULL, never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, 0, text                                               \
    }
#define O(name, app, text)                                                                                             \
    {                                                                                                                  \
        name, NULL, never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE | KEYWORD_OPTIONAL_VALUE, 0, A(app), text                 \
    }

const struct keyword keywords_other[] = {
    {"prefilter", NULL, prefilter, KEYWORD_NO_VALUE, 0, 0, "look for the rule by the condition before"},
    {"config", NULL, config, 0, 0, 0, "what a config rule sets"},
    {"bypass", NULL, action, KEYWORD_NO_VALUE, 1, 0, "no more of this flow"},
    {"nfq_set_mark", NULL, action, 0, 2, 0, "mark for the kernel's queue"},
    {"lua", "luajit", refused, KEYWORD_REFUSED, 0, 0, "Lua is not supported"},
    P("app-layer-state", "how far a protocol's transaction is"),
    P("asn1", "conditions on ASN.1"),
    P("rpc", "program, version, procedure of Sun RPC"),
    P("l3_proto", "network protocol"),
    P("sctp.vtag", "verification tag of SCTP"),
    P("sctp.chunk_type", "type of an SCTP chunk"),
    P("sctp.chunk_cnt", "number of SCTP chunks"),
    {"ftpbounce", NULL, never, KEYWORD_NEVER | KEYWORD_NO_VALUE, 0, A(FTP), "PORT to another host"},
    V("ftpdata_command", FTP_DATA, "stor or retr"),
    V("ftp.mode", FTP, "active or passive"),
    V("ftp.dynamic_port", FTP, "port of the data connection"),
    {"ftp.reply_received", NULL, yes_no, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(FTP), "a reply came: yes or no"},
    {"tls.store", "tls_store", action, KEYWORD_NO_VALUE, 3, A(TLS), "keep the certificate"},
    {"dcerpc.iface", "dce_iface", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(DCERPC) | A(SMB), "interface"},
    {"dcerpc.opnum", "dce_opnum", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(DCERPC) | A(SMB), "operation"},
    V("smb.version", SMB, "version"),
    V("modbus", MODBUS, "function, access, unit"),
    V("cip_service", ENIP, "service of CIP"),
    V("enip_command", ENIP, "command"),
    V("enip.status", ENIP, "status"),
    V("enip.protocol_version", ENIP, "version"),
    V("enip.cip_attribute", ENIP, "attribute"),
    V("enip.cip_class", ENIP, "class"),
    V("enip.cip_instance", ENIP, "instance"),
    V("enip.cip_status", ENIP, "status of CIP"),
    V("enip.cip_extendedstatus", ENIP, "extended status of CIP"),
    V("enip.capabilities", ENIP, "capabilities"),
    V("enip.device_type", ENIP, "type of the device"),
    V("enip.identity_status", ENIP, "status of the identity"),
    V("enip.product_code", ENIP, "code of the product"),
    V("enip.revision", ENIP, "revision"),
    V("enip.serial", ENIP, "serial number"),
    V("enip.state", ENIP, "state"),
    V("enip.vendor_id", ENIP, "vendor"),
    {"dnp3.func", "dnp3_func", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(DNP3), "function"},
    {"dnp3.ind", "dnp3_ind", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(DNP3), "indicators"},
    {"dnp3.obj", "dnp3_obj", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(DNP3), "object"},
    {"krb5_msg_type", "krb5.msg_type", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(KRB5), "type of the message"},
    {"krb5_err_code", "krb5.err_code", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(KRB5), "error code"},
    O("krb5.ticket_encryption", KRB5, "encryption of the ticket"),
    {"nfs_procedure", "nfs.procedure", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(NFS), "procedure"},
    {"nfs.version", "nfs_version", never, KEYWORD_NEVER | KEYWORD_MAY_QUOTE, 0, A(NFS), "version"},
    V("snmp.version", SNMP, "version"),
    V("snmp.pdu_type", SNMP, "type of the PDU"),
    V("snmp.trap_type", SNMP, "type of the trap"),
    V("rfb.secresult", RFB, "result"),
    V("rfb.sectype", RFB, "type of security"),
    V("ike.exchtype", IKE, "type of the exchange"),
    V("ike.chosen_sa_attribute", IKE, "an attribute"),
    V("ike.key_exchange_payload_length", IKE, "bytes of the key exchange"),
    V("ike.nonce_payload_length", IKE, "bytes of the nonce"),
    V("mqtt.protocol_version", MQTT, "version"),
    V("mqtt.type", MQTT, "type of the message"),
    V("mqtt.flags", MQTT, "flags of the message"),
    V("mqtt.qos", MQTT, "quality of service"),
    V("mqtt.reason_code", MQTT, "reason"),
    V("mqtt.connack.session_present", MQTT, "session present: yes or no"),
    V("mqtt.connect.flags", MQTT, "flags of CONNECT"),
    V("mqtt.connack.return_code", MQTT, "return code"),
    V("quic.cyu.version", QUIC, "version"),
    V("tftp.opcode", TFTP, "opcode"),
    V("dhcp.leasetime", DHCP, "seconds of the lease"),
    V("dhcp.rebinding_time", DHCP, "seconds to rebinding"),
    V("dhcp.renewal_time", DHCP, "seconds to renewal"),
    V("ldap.request.operation", LDAP, "operation"),
    V("ldap.responses.operation", LDAP, "operation of a response"),
    V("ldap.responses.count", LDAP, "number of responses"),
    V("ldap.responses.result_code", LDAP, "result"),
    V("smb.smb1_cmd", SMB, "command"),
    V("mdns.rrtype", MDNS, "type of a record"),
    {0}};
