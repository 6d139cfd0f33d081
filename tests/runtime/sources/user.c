/* libuser.so: needs libadding.so; its constructor runs once; asks for a function that nobody has. */
#include <string.h>

extern int add(int a, int b);
extern int (*adder(void))(int, int);
extern int nobody_has_this(void);
extern int nobody_has_this_either(void) __attribute__((weak));

int shared_name = 2;
static int constructed;
static char zeros[100000];
static const char *const words[] = {"one", "two"};

__attribute__((constructor)) static void construct(void)
{
    constructed++;
}

int version(void)
{
    return 2;
}

int count_constructed(void)
{
    return constructed;
}

int is_own(void)
{
    return version() == 2 && shared_name == 2;
}

/* A pointer to a function is the same on both sides. */
int use(int a)
{
    return adder() == add ? add(a, 1) : -1;
}

int static_data(void)
{
    for (unsigned i = 0; i < sizeof zeros; i++) {
        if (zeros[i] != 0) {
            return -1;
        }
    }
    return (int)strlen(words[1]);
}

int has_weak(void)
{
    return nobody_has_this_either != 0;
}

int call_missing(void)
{
    return nobody_has_this();
}
