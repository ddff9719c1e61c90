#include <pf/os/shared_memory.hpp>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "descriptor_poll.hpp"
#include "test_support.hpp"

namespace pf::os {
namespace {

constexpr std::uint64_t kBytes = 3 * 4096 + 100;
const std::uint64_t kPage = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
const std::uint64_t kWhole = (kBytes + kPage - 1) / kPage * kPage;

Handle make_memfd(off_t bytes, int seals, unsigned flags = 0) {
    Handle handle = Handle::adopt(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING | flags));
    if (handle) {
        EXPECT_EQ(::ftruncate(descriptor_of(handle), bytes), 0);
        EXPECT_EQ(::fcntl(descriptor_of(handle), F_ADD_SEALS, seals), 0);
    }
    return handle;
}

Reaction adopt_reaction(Handle handle, std::uint64_t minimum_bytes = 1) {
    const auto region = Region::adopt(std::move(handle), minimum_bytes);
    return region ? Reaction::retry : region.error().reaction;
}

TEST(Region, CreatedIsZeroedSealedAndInWholePages) {
    const auto region = Region::create(kBytes, "pf-test");
    ASSERT_TRUE(region);
    EXPECT_EQ(region->size(), kWhole);
    const int descriptor = descriptor_of(region->handle());
    EXPECT_NE(::ftruncate(descriptor, 1), 0);
    EXPECT_NE(::ftruncate(descriptor, kWhole + kPage), 0);
    EXPECT_NE(::fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE), 0);
    const auto mapping = ReadOnlyMapping::map(*region);
    ASSERT_TRUE(mapping);
    ASSERT_EQ(mapping->bytes().size(), kWhole);
    for (const std::byte value : mapping->bytes()) {
        ASSERT_EQ(value, std::byte{0});
    }
}

TEST(Region, NonsenseSizesAreErrors) {
    EXPECT_EQ(Region::create(0, "none").error().reaction, Reaction::bug);
    EXPECT_FALSE(Region::create(UINT64_MAX, "all"));
}

TEST(Region, AdoptedSharesMemory) {
    const auto ours = Region::create(kBytes, "pf-test");
    auto writable = WritableMapping::map(*ours);
    ASSERT_TRUE(writable);
    const auto theirs = Region::adopt(*ours->handle().duplicate(), kBytes);
    ASSERT_TRUE(theirs);
    EXPECT_EQ(theirs->size(), kWhole);
    writable->bytes()[kBytes - 1] = std::byte{42};
    EXPECT_EQ(ReadOnlyMapping::map(*theirs)->bytes()[kBytes - 1], std::byte{42});
}

TEST(Region, AdoptRefusesWhatCouldFaultLater) {
    const int before = test::open_descriptor_count();
    const int both = F_SEAL_SHRINK | F_SEAL_GROW;
    EXPECT_EQ(adopt_reaction(make_memfd(4096, 0)), Reaction::reject);
    EXPECT_EQ(adopt_reaction(make_memfd(4096, F_SEAL_GROW)), Reaction::reject);
    EXPECT_EQ(adopt_reaction(make_memfd(4096, F_SEAL_SHRINK)), Reaction::reject);
    EXPECT_EQ(adopt_reaction(make_memfd(4096, both), 4097), Reaction::reject);
    EXPECT_EQ(adopt_reaction(make_memfd(0, both), 0), Reaction::reject);
    EXPECT_EQ(adopt_reaction(make_memfd(4096, both), 4096), Reaction::retry);
    EXPECT_EQ(adopt_reaction(make_memfd(2 << 20, both, MFD_HUGETLB)), Reaction::reject);
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST(Region, AdoptRefusesOtherObjects) {
    const int before = test::open_descriptor_count();
    EXPECT_EQ(adopt_reaction(Handle()), Reaction::reject);
    EXPECT_EQ(adopt_reaction(Handle::adopt(::open("/dev/zero", O_RDWR | O_CLOEXEC))),
              Reaction::reject);
    EXPECT_EQ(adopt_reaction(Handle::adopt(::open("/dev/shm", O_TMPFILE | O_RDWR, 0600))),
              Reaction::reject);
    EXPECT_EQ(adopt_reaction(Handle::adopt(::open("/tmp", O_RDONLY | O_DIRECTORY))),
              Reaction::reject);
    EXPECT_EQ(adopt_reaction(Handle::adopt(::eventfd(0, EFD_CLOEXEC))), Reaction::reject);
    EXPECT_EQ(test::open_descriptor_count(), before);
}

TEST(Region, WriteSealedIsReadableOnly) {
    const auto region =
        Region::adopt(make_memfd(4096, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), 4096);
    ASSERT_TRUE(region);
    EXPECT_EQ(WritableMapping::map(*region).error().reaction, Reaction::reject);
    EXPECT_TRUE(ReadOnlyMapping::map(*region));
}

TEST(Region, ReadOnlyDescriptorIsReadableOnly) {
    const auto region = Region::create(4096, "pf-test");
    const std::string path = "/proc/self/fd/" + std::to_string(region->handle().native());
    const auto weak =
        Region::adopt(Handle::adopt(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), 4096);
    ASSERT_TRUE(weak);
    EXPECT_EQ(WritableMapping::map(*weak).error().reaction, Reaction::reject);
}

TEST(Region, AbsurdSizeIsAnErrorNotACrash) {
    const auto region =
        Region::adopt(make_memfd(off_t{1} << 62, F_SEAL_SHRINK | F_SEAL_GROW), 4096);
    ASSERT_TRUE(region);
    EXPECT_FALSE(WritableMapping::map(*region));
}

TEST(Mapping, OutlivesItsRegionAndMoves) {
    WritableMapping mapping;
    EXPECT_TRUE(mapping.bytes().empty());
    mapping.prefault();
    {
        auto region = Region::create(kBytes, "pf-test");
        mapping = *WritableMapping::map(*region);
    }
    mapping.bytes()[7] = std::byte{7};
    mapping.prefault();
    EXPECT_EQ(mapping.bytes()[7], std::byte{7});
    const WritableMapping moved = std::move(mapping);
    EXPECT_EQ(moved.bytes()[7], std::byte{7});
    EXPECT_EQ(WritableMapping::map(Region()).error().reaction, Reaction::bug);
}

TEST(Mapping, SurvivesAPunchedHole) {
    auto region = Region::create(2 * 4096, "pf-test");
    auto mapping = WritableMapping::map(*region);
    mapping->bytes()[0] = std::byte{1};
    ASSERT_EQ(::fallocate(descriptor_of(region->handle()),
                          FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096),
              0);
    EXPECT_EQ(mapping->bytes()[0], std::byte{0});
}

}  // namespace
}  // namespace pf::os
