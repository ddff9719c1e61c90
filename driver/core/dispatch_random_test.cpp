// Any bytes, any sizes, any owner, and a system that takes its time: no stray call, no more bytes
// than asked for, every request answered once, and the table and the adapter always agree.
#include <algorithm>

#include <gtest/gtest.h>

#include "test/fake_adapter.hpp"
#include "test/test_random.hpp"

namespace pf::core {
namespace {

using namespace proto;

// Small numbers mostly: they reach sessions, targets and modes that exist.
std::vector<std::byte> random_input(TestRandom& random) {
    std::vector<std::uint32_t> words(25);
    for (std::uint32_t& word : words) {
        word = random.below(8) == 0 ? random.word() : random.below(20);
    }
    for (std::size_t i = 1; i < words.size(); i += random.below(3) + 1) {
        words[i] = random.below(2) == 0 ? 0 : words[i];  // the upper half of a session id
    }
    std::vector<std::byte> input(random.below(100));
    std::copy_n(reinterpret_cast<const std::byte*>(words.data()), input.size(), input.begin());
    return input;
}

void expect_agreement(const Caller& c) {
    for (std::uint32_t id = 1; id <= 15; ++id) {
        const Monitor* monitor = c.dispatcher.monitors().at(id);
        if (monitor != nullptr && monitor->phase == Monitor::Phase::there) {
            ASSERT_EQ(c.adapter.live.count(monitor->number), 1U);
            ASSERT_EQ(c.adapter.live.at(monitor->number).monitor_id, id);
        }
    }
    ASSERT_EQ(c.adapter.stray_calls, 0);
}

// Sends requests, and tells the ends of what they began whenever chance wants it.
class Storm {
public:
    explicit Storm(std::uint32_t version) : c(version), random_(version) {}

    void turn() {
        c.adapter.refuse_plug = random_.below(10) == 0;
        c.adapter.has_adapter = random_.below(10) != 0;
        c.adapter.mode_status = random_.below(4) == 0 ? kStatusNotSupported : kStatusSuccess;
        c.now_ns += random_.below(2'000'000'000);
        send();
        if (random_.below(50) == 0) {
            c.dispatcher.owner_gone(random_.below(3));
        }
        collect();
        if (random_.below(20) == 0) {
            c.dispatcher.tick(c.now_ns + random_.below(2) * 11'000'000'000LL);
        }
        collect();
        for (std::uint32_t told = random_.below(4); told > 0; --told) {
            c.adapter.tell_one(c.dispatcher, c.now_ns);
            collect();
        }
    }
    void end() {
        c.dispatcher.depart_all();
        collect();
        EXPECT_TRUE(begun_.empty());
        c.adapter.settle(c.dispatcher, c.now_ns);
        EXPECT_TRUE(c.adapter.live.empty());
        EXPECT_EQ(c.dispatcher.monitors().leaving(), 0U);
    }

    Caller c;

private:
    void send() {
        const std::uint32_t code =
            random_.below(20) == 0 ? random_.word() : ctl_code(0x900 + random_.below(12));
        const std::size_t capacity = random_.below(40);
        const auto done = c.begin(random_.below(3), code, random_input(random_), capacity);
        if (done) {
            expect_good(*done, capacity);
        } else {
            begun_[c.last_id] = capacity;
        }
    }
    void collect() {
        c.adapter.collect(c.dispatcher);
        for (const auto& [id, done] : c.adapter.answers) {
            ASSERT_EQ(begun_.count(id), 1U);
            expect_good(done, begun_[id]);
            begun_.erase(id);
        }
        c.adapter.answers.clear();
        ASSERT_LE(begun_.size(), 45U);
    }
    static void expect_good(const Completion& done, std::size_t capacity) {
        ASSERT_LE(done.bytes_written, capacity);
        ASSERT_TRUE(done.status == kStatusSuccess || done.bytes_written == 0);
    }

    TestRandom random_;
    std::map<RequestId, std::size_t> begun_;  // the caller's capacity
};

TEST(DispatchRandom, HoldsWhateverComes) {
    for (std::uint32_t version = 1; version <= 7; ++version) {
        Storm storm(version);
        for (int i = 0; i < 30000; ++i) {
            storm.turn();
            if (i % 16 == 0) {
                expect_agreement(storm.c);
            }
        }
        EXPECT_GT(storm.c.adapter.plug_calls, 50) << "the random requests reach something";
        storm.end();
    }
}

}  // namespace
}  // namespace pf::core
