#include "detached_thread.hpp"

#include <new>
#include <system_error>

#include "thread_name.hpp"

namespace pf::os {

Result<std::thread> start_thread(const char* name, std::function<void()> body) {
    try {
        return std::thread([name, body = std::move(body)]() mutable {
            name_this_thread(name);
            try {
                body();
            } catch (...) {
            }
            body = nullptr;  // before the thread is seen to have ended
        });
    } catch (const std::bad_alloc&) {
        return fail(name, 0, Reaction::retry, "no memory");
    } catch (const std::system_error& error) {
        return fail(name, error.code().value(), Reaction::retry, "no thread could be started");
    }
}

}  // namespace pf::os
