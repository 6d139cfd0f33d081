/* engine_stack.c - is there room on the engine's own stack?
 *
 * A function of JavaScript that calls Python and then itself runs out of the engine's
 * stack in the middle of entering Python, as wasm needs more of it than a frame of
 * JavaScript. The engine throws a RangeError through the C frames, which do not clean up:
 * a thread state stayed attached, and the next call ended the runtime. No engine tells how
 * much stack is left, so this uses it and gives it back. Called by ffi/bridge/room.ts.
 */
#include "jspi.h"

#include <emscripten/emscripten.h>
#include <stdint.h>

static volatile int64_t cells[128];

static __attribute__((noinline)) void change_cells(void)
{
    cells[0]++;
}

/* 8 values each; they live across a call, so the engine gives them a place in its frame. */
#define LOAD(n) int64_t a##n = cells[n], b##n = cells[n + 1], c##n = cells[n + 2], \
    d##n = cells[n + 3], e##n = cells[n + 4], f##n = cells[n + 5], g##n = cells[n + 6], h##n = cells[n + 7];
#define STORE(n) cells[n] = a##n; cells[n + 1] = b##n; cells[n + 2] = c##n; cells[n + 3] = d##n; \
    cells[n + 4] = e##n; cells[n + 5] = f##n; cells[n + 6] = g##n; cells[n + 7] = h##n;
#define EACH(DO) DO(0) DO(8) DO(16) DO(24) DO(32) DO(40) DO(48) DO(56) \
    DO(64) DO(72) DO(80) DO(88) DO(96) DO(104) DO(112) DO(120)

/* Use `levels` frames of 1 KiB; the engine throws its RangeError when there is no room.
 * `never` is 0: the values need their places, not their time. */
EMSCRIPTEN_KEEPALIVE __attribute__((noinline)) int sospeso_use_stack(int levels, int never)
{
    if (never) {
        EACH(LOAD)
        change_cells();
        EACH(STORE)
    }
    int below = levels == 0 ? 0 : sospeso_use_stack(levels - 1, never);
    cells[1] = below; /* after the call: or the recursion becomes a loop */
    return below + 1;
}
