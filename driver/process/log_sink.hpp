// Where the driver's log goes when it goes to standard error. A log is aside: a terminal that is
// stopped or gone, a pipe that nobody reads and a full disk lose lines, and hold up nothing.
#pragma once

#include <mutex>

#include <spdlog/sinks/base_sink.h>

#include <pf/os/stream.hpp>

namespace pf::driver {

class LogSink : public spdlog::sinks::base_sink<std::mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        (void)os::write_stream(os::Stream::error, {line.data(), line.size()}, 0);
    }
    void flush_() override {}  // nothing is held back
};

}  // namespace pf::driver
