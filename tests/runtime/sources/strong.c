/* libstrong.so: what libweak.so's weak function gives way to. */
int hook(void)
{
    return 2;
}
