/* to_js_notes.c - the objects that one conversion to JavaScript has met and may
 * meet again: open addressing by address. Called by to_js.c; to_js_entry.c makes
 * and frees the notes, which the tapes of one conversion share.
 *
 * Invariants
 *  1. A noted object is kept alive, so that its address stands for it.
 */
#include "to_js.h"

#include <stdlib.h>

static size_t note_place(const notes *noted, PyObject *object)
{
    size_t mask = noted->room - 1;
    size_t at = ((uintptr_t)object >> 4) * 2654435761u & mask;
    while (noted->slots[at].object != NULL && noted->slots[at].object != object) {
        at = (at + 1) & mask;
    }
    return at;
}

static int grow_notes(notes *noted)
{
    notes larger = *noted;
    larger.room = noted->room == 0 ? 64 : noted->room * 2;
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (larger.slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < noted->room; i++) {
        if (noted->slots[i].object != NULL) {
            larger.slots[note_place(&larger, noted->slots[i].object)] = noted->slots[i];
        }
    }
    free(noted->slots);
    *noted = larger;
    return 0;
}

int sospeso_tape_note(notes *noted, PyObject *object, int *fresh)
{
    if (noted->used * 2 >= noted->room && grow_notes(noted) < 0) {
        return -1;
    }
    note *slot = &noted->slots[note_place(noted, object)];
    *fresh = slot->object == NULL;
    if (*fresh) {
        slot->object = Py_NewRef(object);
        slot->number = (int)noted->used++;
    }
    return slot->number;
}
