/* What this lane's decap tells the others', and hears from them. */
#include <stdlib.h>
#include <string.h>

#include "decap/tunnel.h"

void decap_send_egress(void *stage, unsigned lane, const struct egress_news *news)
{
    decap_send(stage, lane, news);
}

/* To this lane's own parts at once; an ask of ours comes when all packets of ours below it have passed. */
void decap_send(struct stage *s, unsigned lane, const struct egress_news *news)
{
    struct decap_stage *ds = s->state;
    if (lane == s->lane) {
        if (news->news.kind == NEWS_EGRESS_ASK)
            egress_answer(&ds->egress, news, decap_send_egress, s);
        else if (news->news.kind == NEWS_EGRESS_VERDICT)
            egress_judged(&ds->egress, news);
        else
            join_take(s, news);
        return;
    }
    size_t n = sizeof *news + news->listed * sizeof news->found[0];
    struct egress_news *copy = malloc(n);
    if (!copy)
        abort(); /* flows' ends wait for an answer */
    memcpy(copy, news, n);
    news_send(s->lanes, lane, &copy->news);
    s->lanes->wake(s->lanes, lane);
}

void decap_receive(struct stage *s)
{
    struct decap_stage *ds = s->state;
    struct inbox_node *node = inbox_take(&s->lanes->news[s->lane]);
    uint64_t low = node ? news_low_water(s->lanes) : 0;
    while (node) {
        struct news *news = (struct news *)node;
        node = node->next;
        switch ((enum news_kind)news->kind) {
        case NEWS_NAME:
            names_take(&ds->names, news, low);
            break;
        case NEWS_RELAY:
            relays_take(&ds->relays, news);
            break;
        case NEWS_EGRESS_ASK:
            egress_keep(&ds->egress, (struct egress_news *)news);
            continue;
        case NEWS_EGRESS_VERDICT:
            egress_judged(&ds->egress, (struct egress_news *)news);
            break;
        case NEWS_LOOKUP:
            lookup_take(s->lanes->lookups, news);
            continue; /* its tunnel has it */
        case NEWS_EGRESS_FOUND:
        case NEWS_EGRESS_BYTES:
        case NEWS_EGRESS_OVER:
            join_take(s, (struct egress_news *)news);
            break;
        }
        free(news);
    }
}

/* Ends of proxies' connections that waited to hear whose they were. */
void decap_release_ends(struct stage *s)
{
    struct decap_stage *ds = s->state;
    struct flow_end *end;
    if (!egress_holds(&ds->egress))
        return;
    uint64_t low = news_low_water(s->lanes);
    /* Only now is everything here that was asked and told below it. */
    decap_receive(s);
    egress_turn(&ds->egress, ds->seen, decap_send_egress, s);
    while (egress_holds(&ds->egress) && (end = egress_release(&ds->egress, low, decap_send_egress, s)) != NULL)
        decap_pass_end(s, end);
}
