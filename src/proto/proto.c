#include "proto/proto.h"

#include <stdlib.h>

void *proto_tx_add(struct proto_txs *txs, size_t size, uint64_t time_ns)
{
    struct proto_tx *tx = calloc(1, size);
    if (!tx)
        return NULL;
    tx->id = txs->next_id++;
    tx->time_ns = time_ns;
    if (txs->last)
        txs->last->next = tx;
    else
        txs->first = tx;
    txs->last = tx;
    txs->count++;
    return tx;
}
