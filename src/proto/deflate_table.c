/* Tables of Huffman codes (RFC 1951 3.2.2). */
#include <string.h>

#include "proto/deflate_private.h"

#define LEN(base, extra)  ((uint32_t)(base) << 16 | (extra))
#define DIST(base, extra) ((uint32_t)(base) << 16 | (extra))
/* An entry's code and all of its bits grow by the code's length. */
#define CODE_LEN(n) ((uint32_t)(n)*0x101u)

/* RFC 1951 3.2.5: symbols from 256 on. */
static const uint32_t lengths[LIT_SYMBOLS - 256] = {ENTRY_SPECIAL | ENTRY_END,
                                                    LEN(3, 0),
                                                    LEN(4, 0),
                                                    LEN(5, 0),
                                                    LEN(6, 0),
                                                    LEN(7, 0),
                                                    LEN(8, 0),
                                                    LEN(9, 0),
                                                    LEN(10, 0),
                                                    LEN(11, 1),
                                                    LEN(13, 1),
                                                    LEN(15, 1),
                                                    LEN(17, 1),
                                                    LEN(19, 2),
                                                    LEN(23, 2),
                                                    LEN(27, 2),
                                                    LEN(31, 2),
                                                    LEN(35, 3),
                                                    LEN(43, 3),
                                                    LEN(51, 3),
                                                    LEN(59, 3),
                                                    LEN(67, 4),
                                                    LEN(83, 4),
                                                    LEN(99, 4),
                                                    LEN(115, 4),
                                                    LEN(131, 5),
                                                    LEN(163, 5),
                                                    LEN(195, 5),
                                                    LEN(227, 5),
                                                    LEN(258, 0),
                                                    ENTRY_SPECIAL,
                                                    ENTRY_SPECIAL};

static const uint32_t distances[DIST_SYMBOLS] = {
    DIST(1, 0),      DIST(2, 0),      DIST(3, 0),     DIST(4, 0),     DIST(5, 1),     DIST(7, 1),     DIST(9, 2),
    DIST(13, 2),     DIST(17, 3),     DIST(25, 3),    DIST(33, 4),    DIST(49, 4),    DIST(65, 5),    DIST(97, 5),
    DIST(129, 6),    DIST(193, 6),    DIST(257, 7),   DIST(385, 7),   DIST(513, 8),   DIST(769, 8),   DIST(1025, 9),
    DIST(1537, 9),   DIST(2049, 10),  DIST(3073, 10), DIST(4097, 11), DIST(6145, 11), DIST(8193, 12), DIST(12289, 12),
    DIST(16385, 13), DIST(24577, 13), ENTRY_SPECIAL,  ENTRY_SPECIAL};

static uint32_t entry_of(enum deflate_code kind, unsigned symbol)
{
    if (kind == CODE_DIST)
        return distances[symbol];
    if (kind == CODE_LIT && symbol >= 256)
        return lengths[symbol - 256];
    return (uint32_t)symbol << 16 | (kind == CODE_LIT ? ENTRY_LITERAL : 0);
}

/* Codes are read from their highest bit on, tables are asked from the lowest: the next code, with its bits turned
 * round. */
static uint32_t next(uint32_t code, unsigned len)
{
    uint32_t bit = 1u << (len - 1);
    while (code & bit)
        bit >>= 1;
    return bit ? (code & (bit - 1)) | bit : 0;
}

struct making {
    enum deflate_code kind;
    uint32_t *table;
    unsigned root, room, max;
    unsigned counts[CODE_BITS + 1];
    uint16_t sorted[LIT_SYMBOLS]; /* symbols by length */
};

/* Is it a code? Over-full ones are none; ones with codes to spare only if they have a single symbol, of one bit. */
static bool judge(struct making *m, const uint8_t *lens, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        m->counts[lens[i]]++;
    m->max = CODE_BITS;
    while (m->max && !m->counts[m->max])
        m->max--;
    int spare = 1;
    for (unsigned len = 1; len <= CODE_BITS; len++) {
        spare = spare * 2 - (int)m->counts[len];
        if (spare < 0)
            return false;
    }
    return m->max == 0 || spare == 0 || (m->kind != CODE_PRE && m->max == 1);
}

static void sort(struct making *m, const uint8_t *lens, unsigned count)
{
    unsigned at[CODE_BITS + 2] = {0};
    for (unsigned len = 1; len <= CODE_BITS; len++)
        at[len + 1] = at[len] + m->counts[len];
    for (unsigned i = 0; i < count; i++)
        if (lens[i])
            m->sorted[at[lens[i]]++] = (uint16_t)i;
}

/* Codes that are longer than the root's bits, the first of which is `code`. */
static bool second_tables(struct making *m, const uint16_t *symbol, uint32_t code)
{
    uint32_t mask = (1u << m->root) - 1, prefix = UINT32_MAX, at = 1u << m->root;
    unsigned bits = 0;
    for (unsigned len = m->root + 1; len <= m->max; len++)
        for (; m->counts[len]; m->counts[len]--) {
            if ((code & mask) != prefix) {
                at += prefix == UINT32_MAX ? 0 : 1u << bits;
                prefix = code & mask;
                bits = len - m->root;
                for (unsigned used = m->counts[len]; used < 1u << bits;) {
                    bits++;
                    used = used * 2 + m->counts[m->root + bits];
                }
                if (at + (1u << bits) > m->room)
                    return false;
                m->table[prefix] = ENTRY_SPECIAL | ENTRY_SECOND | at << 16 | bits << 8 | m->root;
            }
            uint32_t entry = entry_of(m->kind, *symbol++) + CODE_LEN(len - m->root);
            for (uint32_t i = code >> m->root; i < 1u << bits; i += 1u << (len - m->root))
                m->table[at + i] = entry;
            code = next(code, len);
        }
    return true;
}

bool deflate_table_make(enum deflate_code kind, const uint8_t *lens, unsigned count, uint32_t *table)
{
    struct making m = {.kind = kind, .table = table};
    m.root = kind == CODE_PRE ? PRE_ROOT : kind == CODE_LIT ? LIT_ROOT : DIST_ROOT;
    m.room = kind == CODE_PRE ? PRE_ROOM : kind == CODE_LIT ? LIT_ROOM : DIST_ROOM;
    if (!judge(&m, lens, count))
        return false;
    sort(&m, lens, count);
    const uint16_t *symbol = m.sorted;
    uint32_t code = 0;
    /* What is no code; zlib reads code lengths without a code as zeros. */
    table[0] = table[1] = (kind == CODE_PRE ? 0 : ENTRY_SPECIAL) + CODE_LEN(1);
    for (unsigned len = 1; len <= m.root; len++) {
        if (len > 1)
            memcpy(table + (1u << (len - 1)), table, sizeof *table << (len - 1));
        for (unsigned k = m.counts[len]; k; k--) {
            table[code] = entry_of(kind, *symbol++) + CODE_LEN(len);
            code = next(code, len);
        }
    }
    return m.max <= m.root || second_tables(&m, symbol, code);
}
