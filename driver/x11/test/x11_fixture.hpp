// What the tests against a real Xorg share: a private place for the server, a host's ring, a
// program that draws, and a guard that leaves no server behind.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <pf/core/frame_publisher.hpp>
#include <pf/os/process.hpp>

#include "process/output/monitor_output.hpp"
#include "process/test/waiting_source.hpp"
#include "x11/x11_randr.hpp"
#include "xorg/xorg_record.hpp"

namespace pf::driver {

// Polls until `done` or a deadline that only a broken program reaches.
bool eventually(const std::function<bool()>& done);

// A state directory. Its server, whoever started it, ends with the guard.
class ServerPlace {
public:
    ServerPlace();
    ~ServerPlace();
    const std::string& path() const { return path_; }
    std::optional<XorgRecord> record() const;
    // Of the server on record; fails the test when there is none.
    X11Endpoint endpoint() const;
    os::Process server() const;

private:
    std::string path_;
};

// A program on the X server, with a connection of its own.
class Painter {
public:
    explicit Painter(const X11Endpoint& endpoint);
    // Fills a part of the root window; `color` is 0xRRGGBB.
    void fill(const X11Area& area, std::uint32_t color);
    // A window that nobody manages; lives as long as the painter.
    xcb_window_t open_window(const X11Area& area, std::uint32_t color);
    bool window_lives(xcb_window_t window);
    // A solid square as the pointer over the root window, hot spot in its corner.
    void set_pointer(std::uint8_t size, std::uint32_t color);
    void move_pointer(std::int32_t x, std::int32_t y);
    RandrState randr();
    // The output's property; empty: it has none.
    std::vector<std::uint8_t> edid(const std::string& output);
    std::vector<xcb_randr_monitor_info_t> monitors();
    // What a desktop does with outputs. A place without a mode switches the output off.
    struct Place {
        std::int32_t x = 0;
        std::int32_t y = 0;
        xcb_randr_mode_t mode = XCB_NONE;
    };
    Place place_of(const std::string& output);
    bool put(const std::string& output, const Place& place);
    xcb_randr_mode_t add_mode(const std::string& output, const core::Mode& mode);
    // One that is on no output.
    void leave_mode(const std::string& name, const core::Mode& mode);
    // Closes the connections of all others that have something on the server.
    void kill_others();
    bool resize_screen(const X11Size& size) { return randr_.resize_screen(size).has_value(); }

private:
    void sync();
    X11Connection connection_;
    X11Randr randr_;
};

// A host's ring, as it would arrive through the control channel, and the host's view of it.
class HostRing {
public:
    static constexpr std::uint32_t kTarget = 9;
    HostRing(std::uint32_t width, std::uint32_t height, std::uint32_t pitch_bytes = 0);

    void attach_to(MonitorOutput& output);
    std::uint32_t seq() const;  // of the newest frame, 0: none
    std::uint32_t health() const;
    std::uint64_t heartbeat() const;
    proto::SourceSize source_size() const;
    std::uint32_t offered() const;
    std::uint32_t mismatched() const;
    const proto::SlotRecord& newest() const;
    // 0xRRGGBB of the newest frame.
    std::uint32_t pixel(std::uint32_t x, std::uint32_t y) const;
    bool await_seq(std::uint32_t seq) const;
    // Waits until a frame shows the color there.
    bool await_pixel(std::uint32_t x, std::uint32_t y, std::uint32_t color) const;
    // No frame since for a while.
    bool silent_for(std::int64_t duration_ns) const;

private:
    const proto::SharedHeaderV3& tails() const;
    const proto::MemoryRing& memory() const;

    std::uint32_t width_, height_, pitch_bytes_;
    os::Region header_;
    os::WritableMapping header_map_;
    os::Event event_;
    std::vector<os::Region> slots_;
    std::vector<os::ReadOnlyMapping> slot_maps_;
    std::uint32_t generation_ = 1;
};

// A source on a server of its own, with one monitor, its ring attached and its first frame there.
class X11SourceTest : public testing::Test {
protected:
    static constexpr core::Mode kMode{640, 480, 60};
    static constexpr core::MonitorNumber kOther = 10;
    static constexpr std::uint32_t kRed = 0xC01020;
    static constexpr std::uint32_t kGreen = 0x10C020;

    void plug(bool hw_cursor = false);
    // A second one, to the right of the first.
    void plug_other();
    void TearDown() override;
    std::size_t lit() { return painter_->randr().lit_areas(0).size(); }

    ServerPlace place_;
    HostRing ring_{kMode.width, kMode.height};
    std::shared_ptr<MonitorOutput> output_;
    HostRing other_ring_{kMode.width, kMode.height};
    std::shared_ptr<MonitorOutput> other_output_;
    std::unique_ptr<test::WaitingSource> source_;
    std::unique_ptr<Painter> painter_;
};

std::unique_ptr<test::WaitingSource> open_source(const ServerPlace& place,
                                                 const std::string& display = {});
std::shared_ptr<MonitorOutput> make_output(bool hw_cursor);
core::MonitorSpec make_spec(std::uint32_t target_id, std::uint32_t monitor_id,
                            const core::Mode& mode);

}  // namespace pf::driver
