#include "thread_name.hpp"

#include <pthread.h>

#include <cstring>

namespace pf::os {

void name_this_thread(const char* name) {
    char shown[16] = {};  // with its zero, pthread_setname_np(3)
    std::strncpy(shown, name, sizeof shown - 1);
    (void)::pthread_setname_np(::pthread_self(), shown);
}

}  // namespace pf::os
