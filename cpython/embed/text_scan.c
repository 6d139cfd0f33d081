/* text_scan.c - sixteen bytes at a time: the two scans that all text goes through.
 *
 * CPython checks bytes for ASCII by a machine word, and the C library looks for a byte by one: four
 * bytes in wasm32. That was half of the time of sys.stdin.read() and a tenth of a loop over its
 * lines. Every engine that can run a core has wasm SIMD (docs/engines.md). sospeso_copy_ascii() is
 * called by unicodeobject.c (patch 0023); memchr() stands for the C library's.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#define SIMD __attribute__((target("simd128")))
enum { WIDTH = sizeof(v128_t) };

/* Copy bytes as long as they are ASCII; returns how many were. What lies behind them in `to`, up
 * to `size`, may be written to. */
SIMD size_t sospeso_copy_ascii(const char *from, size_t size, char *to)
{
    size_t done = 0;
    for (; size - done >= WIDTH; done += WIDTH) {
        v128_t part = wasm_v128_load(from + done);
        wasm_v128_store(to + done, part);
        uint32_t high = wasm_i8x16_bitmask(part);
        if (high != 0) {
            return done + (size_t)__builtin_ctz(high);
        }
    }
    for (; done < size && (signed char)from[done] >= 0; done++) {
        to[done] = from[done];
    }
    return done;
}

SIMD void *memchr(const void *where, int byte, size_t size)
{
    const unsigned char *at = where, *end = at + size;
    v128_t wanted = wasm_i8x16_splat((int8_t)byte);
    for (; end - at >= WIDTH; at += WIDTH) {
        uint32_t found = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(at), wanted));
        if (found != 0) {
            return (void *)(at + __builtin_ctz(found));
        }
    }
    for (; at < end; at++) {
        if (*at == (unsigned char)byte) {
            return (void *)at;
        }
    }
    return NULL;
}
