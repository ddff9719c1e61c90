// What a sink tells once about its output.
#pragma once

#include <functional>
#include <string>

#include <pf/sinks/frame_sink.hpp>

namespace pf::sinks {

// Says that a frame of another size is scaled, the first time that one comes.
class ScaleNote {
public:
    explicit ScaleNote(const SinkOptions& options)
        : name_(options.path), mode_(options.mode), note_(options.note) {}

    void look(const host::FrameView& view) {
        const bool of_the_size = view.width == mode_.width && view.height == mode_.height;
        if (of_the_size || told_) {
            return;
        }
        told_ = true;
        if (note_) {
            note_(name_ + ": the display is " + size(view.width, view.height) +
                  " now; its frames are scaled into the recording's " +
                  size(mode_.width, mode_.height));
        }
    }

private:
    static std::string size(std::uint32_t width, std::uint32_t height) {
        return std::to_string(width) + "x" + std::to_string(height);
    }

    std::string name_;
    host::Mode mode_;
    std::function<void(const std::string&)> note_;
    bool told_ = false;
};

}  // namespace pf::sinks
