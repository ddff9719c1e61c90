#include "failing_new.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace pf::hostile {
namespace {

std::atomic<std::uint32_t> countdown{0};
std::atomic<bool> goes_on{false};
std::atomic<bool> happened{false};
std::atomic<Whose> whose{Whose::mine};
thread_local bool mine = false;

bool due() {
    std::uint32_t left = countdown.load(std::memory_order_relaxed);
    if (left == 0 || mine != (whose.load(std::memory_order_relaxed) == Whose::mine)) {
        return false;
    }
    const auto next = [](std::uint32_t now) { return now == 1 && goes_on ? 1 : now - 1; };
    while (left != 0 && !countdown.compare_exchange_weak(left, next(left))) {
    }
    if (left == 1) {
        happened = true;
    }
    return left == 1;
}

void begin(Whose of_whom, std::uint32_t nth, bool all_after) {
    mine = true;
    whose = of_whom;
    goes_on = all_after;
    happened = false;
    countdown = nth;
}

}  // namespace

void fail_allocation(Whose of_whom, std::uint32_t nth) {
    begin(of_whom, nth, false);
}

void fail_allocations(Whose of_whom, std::uint32_t from_nth) {
    begin(of_whom, from_nth, true);
}

bool stop_failing() {
    countdown = 0;
    return happened;
}

}  // namespace pf::hostile

void* operator new(std::size_t bytes) {
    void* place = pf::hostile::due() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
    if (place == nullptr) {
        throw std::bad_alloc();
    }
    return place;
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return pf::hostile::due() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
}
void* operator new[](std::size_t bytes) {
    return operator new(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t& tag) noexcept {
    return operator new(bytes, tag);
}
void operator delete(void* place) noexcept {
    std::free(place);
}
void operator delete(void* place, std::size_t) noexcept {
    std::free(place);
}
void operator delete[](void* place) noexcept {
    std::free(place);
}
void operator delete[](void* place, std::size_t) noexcept {
    std::free(place);
}
