/* What rules ask of a file as a whole: its size, its digests. */
#include "detect/engine/private.h"
#include "detect/filehash.h"

/* Files that are looked at in one transaction. */
#define FILES_MAX 1024u

static bool of_file(const struct match *m)
{
    return m->kind == MATCH_FILEHASH || (m->kind == MATCH_FIELD && m->field->field == FIELD_FILESIZE);
}

/* Is the digest in the list, which is in order? */
static bool listed(const struct match_filehash *m, const uint8_t *digest)
{
    uint32_t low = 0, high = m->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int order = memcmp(m->digests + (size_t)mid * m->len, digest, m->len);
        if (order == 0)
            return true;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

static bool size_matches(const struct match_field *m, const struct detect_file *f)
{
    for (uint16_t i = 0; i < m->count; i++)
        if (uint_matches(&m->any[i], f->size))
            return true;
    return false;
}

static bool matches(const struct look *k, const struct match *m, const struct detect_file *f)
{
    if (m->kind == MATCH_FILEHASH)
        return f->digest[m->filehash->kind] &&
               listed(m->filehash, f->digest[m->filehash->kind]) != m->filehash->negated;
    int dir = m->field->arg;
    bool other_way =
        dir == DETECT_TO_SERVER || dir == DETECT_TO_CLIENT ? (dir == DETECT_TO_CLIENT) != (k->dir == TO_CLIENT) : false;
    return !other_way && size_matches(m->field, f);
}

static const struct match_filestore *filestore_of(const struct rule *r)
{
    for (uint32_t i = 0; i < r->post.count; i++)
        if (r->post.m[i].kind == MATCH_FILESTORE)
            return r->post.m[i].filestore;
    return NULL;
}

bool files_stores(const struct rule *r)
{
    return filestore_of(r) != NULL;
}

static unsigned bit_of(const struct look *k)
{
    return k->dir == TO_SERVER ? DETECT_TO_SERVER : DETECT_TO_CLIENT;
}

bool look_wants_file(const struct look *k)
{
    const struct match_filestore *m = filestore_of(k->rule);
    struct detect_file f;
    bool this_one = m && !m->scope && (!m->dir || (m->dir & bit_of(k)));
    return this_one && !(k->tx->file && k->tx->file(k->tx, k->dir, 0, &f));
}

static bool file_matches(const struct look *k, const struct detect_file *f)
{
    const struct match_list *list = &k->rule->packet;
    for (uint32_t i = 0; i < list->count; i++)
        if (of_file(&list->m[i]) && !matches(k, &list->m[i], f))
            return false;
    return true;
}

void look_store(const struct look *k)
{
    const struct match_filestore *m = filestore_of(k->rule);
    struct detect_file f;
    if (!m || !k->tx || !k->tx->store)
        return;
    unsigned dirs = m->dir ? m->dir : bit_of(k);
    if (m->scope) {
        k->tx->store(k->tx, dirs, m->scope == 2, -1);
        return;
    }
    for (unsigned n = 0; (dirs & bit_of(k)) && n < FILES_MAX && k->tx->file(k->tx, k->dir, n, &f); n++)
        if (file_matches(k, &f))
            k->tx->store(k->tx, bit_of(k), false, (int)n);
}

bool detect_stores_files(const struct detect *d)
{
    for (uint32_t i = 0; i < d->set->rule_count; i++)
        if (files_stores(d->set->rules[i]))
            return true;
    return false;
}

bool look_files(const struct look *k)
{
    const struct match_list *list = &k->rule->packet;
    struct detect_file f;
    bool asked = false;
    for (uint32_t i = 0; i < list->count && !asked; i++)
        asked = of_file(&list->m[i]);
    if (!asked)
        return true;
    for (unsigned n = 0; k->tx && k->tx->file && n < FILES_MAX && k->tx->file(k->tx, k->dir, n, &f); n++)
        if (file_matches(k, &f))
            return true;
    return false;
}

unsigned detect_file_hashes(const struct detect *d)
{
    unsigned bits = 0;
    for (uint32_t i = 0; i < d->set->rule_count; i++)
        for (uint32_t k = 0; k < d->set->rules[i]->packet.count; k++)
            if (d->set->rules[i]->packet.m[k].kind == MATCH_FILEHASH)
                bits |= 1u << d->set->rules[i]->packet.m[k].filehash->kind;
    return bits;
}

bool detect_wants_bodies(const struct detect *d)
{
    unsigned request = detect_buffer_find("http_client_body");
    for (unsigned i = 0; i < detect_buffer_count(); i++)
        if (d->uses[i] && (i == request || detect_buffer(i)->flags & BUFFER_FILE))
            return true;
    for (uint32_t i = 0; i < d->set->rule_count; i++)
        for (uint32_t k = 0; k < d->set->rules[i]->packet.count; k++)
            if (of_file(&d->set->rules[i]->packet.m[k]))
                return true;
    return detect_stores_files(d);
}
