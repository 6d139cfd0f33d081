// libcatching.so: catches an exception of another library; threads, mutexes, conditions and call_once.
#include <chrono>
#include <condition_variable>
#include <csetjmp>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

extern void fail(int number);
static std::string told = "nothing"; // a constructor

extern "C" const char *catch_it(int number)
{
    try {
        fail(number);
    } catch (const std::logic_error &error) {
        told = std::string("caught ") + error.what();
    }
    return told.c_str();
}

// Two threads that wait for each other's mutex, and the caller for both.
extern "C" int threads(void)
{
    std::mutex mutex;
    std::condition_variable changed;
    std::once_flag once;
    int count = 0, first = 0;
    auto work = [&] {
        std::call_once(once, [&] { first++; });
        std::lock_guard<std::mutex> lock(mutex);
        int before = count;
        std::this_thread::sleep_for(std::chrono::milliseconds(5)); // with the mutex held
        count = before + 1;
        changed.notify_all();
    };
    std::thread one(work), two(work);
    {
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [&] { return count == 2; });
    }
    one.join();
    two.join();
    return count * 10 + first;
}

extern "C" int jump(int value)
{
    std::jmp_buf place;
    int got = setjmp(place);
    if (got == 0) {
        std::longjmp(place, value);
    }
    return got;
}
