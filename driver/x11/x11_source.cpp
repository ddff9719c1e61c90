#include "x11_source.hpp"

#include <signal.h>

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <pf/os/clock.hpp>
#include <pf/os/thread.hpp>
#include <pf/os/wait.hpp>

#include "process/output/contained.hpp"
#include "x11_orders.hpp"
#include "x11_stage.hpp"

namespace pf::driver {
namespace {

constexpr std::int64_t kFirstBackoffNs = 50 * os::kMillisecond;
constexpr std::int64_t kMostBackoffNs = 2 * os::kSecond;
// How long an operation waits for a server that is being replaced; a start takes about 0.2 s.
constexpr std::int64_t kRebuildPatienceNs = 5 * os::kSecond;
// A server that owes an answer for longer is stopped, or at something very large.
constexpr std::int64_t kSilentNs = 2 * os::kSecond;

// One thread does everything that needs the server's answer; the control thread only leaves orders.
class X11Source final : public FrameSource, private X11Patience {
public:
    X11Source(X11Options options, os::Event orders, os::Event lost, os::Flag quit)
        : options_(std::move(options)),
          orders_(std::move(orders)),
          lost_(std::move(lost)),
          quit_(std::move(quit)),
          stage_(options_, lost_, *this) {}
    ~X11Source() override;

    os::Result<void> start();

    void plug(const core::MonitorSpec& spec, std::shared_ptr<MonitorOutput> output,
              Completer&& done) override {
        orders_.plug(spec, std::move(output), std::move(done));
    }
    void set_mode(core::MonitorNumber number, const core::Mode& mode, Completer&& done) override {
        orders_.set_mode(number, mode, std::move(done));
    }
    void unplug(core::MonitorNumber number, Completer&& done) noexcept override {
        orders_.unplug(number, std::move(done));
    }
    bool gives(std::uint32_t dxgi_format) const override {
        return driver::gives(stage_.pixels(), dxgi_format);
    }

private:
    int wake_descriptor() const override { return static_cast<int>(quit_.handle().native()); }
    bool turn(std::int64_t waited_ns) override;

    void run();
    void step();
    void serve(const X11Order& order);
    void mend();
    template <typename Work>
    os::Result<void> on_stage(const char* operation, Work work);
    void expire_orders();
    void tell_silent(bool silent);
    bool quitting(std::int64_t until_ns = 0) const;
    os::Error out_of_patience() const;

