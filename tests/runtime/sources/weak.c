/* libweak.so: a weak function, which gives way to a global library's. */
__attribute__((weak)) int hook(void)
{
    return 1;
}

int call_hook(void)
{
    return hook();
}
