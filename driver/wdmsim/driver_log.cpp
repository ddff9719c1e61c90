#include "driver_log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>

namespace pf::driver {
namespace {

spdlog::sink_ptr sink_to(const std::string& file) {
    try {
        return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    } catch (const spdlog::spdlog_ex&) {
        return std::make_shared<spdlog::sinks::null_sink_mt>();
    }
}

void begin_log(const std::string& file) {
    spdlog::set_error_handler([](const std::string&) {});  // a line is lost
    if (file.empty()) {
        spdlog::set_level(spdlog::level::off);
        return;
    }
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("driver", sink_to(file)));
    spdlog::set_level(spdlog::level::debug);
    spdlog::flush_on(spdlog::level::debug);
}

}  // namespace

void set_up_log(const std::string& file) {
    static std::once_flag once;
    std::call_once(once, [&file] { begin_log(file); });
}

}  // namespace pf::driver
