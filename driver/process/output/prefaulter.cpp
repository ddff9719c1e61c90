#include "prefaulter.hpp"

#include <new>
#include <utility>

#include <spdlog/spdlog.h>

namespace pf::driver {

Prefaulter::~Prefaulter() {
    {
        const std::lock_guard locked(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Prefaulter::add(const std::shared_ptr<MappedRing>& ring, std::uint64_t max_slot_bytes) {
    if (!begin()) {
        return;
    }
    try {
        const std::lock_guard locked(mutex_);
        if (stopping_) {
            return;
        }
        jobs_.push_back({ring, max_slot_bytes});
    } catch (const std::bad_alloc&) {
        return;
    }
    wake_.notify_one();
}

bool Prefaulter::begin() {
    if (!thread_) {
        auto started = os::GuardedThread::start(
            "prefault", [this] { run(); }, [this](const os::Error& error) { give_up(error); });
        if (started) {
            thread_ = std::move(*started);
        }
    }
    return static_cast<bool>(thread_);
}

void Prefaulter::give_up(const os::Error& error) {
    {
        const std::lock_guard locked(mutex_);
        stopping_ = true;
        jobs_.clear();
    }
    spdlog::error("slots are not prepared any more: {}", error.message());
}

bool Prefaulter::stopping() {
    const std::lock_guard locked(mutex_);
    return stopping_;
}

void Prefaulter::run() {
    for (;;) {
        std::unique_lock locked(mutex_);
        wake_.wait(locked, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) {
            return;
        }
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        locked.unlock();
        prefault(job);
    }
}

void Prefaulter::prefault(const Job& job) {
    for (std::size_t i = 0; !stopping(); ++i) {
        // Held for one slot only, so that a replaced ring's memory goes soon.
        const auto ring = job.ring.lock();
        if (!ring || i >= ring->slots.size()) {
            return;
        }
        if (ring->slots[i].bytes().size() <= job.max_slot_bytes) {
            ring->slots[i].prefault();
        }
    }
}

}  // namespace pf::driver