    const X11Options options_;
    X11Orders orders_;
    const os::Event lost_;  // something broke: look at the server
    const os::Flag quit_;
    // The thread's own from start() on.
    X11Stage stage_;
    std::int64_t operation_deadline_ns_ = os::kNever;
    std::int64_t mend_ns_ = 0;  // not before
    std::int64_t backoff_ns_ = kFirstBackoffNs;
    std::string trouble_;  // why the newest repair did not help
    bool silent_ = false;  // and it was told
    os::GuardedThread thread_;
};

os::Result<void> X11Source::start() {
    if (auto opened = stage_.open(); !opened) {
        return opened;
    }
    auto thread = os::GuardedThread::start(
        "x11 monitors", [this] { run(); },
        [](const os::Error& error) { spdlog::error("X monitors: {}", error.message()); });
    if (!thread) {
        return tl::unexpected(std::move(thread.error()));
    }
    thread_ = std::move(*thread);
    return {};
}

X11Source::~X11Source() {
    quit_.set();
    thread_.join();
    stage_.close();
}

bool X11Source::quitting(std::int64_t until_ns) const {
    return os::wait({quit_}, until_ns);
}

void X11Source::run() {
    while (!quitting()) {
        try {
            step();
        } catch (const std::exception& error) {  // no memory, even for telling so
            (void)contained("tell", [&]() -> os::Result<void> {
                spdlog::warn("X server: {}", error.what());
                return {};
            });
            (void)quitting(os::deadline_after(kFirstBackoffNs));
        }
    }
}

void X11Source::step() {
    if (const auto order = orders_.next(!stage_.ready())) {
        serve(*order);
        return;
    }
    const bool broken = stage_.wants_repair();
    if (broken && os::now_ns() >= mend_ns_) {
        mend();
        return;
    }
    os::wait({quit_, orders_.arrived(), lost_, broken ? nullptr : &stage_.server()},
             broken ? mend_ns_ : os::kNever);
    expire_orders();
}

void X11Source::serve(const X11Order& order) {
    operation_deadline_ns_ = order.task == SourceTask::unplug
                                 ? os::deadline_after(options_.operation_ns)
                                 : order.asked_ns + options_.operation_ns;
    auto done = on_stage("change X monitors", [&] { return stage_.serve(order); });
    tell_silent(false);
    const bool died = !done && done.error().reaction == os::Reaction::reopen;
    if (died && !order.again) {
        stage_.distrust();
        orders_.try_again(order);
    } else {
        orders_.finish(order, std::move(done));
    }
}

// Until the operation's deadline, which ends with it.
template <typename Work>
os::Result<void> X11Source::on_stage(const char* operation, Work work) {
    auto done = contained(operation, work);
    operation_deadline_ns_ = os::kNever;
    if (!done && done.error().code == X11Connection::kCancelled && !quitting()) {
        return tl::unexpected(out_of_patience());
    }
    return done;
}

os::Error X11Source::out_of_patience() const {
    return {
        "change X monitors", X11Connection::kTimeout, os::Reaction::retry,
        fmt::format("the X server {} (process {}) has not answered for {} s; it lives, so it is "
                    "left alone: is it stopped? Try again when it answers",
                    stage_.endpoint().display, stage_.server().pid(),
                    options_.operation_ns / os::kSecond)};
}

// While the server owes an answer, at least every quarter of a second.
bool X11Source::turn(std::int64_t waited_ns) {
    if (waited_ns > kSilentNs) {
        tell_silent(true);
    }
    expire_orders();
    return os::now_ns() < operation_deadline_ns_ && !quitting();
}

// Nobody waits longer for a turn than for an answer; a server that is only replaced is there soon
// or not at all.
void X11Source::expire_orders() {
    if (stage_.ready() || silent_) {
        orders_.expire(os::now_ns(), options_.operation_ns, out_of_patience().detail);
    } else {
        orders_.expire(os::now_ns(), kRebuildPatienceNs,
                       trouble_.empty() ? "the X server is being restarted"
                                        : "no X server at the moment; last: " + trouble_);
    }
}

void X11Source::tell_silent(bool silent) {
    if (silent_ == silent) {
        return;
    }
    silent_ = silent;
    if (silent) {
        spdlog::warn("X server {}: it is silent", stage_.endpoint().display);
    }
    if (options_.news.silent) {
        options_.news.silent(
            silent ? fmt::format("the X server {} is silent; what is asked of it waits",
                                 stage_.endpoint().display)
                   : std::string());
    }
}

// After a success it rests too: what breaks again at once must not make this spin.
void X11Source::mend() {
    operation_deadline_ns_ = os::deadline_after(options_.operation_ns);
    const auto mended = on_stage("repair", [this] { return stage_.repair(); });
    trouble_ = mended ? std::string() : mended.error().message();
    tell_silent(!mended && mended.error().code == X11Connection::kTimeout);
    backoff_ns_ = mended ? kFirstBackoffNs : std::min(backoff_ns_ * 2, kMostBackoffNs);
    mend_ns_ = os::deadline_after(backoff_ns_);
    if (!mended) {
        spdlog::warn("X server: {}", trouble_);
    }
}

}  // namespace

os::Result<std::unique_ptr<FrameSource>> make_x11_source(const X11Options& options) {
    ::signal(SIGPIPE, SIG_IGN);
    auto orders = os::Event::create();
    auto lost = os::Event::create();
    auto quit = os::Flag::create();
    if (!orders || !lost || !quit) {
        return tl::unexpected(!orders ? orders.error() : !lost ? lost.error() : quit.error());
    }
    std::unique_ptr<X11Source> source;
    auto started = contained("start the x11 source", [&] {
        source = std::make_unique<X11Source>(options, std::move(*orders), std::move(*lost),
                                             std::move(*quit));
        return source->start();
    });
    if (!started) {
        return tl::unexpected(std::move(started.error()));
    }
    return source;
}

}  // namespace pf::driver
