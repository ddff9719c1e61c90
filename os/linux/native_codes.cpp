#include "native_codes.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

namespace pf::os {

Reaction reaction_of_native(std::int64_t code) {
    switch (code) {
        case EAGAIN:
        case EINTR:
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case ENOBUFS:
        case ETOOMANYREFS:
        case EBUSY:
        case ETIMEDOUT: return Reaction::retry;
        case ECONNRESET:
        case ECONNREFUSED:
        case ECONNABORTED:
        case ENOTCONN:
        case EPIPE:
        case ENOENT:
        case ENODEV:
        case ENXIO:
        case ESRCH: return Reaction::reopen;
        case ENOSYS:
        case EOPNOTSUPP: return Reaction::fallback;
        case EBADF:
        case EFAULT: return Reaction::bug;
        default: return Reaction::reject;
    }
}

const char* native_code_name(std::int64_t code) {
    return code > 0 && code <= INT32_MAX ? strerrorname_np(static_cast<int>(code)) : nullptr;
}

tl::unexpected<Error> fail_last(const char* operation, std::string detail) {
    const int code = errno;
    return fail(operation, code, reaction_of_native(code), std::move(detail));
}

}  // namespace pf::os
