/* libadding.so: what libuser.so needs; has a function and a variable of a name that libuser.so has, too. */
int shared_name = 1;

int version(void)
{
    return 1;
}

int add(int a, int b)
{
    return a + b;
}

int (*adder(void))(int, int)
{
    return add;
}
