#include "decap/news.h"

uint64_t news_low_water(const struct lanes_shared *lanes)
{
    uint64_t low = UINT64_MAX;
    for (unsigned i = 0; i < lanes->count; i++) {
        uint64_t c = atomic_load_explicit(&lanes->progress[i].completed, memory_order_acquire);
        low = c < low ? c : low;
    }
    return low;
}

bool news_ready(const struct lanes_shared *lanes, unsigned lane, uint64_t number, uint64_t own)
{
    if (lanes->live)
        return true;
    if (own < number || news_low_water(lanes) + NEWS_DELAY < number)
        return false;
    for (unsigned i = 0; i < lanes->count; i++)
        if (i != lane && atomic_load_explicit(&lanes->progress[i].told, memory_order_acquire) + 1 < number)
            return false;
    return true;
}

void news_send(struct lanes_shared *lanes, unsigned to, struct news *news)
{
    inbox_push(&lanes->news[to], &news->node);
}
