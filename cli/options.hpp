// What each verb is asked to do. Plain values with their defaults; command_line.hpp makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <pf/host/session.hpp>
#include <pf/rig/driver_program.hpp>
#include <pf/sinks/frame_sink.hpp>

namespace pf::cli {

struct DemoOptions {
    host::Mode mode{1920, 1080, 60};
    double seconds = 6;
    std::string video = "demo.mkv";
    std::string picture = "demo.png";
    std::string driver;  // program
    bool json = false;
};

struct CaptureOptions {
    host::SessionOptions session;
    double seconds = 0;                        // 0: no limit
    std::uint64_t frames = 0;                  // 0: no limit
    std::string output;                        // empty: none; sinks::kStandardOutput
    std::optional<sinks::SinkKind> container;  // none: by the output's name
    std::optional<sinks::VideoCodec> codec;
    sinks::Chroma chroma = sinks::Chroma::yuv420;
    bool verify = false;
    bool supervise = false;
    bool isolate = false;  // the other screens are off meanwhile
    bool json = false;
    rig::DriverLaunch launch;  // with supervise, when the instance has no driver
};

struct ListOptions {
    bool json = false;
};

struct DriverOptions {
    rig::DriverLaunch launch;
    std::vector<std::string> extra;  // as they were given
};

struct DriverInstallOptions {
    std::string inf;  // path; empty: beside this program
    std::string certificate;
    bool json = false;
};

struct DriverRemoveOptions {
    bool json = false;
};

struct DriverStatusOptions {
    bool json = false;
};

struct DriverRestartOptions {
    std::string instance;  // empty: all
    bool json = false;
};

struct DriverReapOptions {
    bool json = false;
};

struct TopologyRestoreOptions {
    bool json = false;
};

struct EdidOptions {
    host::Mode mode;
    std::uint32_t serial = 1;
    std::uint32_t max_nits = 0;
    std::uint32_t max_frame_avg_nits = 0;
    std::uint32_t min_millinits = 0;
    std::string output;  // empty: standard output
};

struct ContractOptions {
    bool json = false;
    bool markdown = false;
};

struct BenchOptions {
    double seconds = 2;        // for each case
    std::string driver;        // program
    std::string instance;      // of a driver that runs; empty: one is started
    std::string driver_image;  // as in SessionOptions
    bool json = false;
};

}  // namespace pf::cli
