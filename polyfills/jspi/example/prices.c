/* prices.c - the program of the example: three functions that wait for JavaScript.
 *
 * `host.price` and `host.ticks` return promises; to C they are ordinary calls that
 * take their time. Any number of calls may be under way at once. Built by build.sh,
 * called by main.mjs.
 */
#include <emscripten.h>
#include <stdio.h>
#include <string.h>

#include "activations.h"

#define IMPORT(name) __attribute__((import_module("host"), import_name(name)))

/* The price of an article, negative when it cannot be had. */
IMPORT("price") extern double host_price(int article);
/* A time; the import's result is an i64, a BigInt in JavaScript. */
IMPORT("ticks") extern long long host_ticks(void);

static double price(int article)
{
    double result;
    WAITING(result = host_price(article));
    return result;
}

/* The mean price of `count` articles: waits in a loop, with an array on the stack. */
struct mean {
    int first, count;
    double result;
};

static void run_mean(void *data)
{
    struct mean *call = data;
    double prices[16];
    double sum = 0;
    for (int i = 0; i < call->count; i++) {
        prices[i % 16] = price(call->first + i);
        sum += prices[i % 16];
    }
    call->result = sum / call->count;
}

EMSCRIPTEN_KEEPALIVE double mean_price(int first, int count)
{
    struct mean call = { first, count, -1 };
    on_own_stack(run_mean, &call);
    return call.result;
}

/* Writes a line into a buffer on the stack, waits at the bottom of a recursion, and
 * counts what is right in the buffer afterwards. */
struct label {
    int article, depth, result;
};

static __attribute__((noinline)) int describe(int article, int depth)
{
    char line[64], again[64];
    snprintf(line, sizeof line, "article %d, level %d", article, depth);
    int below = depth == 0 ? (int)price(article) : describe(article, depth - 1);
    snprintf(again, sizeof again, "article %d, level %d", article, depth);
    return below + (strcmp(line, again) == 0);
}

static void run_label(void *data)
{
    struct label *call = data;
    call->result = describe(call->article, call->depth);
}

EMSCRIPTEN_KEEPALIVE int check_labels(int article, int depth)
{
    struct label call = { article, depth, -1 };
    on_own_stack(run_label, &call);
    return call.result;
}

/* How long the slowest of some answers took. */
static void run_slowest(void *data)
{
    long long before, after, longest = 0;
    for (int i = 0; i < 3; i++) {
        WAITING(before = host_ticks());
        price(i);
        WAITING(after = host_ticks());
        if (after - before > longest) {
            longest = after - before;
        }
    }
    *(long long *)data = longest;
}

EMSCRIPTEN_KEEPALIVE long long slowest_answer(void)
{
    long long result = -1;
    on_own_stack(run_slowest, &result);
    return result;
}

/* Never waits: called as a plain export. */
EMSCRIPTEN_KEEPALIVE int version(void)
{
    return 3;
}
