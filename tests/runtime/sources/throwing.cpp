// libthrowing.so: throws what libcatching.so catches.
#include <stdexcept>
#include <string>

void fail(int number)
{
    throw std::out_of_range("number " + std::to_string(number));
}
