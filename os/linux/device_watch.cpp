#include <pf/os/device_watch.hpp>

namespace pf::os {

namespace {

class NoNews final : public DeviceWatch {
public:
    explicit NoNews(Event changed) : changed_(std::move(changed)) {}
    const Event& changed() const override { return changed_; }

private:
    const Event changed_;
};

}  // namespace

Result<std::unique_ptr<DeviceWatch>> DeviceWatch::start() {
    return Event::create().map([](Event&& changed) -> std::unique_ptr<DeviceWatch> {
        return std::make_unique<NoNews>(std::move(changed));
    });
}

}  // namespace pf::os
