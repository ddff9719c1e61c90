// What each verb is asked to do. Plain values with their defaults; command_line.hpp makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <pf/host/session.hpp>
#include <pf/sinks/frame_sink.hpp>

namespace pf::cli {

inline constexpr const char* kDefaultInstance = "main";

// What a driver is started with. Empty: the driver's own default.
struct DriverLaunch {
    std::string program;  // a path; empty: the one that find_driver_program() finds
    std::string instance = kDefaultInstance;
    std::string source;    // x11, pattern
    std::string display;   // x11: attach to this one
    std::string pattern;   // pattern: how frames are made
    std::string format;    // pattern: pixel format
    std::string protocol;  // answer as this version
};

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
    bool json = false;
    DriverLaunch launch;  // with supervise, when the instance has no driver
};

struct ListOptions {
    bool json = false;
};

struct DriverOptions {
    DriverLaunch launch;
    std::vector<std::string> extra;  // as they were given
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
    double seconds = 2;  // for each case
    std::string driver;  // program
    bool json = false;
};

// A host process of a chaos run; pfvd starts it, people do not.
struct ChaosWorkerOptions {
    std::string log;  // empty: this is no such process
    std::string instance;
    std::uint32_t client_id = 1;
    std::uint32_t format = 0;  // host::PixelFormat
};

struct ChaosOptions {
    std::optional<std::uint64_t> seed;  // none: any
    double seconds = 30;                // 0: no limit
    std::uint64_t faults = 0;           // 0: no limit
    std::string source = "pattern";
    std::vector<std::string> only;  // kinds of faults; empty: every kind
    std::uint32_t hosts = 5;
    double budget_s = 20;  // for a fresh frame of each host after each fault
    std::string driver;    // program
    std::string logs;      // directory; empty: none are kept
    bool json = false;
    ChaosWorkerOptions worker;
};

}  // namespace pf::cli
