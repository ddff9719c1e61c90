// Which system call of a process is to fail next, and what its close(2) has seen. Lies in memory
// that a test shares with the process: the library of fault_library.cpp reads it there.
#pragma once

#include <atomic>
#include <cstdint>

namespace pf::hostile {

enum class Faulty : std::uint32_t {
    none,
    memfd_create,
    ftruncate,
    mmap,  // of shared memory
    fcntl,
    eventfd,
    fstat,
    fstatfs,
    readlink,
    recvmsg,
    sendmsg,
    accept4,
    madvise,
    count,
};

enum class Effect : std::uint32_t {
    fail,         // with `error`
    cut_before,   // the connection ends, then the call is made
    cut_after,    // the call is made, then the connection ends
    kill_before,  // process `victim` ends, then the call is made
    kill_after,
};

// All fields are set by the test, `call` last. Zero bytes are a plan for nothing.
struct FaultPlan {
    std::atomic<Faulty> call;
    std::atomic<std::uint32_t> countdown;  // 1: the next one; 0: it has happened
    std::atomic<Effect> effect;
    std::atomic<int> error;
    std::atomic<int> victim;
    // Descriptors that were closed although they were not open. Closed ones are kept out of use
    // for a while, so that a second close meets no innocent descriptor of the same number; not so
    // with no_graves.
    std::atomic<int> no_graves;
    std::atomic<std::uint64_t> bad_closes;
    std::atomic<std::uint64_t> closes;
};
static_assert(std::atomic<Faulty>::is_always_lock_free);

// What PF_FAULTS names a file for; without that, a plan of this process alone.
inline constexpr const char* kFaultsVariable = "PF_FAULTS";

// The name of what stands in for a closed descriptor.
inline constexpr const char* kClosedName = "pf-closed";

extern "C" FaultPlan* pf_fault_plan();  // of this process; the library defines it

}  // namespace pf::hostile
