/* What rules noted of a flow, for records. */
#include "detect/engine/private.h"

static bool has_bit(const struct detect_flow *f, uint32_t bit)
{
    return bit / 8 < f->bits_room && f->bits[bit / 8] & 1u << bit % 8;
}

static bool has_bits(const struct detect_flow *f)
{
    for (uint32_t i = 0; i < f->bits_room; i++)
        if (f->bits[i])
            return true;
    return false;
}

static void each_bit(const struct detect *d, const struct detect_flow *f, detect_note_fn *note, void *arg)
{
    for (uint32_t i = 0; i < d->set->name_count[NAME_FLOWBIT]; i++)
        if (has_bit(f, d->names[NAME_FLOWBIT][i]))
            note(arg, &(struct detect_note){.kind = DETECT_NOTE_BIT, .name = d->set->names[NAME_FLOWBIT][i]});
}

static void each_int(const struct detect *d, const struct detect_flow *f, detect_note_fn *note, void *arg)
{
    for (uint32_t i = 0; i < d->set->name_count[NAME_FLOWINT]; i++) {
        uint32_t at = d->names[NAME_FLOWINT][i];
        if (at < f->ints_room && f->ints[at].set)
            note(arg, &(struct detect_note){
                          .kind = DETECT_NOTE_INT, .name = d->set->names[NAME_FLOWINT][i], .value = f->ints[at].value});
    }
}

bool detect_has_notes(const struct detect_flow *f)
{
    return f && (f->ints_room || has_bits(f));
}

void detect_each_note(const struct detect *d, const struct detect_flow *f, detect_note_fn *note, void *arg)
{
    if (f->bits_room)
        each_bit(d, f, note, arg);
    if (f->ints_room)
        each_int(d, f, note, arg);
}
