#include "core/buf.h"

#include <stdio.h>
#include <stdlib.h>

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){.cap = b->cap};
}

bool buf_grow(struct buf *b, size_t n)
{
    if (n > SIZE_MAX / 4 - b->len)
        return false;
    size_t need = b->len + n;
    if (need <= b->room)
        return true;
    if (b->cap && need > b->cap)
        return false;
    size_t room = b->room ? b->room : 64;
    while (room < need)
        room *= 2;
    if (b->cap && room > b->cap)
        room = b->cap;
    uint8_t *data = realloc(b->data, room);
    if (!data)
        return false;
    b->data = data;
    b->room = room;
    return true;
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    bool ok = n >= 0 && buf_reserve(b, (size_t)n + 1);
    if (ok) {
        vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    return ok;
}

void buf_drop(struct buf *b, size_t n)
{
    if (n < b->len)
        memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
}
