#include "x11_fixture.hpp"

#include <filesystem>
#include <stdexcept>
#include <thread>

#include <pf/os/clock.hpp>
#include <pf/os/wait.hpp>
#include <pf/proto/shared_access.hpp>

#include "x11/x11_source.hpp"
#include "xorg/xorg_launch.hpp"
#include "xorg/xorg_private_file.hpp"

namespace pf::driver {
namespace {

constexpr std::int64_t kPatienceNs = 20 * os::kSecond;

std::int64_t soon() {
    return os::deadline_after(kPatienceNs);
}

template <typename T>
T must(os::Result<T> result) {
    if (!result) {
        throw std::runtime_error(result.error().message());
    }
    return std::move(*result);
}

}  // namespace

bool eventually(const std::function<bool()>& done) {
    for (const std::int64_t deadline_ns = soon(); os::now_ns() < deadline_ns;) {
        if (done()) {
            return true;
        }
        os::sleep_until(os::deadline_after(2 * os::kMillisecond));
    }
    return done();
}

ServerPlace::ServerPlace() {
    std::string name = std::filesystem::temp_directory_path() / "pf-x11-test-XXXXXX";
    path_ = ::mkdtemp(name.data());
}

ServerPlace::~ServerPlace() {
    if (const auto noted = record()) {
        const auto process = os::Process::open(noted->process.pid);
        if (process && process->identity() == noted->process) {
            os::stop_process(*process, os::StopHow::kill);
            os::wait({*process}, soon());
            remove_dead_display(noted->display, noted->process.pid);
        }
    }
    std::filesystem::remove_all(path_);
}

std::optional<XorgRecord> ServerPlace::record() const {
    const auto text = read_private_file(XorgFiles(path_).record, 4096);
    return text ? XorgRecord::decode(*text) : std::nullopt;
}

X11Endpoint ServerPlace::endpoint() const {
    const auto noted = record();
    if (!noted) {
        throw std::runtime_error("no server on record");
    }
    const std::string authority = must(read_private_file(noted->xauthority, 4096));
    return {noted->display, find_cookie(authority, noted->display.substr(1), ""),
            noted->process.pid};
}

os::Process ServerPlace::server() const {
    return must(os::Process::open(record()->process.pid));
}

Painter::Painter(const X11Endpoint& endpoint)
    : connection_(must(X11Connection::open(endpoint, soon()))), randr_(connection_) {}

void Painter::sync() {
    ASSERT_TRUE(connection_.sync(soon()));
}

void Painter::fill(const X11Area& area, std::uint32_t color) {
    xcb_connection_t* c = connection_.raw();
    const xcb_gcontext_t gc = connection_.new_id();
    const std::uint32_t values[] = {color, XCB_SUBWINDOW_MODE_INCLUDE_INFERIORS};
    xcb_create_gc(c, gc, connection_.root(), XCB_GC_FOREGROUND | XCB_GC_SUBWINDOW_MODE, values);
    const xcb_rectangle_t rectangle{
        static_cast<std::int16_t>(area.x), static_cast<std::int16_t>(area.y),
        static_cast<std::uint16_t>(area.width), static_cast<std::uint16_t>(area.height)};
    xcb_poly_fill_rectangle(c, connection_.root(), gc, 1, &rectangle);
    xcb_free_gc(c, gc);
    sync();
}

xcb_window_t Painter::open_window(const X11Area& area, std::uint32_t color) {
    xcb_connection_t* c = connection_.raw();
    const xcb_window_t window = connection_.new_id();
    const std::uint32_t values[] = {color, 1};
    xcb_create_window(c, XCB_COPY_FROM_PARENT, window, connection_.root(),
                      static_cast<std::int16_t>(area.x), static_cast<std::int16_t>(area.y),
                      static_cast<std::uint16_t>(area.width),
                      static_cast<std::uint16_t>(area.height), 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      XCB_COPY_FROM_PARENT, XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT, values);
    xcb_map_window(c, window);
    sync();
    return window;
}

bool Painter::window_lives(xcb_window_t window) {
    return connection_
        .reply<xcb_get_geometry_reply_t>(xcb_get_geometry(connection_.raw(), window).sequence,
                                         "look at window", soon())
        .has_value();
}

void Painter::set_pointer(std::uint8_t size, std::uint32_t color) {
    xcb_connection_t* c = connection_.raw();
    const xcb_pixmap_t shape = connection_.new_id();
    const xcb_gcontext_t gc = connection_.new_id();
    const xcb_cursor_t cursor = connection_.new_id();
    const std::uint32_t one = 1;
    const xcb_rectangle_t all{0, 0, size, size};
    xcb_create_pixmap(c, 1, shape, connection_.root(), size, size);
    xcb_create_gc(c, gc, shape, XCB_GC_FOREGROUND, &one);
    xcb_poly_fill_rectangle(c, shape, gc, 1, &all);
    const auto channel = [color](int shift) {
        return static_cast<std::uint16_t>((color >> shift & 0xFF) * 0x101);
    };
    xcb_create_cursor(c, cursor, shape, shape, channel(16), channel(8), channel(0), 0, 0, 0, 0, 0);
    xcb_change_window_attributes(c, connection_.root(), XCB_CW_CURSOR, &cursor);
    xcb_free_cursor(c, cursor);
    xcb_free_gc(c, gc);
    xcb_free_pixmap(c, shape);
    sync();
}

void Painter::move_pointer(std::int32_t x, std::int32_t y) {
    xcb_warp_pointer(connection_.raw(), XCB_NONE, connection_.root(), 0, 0, 0, 0,
                     static_cast<std::int16_t>(x), static_cast<std::int16_t>(y));
    sync();
}

RandrState Painter::randr() {
    return must(randr_.read());
}

std::vector<std::uint8_t> Painter::edid(const std::string& output) {
    xcb_connection_t* c = connection_.raw();
    constexpr std::string_view kName = "EDID";
    const auto atom = must(connection_.reply<xcb_intern_atom_reply_t>(
        xcb_intern_atom(c, 0, kName.size(), kName.data()).sequence, "name property", soon()));
    const auto property = must(connection_.reply<xcb_randr_get_output_property_reply_t>(
        xcb_randr_get_output_property(c, randr().output(output)->id, atom->atom, XCB_ATOM_ANY, 0,
                                      1024, 0, 0)
            .sequence,
        "read property", soon()));
    const std::uint8_t* bytes = xcb_randr_get_output_property_data(property.get());
    return {bytes, bytes + xcb_randr_get_output_property_data_length(property.get())};
}

std::vector<xcb_randr_monitor_info_t> Painter::monitors() {
    const auto reply = must(connection_.reply<xcb_randr_get_monitors_reply_t>(
        xcb_randr_get_monitors(connection_.raw(), connection_.root(), 1).sequence, "read monitors",
        soon()));
    std::vector<xcb_randr_monitor_info_t> monitors;
    for (auto at = xcb_randr_get_monitors_monitors_iterator(reply.get()); at.rem > 0;
         xcb_randr_monitor_info_next(&at)) {
        monitors.push_back(*at.data);
    }
    return monitors;
}

Painter::Place Painter::place_of(const std::string& output) {
    const RandrState state = randr();
    const RandrCrtc* crtc = state.crtc(state.output(output)->crtc);
    return crtc != nullptr ? Place{crtc->area.x, crtc->area.y, crtc->mode} : Place{};
}

bool Painter::put(const std::string& output, const Place& place) {
    const RandrState state = randr();
    const RandrOutput& found = *state.output(output);
    const xcb_randr_crtc_t crtc = found.crtc != 0 ? found.crtc : found.possible_crtcs.front();
    const std::uint32_t outputs = place.mode != XCB_NONE ? 1 : 0;
    const auto reply = connection_.reply<xcb_randr_set_crtc_config_reply_t>(
        xcb_randr_set_crtc_config(connection_.raw(), crtc, XCB_CURRENT_TIME, XCB_CURRENT_TIME,
                                  static_cast<std::int16_t>(place.x),
                                  static_cast<std::int16_t>(place.y), place.mode,
                                  XCB_RANDR_ROTATION_ROTATE_0, outputs, &found.id)
            .sequence,
        "set CRTC", soon());
    return reply && (*reply)->status == XCB_RANDR_SET_CONFIG_SUCCESS;
}

xcb_randr_mode_t Painter::add_mode(const std::string& output, const core::Mode& mode) {
    const xcb_randr_mode_t id = must(randr_.create_mode("desktop's " + std::to_string(mode.width),
                                                        mode, must(make_timing(mode))));
    if (!randr_.add_output_mode(randr().output(output)->id, id)) {
        throw std::runtime_error("mode not added");
    }
    return id;
}

void Painter::leave_mode(const std::string& name, const core::Mode& mode) {
    must(randr_.create_mode(name, mode, must(make_timing(mode))));
}

void Painter::kill_others() {
    const xcb_setup_t& setup = *xcb_get_setup(connection_.raw());
    const std::uint32_t step = setup.resource_id_mask + 1;
    constexpr std::uint32_t kClients = 64;
    constexpr std::uint32_t kResources = 8;  // one of its first is still there
    for (std::uint32_t client = 1; client < kClients; ++client) {
        for (std::uint32_t i = 0; client * step != setup.resource_id_base && i < kResources; ++i) {
            xcb_kill_client(connection_.raw(), client * step + i);
        }
    }
    sync();
}

HostRing::HostRing(std::uint32_t width, std::uint32_t height, std::uint32_t pitch_bytes)
    : width_(width), height_(height), pitch_bytes_(pitch_bytes != 0 ? pitch_bytes : width * 4) {
    header_ = must(os::Region::create(proto::kHeaderSectionBytes, "test-header"));
    header_map_ = must(os::WritableMapping::map(header_));
    event_ = must(os::Event::create());
    auto& header = *reinterpret_cast<proto::SharedHeader*>(header_map_.bytes().data());
    auto& extension = const_cast<proto::RingExtension&>(memory().extension);
    header.version = proto::kFrameVersionHealth;
    header.generation = generation_;
    header.ring_len = proto::kRingLen;
    header.width = width;
    header.height = height;
    header.dxgi_format = proto::kFormatBgra8;
    header.target_id = kTarget;
    header.magic = proto::kMagic;
    extension.magic = proto::kExtensionMagic;
    extension.version = proto::kExtensionVersion;
    extension.extension_bytes = proto::kExtensionBytes;
    extension.slot_count = proto::kRingLen;
    extension.pitch_bytes = pitch_bytes_;
    extension.slot_bytes = std::uint64_t{pitch_bytes_} * height;
    extension.ticks_per_second = os::ticks_per_second();
    for (std::uint32_t i = 0; i < proto::kRingLen; ++i) {
        slots_.push_back(must(os::Region::create(extension.slot_bytes, "test-slot")));
        slot_maps_.push_back(must(os::ReadOnlyMapping::map(slots_.back())));
    }
}

void HostRing::attach_to(MonitorOutput& output) {
    static std::uint64_t next_id = 1;
    auto ring = std::make_shared<MappedRing>();
    const auto adopt = [](const os::Region& region) {
        return must(os::Region::adopt(must(region.handle().duplicate()), region.size()));
    };
    ring->id = next_id++;
    ring->header_region = adopt(header_);
    ring->header = must(os::WritableMapping::map(ring->header_region));
    ring->event = must(os::Event::adopt(must(event_.handle().duplicate())));
    for (const os::Region& slot : slots_) {
        ring->slot_regions.push_back(adopt(slot));
        ring->slots.push_back(must(os::WritableMapping::map(ring->slot_regions.back())));
    }
    output.attach(std::move(ring), generation_, proto::kRingLen);
}

const proto::SharedHeaderV3& HostRing::tails() const {
    return *reinterpret_cast<const proto::SharedHeaderV3*>(header_map_.bytes().data());
}

const proto::MemoryRing& HostRing::memory() const {
    return *reinterpret_cast<const proto::MemoryRing*>(header_map_.bytes().data() +
                                                       proto::kExtensionOffset);
}

std::uint32_t HostRing::seq() const {
    return proto::FrameToken::unpack(proto::load_acquire(tails().base.base.latest)).seq;
}

std::uint32_t HostRing::health() const {
    return proto::load_acquire(tails().health_state);
}

std::uint64_t HostRing::heartbeat() const {
    return proto::load_acquire(memory().writer.heartbeat_ticks);
}

proto::SourceSize HostRing::source_size() const {
    return proto::read_source_size(proto::load_acquire(memory().writer.source_size));
}

std::uint32_t HostRing::offered() const {
    return proto::unpack_opened_detail(proto::load_acquire(tails().base.base.driver_status_detail))
        .offered;
}

std::uint32_t HostRing::mismatched() const {
    return proto::unpack_opened_detail(proto::load_acquire(tails().base.base.driver_status_detail))
        .mismatched;
}

const proto::SlotRecord& HostRing::newest() const {
    const auto token = proto::FrameToken::unpack(proto::load_acquire(tails().base.base.latest));
    return memory().records[token.slot];
}

std::uint32_t HostRing::pixel(std::uint32_t x, std::uint32_t y) const {
    const auto token = proto::FrameToken::unpack(proto::load_acquire(tails().base.base.latest));
    const std::byte* at =
        slot_maps_[token.slot].bytes().data() + std::size_t{y} * pitch_bytes_ + x * 4;
    return *reinterpret_cast<const volatile std::uint32_t*>(at) & 0xFFFFFF;
}

bool HostRing::await_seq(std::uint32_t wanted) const {
    return eventually([&] { return seq() >= wanted; });
}

bool HostRing::await_pixel(std::uint32_t x, std::uint32_t y, std::uint32_t color) const {
    return eventually([&] { return seq() != 0 && pixel(x, y) == color; });
}

bool HostRing::silent_for(std::int64_t duration_ns) const {
    const std::uint32_t before = seq();
    os::sleep_until(os::deadline_after(duration_ns));
    return seq() == before;
}

std::unique_ptr<test::WaitingSource> open_source(const ServerPlace& place,
                                                 const std::string& display) {
    auto source = make_x11_source({display, place.path(), "test", ""});
    EXPECT_TRUE(source) << source.error().message();
    return source ? std::make_unique<test::WaitingSource>(std::move(*source)) : nullptr;
}

void X11SourceTest::plug(bool hw_cursor) {
    source_ = open_source(place_);
    ASSERT_TRUE(source_);
    output_ = make_output(hw_cursor);
    ASSERT_TRUE(source_->plug(make_spec(HostRing::kTarget, 1, kMode), output_));
    painter_ = std::make_unique<Painter>(place_.endpoint());
    ring_.attach_to(*output_);
    ASSERT_TRUE(ring_.await_seq(1));
    EXPECT_EQ(ring_.newest().flags & proto::kRecordFullDamage, proto::kRecordFullDamage);
}

void X11SourceTest::plug_other() {
    other_output_ = make_output(false);
    ASSERT_TRUE(source_->plug(make_spec(kOther, 2, kMode), other_output_));
    other_ring_.attach_to(*other_output_);
}

void X11SourceTest::TearDown() {
    if (source_) {
        source_->unplug(kOther);
        source_->unplug(HostRing::kTarget);
    }
}

std::shared_ptr<MonitorOutput> make_output(bool hw_cursor) {
    return must(MonitorOutput::create({HostRing::kTarget, 1, 0, 6}, hw_cursor));
}

core::MonitorSpec make_spec(std::uint32_t target_id, std::uint32_t monitor_id,
                            const core::Mode& mode) {
    return {target_id, monitor_id, monitor_id - 1, mode, false, {}, {}, nullptr};
}

}  // namespace pf::driver
