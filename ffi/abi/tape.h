/* tape.h - the tape on which a whole graph of values crosses at once.
 *
 * It is a row of 32-bit words in the order a depth-first walk meets the values,
 * with numbers and text in arrays of their own. ffi/convert/to_js.c writes tapes
 * that to_js.ts reads, ffi/convert/to_py.ts writes tapes that to_py.c reads.
 * ffi/abi/tape.ts has the same numbers.
 */
#ifndef SOSPESO_TAPE_H
#define SOSPESO_TAPE_H

/* The low four bits of a word; the other 28 are its payload. */
enum {
    TAPE_UNDEFINED = 0,
    TAPE_NULL = 1,
    TAPE_FALSE = 2,
    TAPE_TRUE = 3,
    TAPE_SMALL = 4,    /* payload: the int */
    TAPE_NUMBER = 5,   /* the next of the numbers */
    TAPE_STRING8 = 6,  /* payload: length << 1 | ASCII; the next Latin-1 text */
    TAPE_STRING16 = 7, /* payload: length; the next UTF-16 text */
    TAPE_LIST = 8,     /* payload: how many values follow */
    TAPE_DICT = 9,     /* payload: entries << 1 | TAPE_ODD_KEYS */
    TAPE_REF = 10,     /* payload: number of a value that was noted before */
    TAPE_JS = 11,      /* payload: handle; towards Python a word with the kind follows */
    TAPE_PY = 12,      /* address and more words, see each side */
    TAPE_BIGINT = 13,  /* payload: length; its digits are the next Latin-1 text */
    TAPE_LONG = 14,    /* words: width and ASCII bit as in SLOT_STRING, address, length */
    TAPE_OTHER = 15    /* payload: one of those below */
};

enum {
    TAPE_NOTE = 0,    /* word: number under which the value that follows is noted */
    TAPE_SET = 1,     /* word: how many values follow */
    TAPE_BUFFER = 2,  /* words: type, address, bytes, dimensions, each dimension */
    TAPE_INTEGER = 3, /* towards Python: the next of the numbers, as an int */
    TAPE_PAIRS = 4    /* towards Python: a dict with any keys; word: entries */
};

/* A dict has keys that are no strings, or "__proto__". */
#define TAPE_ODD_KEYS 1

/* Words before the value of a dict entry: index << 1 of a key seen before on
 * this tape, or the index of a new one << 1 | 1 and then a string, or this and
 * then any value. */
#define TAPE_ANY_KEY (-1)

#endif
