// Reads and writes of fields that the other process may change at any time. A field is read once
// into a local; the local is what gets validated and used.
#pragma once

#include <atomic>

#include <pf/proto/abi.hpp>

namespace pf::proto {

// What one atomic access can carry, lock-free and between processes.
template <typename T>
concept SharedWord = std::is_integral_v<T> &&(sizeof(T) == 4 || sizeof(T) == 8);

// `field` lies in a writable or read-only shared mapping, naturally aligned.
template <SharedWord T>
T load_relaxed(const T& field) {
    return std::atomic_ref<T>(const_cast<T&>(field)).load(std::memory_order_relaxed);
}

template <SharedWord T>
T load_acquire(const T& field) {
    return std::atomic_ref<T>(const_cast<T&>(field)).load(std::memory_order_acquire);
}

template <SharedWord T>
void store_relaxed(T& field, std::type_identity_t<T> value) {
    std::atomic_ref<T>(field).store(value, std::memory_order_relaxed);
}

template <SharedWord T>
void store_release(T& field, std::type_identity_t<T> value) {
    std::atomic_ref<T>(field).store(value, std::memory_order_release);
}

// Orders a store to one shared word before a load of another (claim against lease, publish
// against waiting).
inline void full_fence() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

static_assert(std::atomic_ref<std::uint32_t>::is_always_lock_free);
static_assert(std::atomic_ref<std::uint64_t>::is_always_lock_free);

}  // namespace pf::proto
