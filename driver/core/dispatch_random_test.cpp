// Any bytes, any sizes, any owner: no stray call, no write outside the output, and the table and
// the adapter always agree.
#include <algorithm>

#include <gtest/gtest.h>

#include "fake_adapter.hpp"
#include "test_random.hpp"

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

void expect_agreement(Caller& c) {
    std::size_t found = 0;
    for (std::uint32_t id = 1; id <= 15; ++id) {
        if (const Monitor* monitor = c.dispatcher.monitors().at(id)) {
            ASSERT_EQ(c.adapter.live.count(monitor->target_id), 1U);
            ASSERT_EQ(c.adapter.live.at(monitor->target_id).monitor_id, id);
            ++found;
        }
    }
    ASSERT_EQ(c.adapter.live.size(), found);
    ASSERT_EQ(c.adapter.stray_calls, 0);
}

TEST(DispatchRandom, HoldsWhateverComes) {
    for (std::uint32_t version = 1; version <= 7; ++version) {
        TestRandom random(version);
        Caller c(version);
        for (int i = 0; i < 30000; ++i) {
            c.adapter.refuse_plug = random.below(10) == 0;
            c.adapter.has_adapter = random.below(10) != 0;
            c.adapter.mode_status = random.below(4) == 0 ? kStatusNotSupported : kStatusSuccess;
            c.now_ns += random.below(2'000'000'000);
            const std::uint32_t code =
                random.below(20) == 0 ? random.word() : ctl_code(0x900 + random.below(12));
            const auto answer =
                c.call(random.below(3), code, random_input(random), random.below(40));
            ASSERT_FALSE(answer.wrote_outside);
            ASSERT_TRUE(answer.status == kStatusSuccess || answer.bytes.empty());
            if (random.below(50) == 0) {
                c.dispatcher.owner_gone(random.below(3));
            }
            if (random.below(20) == 0) {
                c.dispatcher.tick(c.now_ns + random.below(2) * 11'000'000'000LL);
            }
            if (i % 16 == 0) {
                expect_agreement(c);
            }
        }
        EXPECT_GT(c.adapter.plug_calls, 50) << "the random requests reach something";
    }
}

}  // namespace
}  // namespace pf::core
