/* libscript.so: JavaScript as text, of both kinds. */
#include <emscripten/em_asm.h>
#include <emscripten/em_js.h>

EM_JS(int, triple, (int value, const char *text), { return value * 3 + UTF8ToString(text).length; });

int call_em_js(int value)
{
    return triple(value, "four");
}

int call_em_asm(int a, double b)
{
    return EM_ASM_INT({ HEAP32[$2 >> 2] = $0; return HEAP32[$2 >> 2] + $1; }, a, b, &a);
}

int call_nothing(void)
{
    return 1;
}
