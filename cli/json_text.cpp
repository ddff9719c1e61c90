#include "json_text.hpp"

#include <cmath>

#include <nlohmann/json.hpp>

#include "instance_table.hpp"

namespace pf::cli {
namespace {

using Json = nlohmann::ordered_json;

// Three decimals are more than any clock here can tell apart; long tails only hurt readers.
double rounded(double value) {
    return std::round(value * 1000) / 1000;
}

Json recovery_times(const std::vector<RebuildRecord>& rebuilds) {
    Json list = Json::array();
    for (const RebuildRecord& rebuild : rebuilds) {
        list.push_back(rounded(rebuild.recovery_ms));
    }
    return list;
}

Json rebuild_list(const std::vector<RebuildRecord>& rebuilds) {
    Json list = Json::array();
    for (const RebuildRecord& rebuild : rebuilds) {
        list.push_back({{"reason", rebuild.reason},
                        {"noticed_ns", rebuild.noticed_ns},
                        {"recovery_ms", rounded(rebuild.recovery_ms)},
                        {"fresh_frame_ms", rounded(rebuild.fresh_frame_ms)}});
    }
    return list;
}

// Names of files and reasons may hold any bytes; JSON is UTF-8.
std::string dump(const Json& json, int indent = -1) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json summary_object(const CaptureSummary& s) {
    return {
        {"frames", s.frames},
        {"fps", rounded(s.fps())},
        {"timeouts", s.timeouts},
        {"rebuilds", s.session.rebuilds},
        {"recovery_ms", recovery_times(s.rebuild_log)},
        {"rebuild_log", rebuild_list(s.rebuild_log)},
        {"dropped", s.session.dropped},
        {"skipped", s.session.skipped},
        {"verified", s.verified},
        {"torn", s.torn},
        {"stale", s.stale},
        {"foreign", s.foreign},
        {"stale_rejected", s.session.stale},
        {"rejected", s.session.rejected},
        {"latency_us",
         {{"p50", rounded(s.latency_us.p50)},
          {"p99", rounded(s.latency_us.p99)},
          {"max", rounded(s.latency_us.max)}}},
        {"open_ms", rounded(s.open_ms)},
        {"first_frame_ms", rounded(s.first_frame_ms)},
        {"longest_gap_ms", rounded(s.longest_gap_ms)},
        {"seconds", rounded(s.seconds)},
        {"protocol", s.session.protocol},
        {"driver_pid", s.session.driver_pid},
        {"driver_restarts", s.driver_restarts},
        {"instance", s.session.instance},
        {"monitor_id", s.session.monitor_id},
        {"target_id", s.session.target_id},
        {"mode", host::to_string(s.session.mode)},
        {"output", s.output},
        {"output_dropped", s.output_dropped},
        {"exit_code", s.exit_code},
        {"error", s.error},
    };
}

Json video_object(const DemoOutcome& o) {
    return {{"path", o.video_path},
            {"width", o.video.width},
            {"height", o.video.height},
            {"rate_hz", rounded(o.video.rate_hz)},
            {"frames", o.video.frames},
            {"duration_s", rounded(o.video.duration_s)},
            {"recorded_s", rounded(o.recorded_s)},
            {"codec", o.video.codec},
            {"longest_gap_s", rounded(o.video.longest_gap_s)}};
}

Json side_object(const BenchSide& side) {
    return {{"p50_us", rounded(side.p50_us)},
            {"p99_us", rounded(side.p99_us)},
            {"fps", rounded(side.fps)},
            {"consumer_cpu", rounded(side.cpu)}};
}

Json case_object(const BenchCase& c) {
    return {{"mode", host::to_string(c.mode)},
            {"saturated", c.saturated},
            {"memcpy_limit_fps", std::round(c.memcpy_limit_fps)},
            {"floor", side_object(c.floor)},
            {"ring", side_object(c.ring)},
            {"ratio",
             {{"p50", rounded(ratio(c.ring.p50_us, c.floor.p50_us))},
              {"p99", rounded(ratio(c.ring.p99_us, c.floor.p99_us))},
              {"fps", rounded(ratio(c.ring.fps, c.floor.fps))},
              {"consumer_cpu", rounded(ratio(c.ring.cpu, c.floor.cpu))}}}};
}

}  // namespace

std::string to_json(const CaptureSummary& summary) {
    return dump(summary_object(summary));
}

std::string to_json(const DemoOutcome& o) {
    Json json = summary_object(o.summary);
    json["notice_ms"] = Json::array({rounded(o.notice_ms)});
    json["picture_gap_ms"] = rounded(o.picture_gap_ms);
    json["frames_after_kill"] = o.frames_after_kill;
    json["programs"] = o.programs;
    json["video"] = video_object(o);
    json["picture"] = o.picture_path;
    json["broken"] = broken_promises(o);
    return dump(json);
}

std::string to_json(const std::vector<host::InstanceReport>& reports) {
    Json list = Json::array();
    for (const host::InstanceReport& report : reports) {
        list.push_back({{"name", report.instance.name},
                        {"state", os::to_string(report.instance.state)},
                        {"usable", report.usable},
                        {"reason", reason_of(report)},
                        {"pid", report.instance.pid},
                        {"protocol", report.protocol},
                        {"watchdog_timeout_s", report.watchdog_timeout_s},
                        {"monitors", report.instance.monitors},
                        {"display", report.instance.display},
                        {"xauthority", report.instance.xauthority}});
    }
    return dump({{"instances", std::move(list)}}, 2);
}

std::string to_json(const std::vector<BenchCase>& cases) {
    Json list = Json::array();
    for (const BenchCase& c : cases) {
        list.push_back(case_object(c));
    }
    return dump({{"cases", std::move(list)}}, 2);
}

std::string to_json(const os::DriverInventory& inventory) {
    Json nodes = Json::array();
    for (const os::DriverNode& node : inventory.nodes) {
        nodes.push_back({{"id", node.id},
                         {"present", node.present},
                         {"started", node.started},
                         {"problem", node.problem},
                         {"interface_active", node.interface_active},
                         {"driver_version", node.version},
                         {"package", node.package}});
    }
    Json packages = Json::array();
    for (const os::DriverPackage& package : inventory.packages) {
        packages.push_back({{"name", package.name}, {"version", package.version}});
    }
    return dump({{"nodes", std::move(nodes)}, {"packages", std::move(packages)}}, 2);
}

std::string to_json(const os::InstallReport& report) {
    return dump({{"driver_version", report.version},
                 {"changed", !report.steps.empty()},
                 {"steps", report.steps}});
}

std::string to_json(const os::ChangeReport& report) {
    Json failures = Json::array();
    for (const os::Error& failure : report.failures) {
        failures.push_back(failure.message());
    }
    return dump({{"steps", report.steps},
                 {"failures", std::move(failures)},
                 {"restart_pending", report.restart_pending}});
}

}  // namespace pf::cli
