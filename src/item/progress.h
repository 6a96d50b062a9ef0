/* How far a transaction has come in one direction: set by its parser, asked by the rules.
 *
 * A direction may skip values but never goes back. What belongs to a value is final from then on. */
#ifndef BURROW_ITEM_PROGRESS_H
#define BURROW_ITEM_PROGRESS_H

#include <stdint.h>

enum tx_progress {
    TX_STARTED, /* nothing of it can be looked at */
    TX_LINE,    /* the first line, or a hello */
    TX_HEADERS, /* all headers; certificates */
    TX_BODY,    /* the body as far as it is kept, though more may come */
    TX_DONE,
    TX_PROGRESS_COUNT
};

#endif
