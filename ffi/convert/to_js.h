/* to_js.h - a tape of a conversion to JavaScript while it is written: what the
 * three files of it share, and nobody else includes.
 *
 * to_js_entry.c makes and frees tapes, and calls the walk in to_js.c. The walk
 * looks objects up in to_js_notes.c. No call goes the other way.
 */
#ifndef SOSPESO_TO_JS_H
#define SOSPESO_TO_JS_H

#include "convert.h"

#define KEY_SLOTS 256

typedef struct {
    PyObject *object;
    int number;
} note;

/* Objects met that may be met again (to_js_notes.c). */
typedef struct {
    note *slots;
    size_t used;
    size_t room; /* a power of two, or 0 */
    int users;   /* tapes that share the notes */
} notes;

/* The fields before word_count are read by ffi/convert/to_js.ts. */
typedef struct tape {
    int32_t *words;
    double *numbers;
    uint8_t *text8;
    uint16_t *text16;
    uint32_t length8;
    uint32_t length16;
    uint32_t ascii; /* all of text8 is */
    uint32_t word_count;

    size_t word_room;
    size_t number_count, number_room;
    size_t room8, room16;
    PyObject *keep; /* list, or NULL */
    notes *noted;
    int flags; /* WALK_* */
    int key_count;
    struct {
        PyObject *key;
        int index;
    } keys[KEY_SLOTS];
} tape;

SOSPESO_AT(tape, words, TO_JS_WORDS);
SOSPESO_AT(tape, numbers, TO_JS_NUMBERS);
SOSPESO_AT(tape, text8, TO_JS_TEXT8);
SOSPESO_AT(tape, text16, TO_JS_TEXT16);
SOSPESO_AT(tape, length8, TO_JS_LENGTH8);
SOSPESO_AT(tape, length16, TO_JS_LENGTH16);
SOSPESO_AT(tape, ascii, TO_JS_ASCII);

/* Write an object on a tape. -1 with an exception. */
int sospeso_tape_walk(tape *t, PyObject *object, int depth);

/* The number of an object; *fresh tells whether it was met for the first time. -1
 * with an exception. */
int sospeso_tape_note(notes *noted, PyObject *object, int *fresh);

/* Python code ran: a key's address may belong to another string by now. */
void sospeso_tape_forget_keys(tape *t);

#endif
