// What scenario tests do to the test driver and its nodes. Prints one JSON value, or what failed;
// exit code 0 if and only if all of it was done.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include <pf/os/clock.hpp>
#include <pf/proto/control.hpp>

#include "wdmsim/fault_codes.hpp"
#include "wdmsim_client.hpp"
#include "wdmsim_nodes.hpp"

namespace pf::wdmsim {
namespace {

using Arguments = std::vector<std::string>;
using nlohmann::json;

constexpr const char* kUsage =
    "usage: wdmsim_tool install INF COUNT   makes nodes and gives them the driver\n"
    "                   phantom             makes a node that never starts, with an interface\n"
    "                   remove              takes all nodes and the driver's service\n"
    "                   start               starts the driver's service, if it is not running\n"
    "                   list                every interface: name, path, active\n"
    "                   set NODE FUNCTION VALUE     a Setting of fault_codes.hpp (0xA81...)\n"
    "                   fault NODE CODE KIND VALUE TIMES\n"
    "                   clear NODE          no fault any more\n"
    "                   info NODE           its handshake\n"
    "                   probe NODE ID       the id that a monitor gets which prefers ID, and "
    "leaves\n"
    "                   hold NODE ID        the same, and stays until it is ended\n"
    "                   handles NODE        how many the driver's process has open\n"
    "                   describe NODE VALUE what a handle value is there\n"
    "                   objects NODE        how many sections and events it has, by their rights\n"
    "NODE is ROOT\\DISPLAY\\0000 and so on; numbers as C writes them.\n";

std::uint32_t number(const std::string& text) {
    return static_cast<std::uint32_t>(std::stoull(text, nullptr, 0));
}

NodeFile node(const std::string& name) {
    NodeFile file = NodeFile::open_for_tests(name);
    if (!file) {
        throw std::runtime_error(name + " does not open: " + std::to_string(file.error()));
    }
    return file;
}

template <typename Input>
json send(const std::string& name, std::uint32_t code, const Input& input) {
    const auto answer = node(name).send(code, input);
    if (answer.code != 0) {
        throw std::runtime_error(name + " answers " + std::to_string(answer.code));
    }
    return true;
}

json list() {
    json listed = json::array();
    for (const auto& each : list_interfaces()) {
        listed.push_back({{"name", each.name},
                          {"path", std::string(each.path.begin(), each.path.end())},
                          {"active", each.active}});
    }
    return listed;
}

json handles(const std::string& name) {
    const auto count = node(name).ask<HandleCount>(kCountHandles);
    return count ? json(count->open) : json();
}

json describe(const std::string& name, std::uint64_t value) {
    const auto facts =
        node(name).ask<HandleFacts>(kDescribeHandle, std::as_bytes(std::span(&value, 1)));
    return facts ? json{{"exists", facts->exists != 0},
                        {"granted", facts->granted},
                        {"kind", facts->kind}}
                 : json();
}

json info(const std::string& name) {
    const auto info = node(name).ask<proto::InfoReply>(proto::kIoctlGetInfo);
    return info ? json{{"protocol", info->protocol_version},
                       {"watchdog_s", info->watchdog_timeout_s}}
                : json();
}

std::uint32_t add_monitor(const NodeFile& file, std::uint32_t id) {
    const proto::AddRequest request{1, 640, 480, 60, id, 0, 0, 0, 0};
    const auto reply =
        file.ask<proto::AddReply>(proto::kIoctlAdd, std::as_bytes(std::span(&request, 1)));
    return reply ? reply->resolved_monitor_id : 0;
}

json hold(const std::string& name, std::uint32_t id) {
    const NodeFile file = node(name);
    std::printf("%u\n", add_monitor(file, id));
    std::fflush(stdout);
    for (;;) {  // until it is killed; a silent host's monitors would depart
        os::sleep_until(os::deadline_after(os::kSecond));
        file.call(proto::kIoctlPing, {}, {});
    }
}

struct Verb {
    std::size_t arguments;
    std::function<json(const Arguments&)> run;
};

const std::map<std::string, Verb>& verbs() {
    static const std::map<std::string, Verb> all = {
        {"install", {2, [](const Arguments& a) { return install(a[0], number(a[1])); }}},
        {"phantom", {0, [](const Arguments&) { return make_phantom(); }}},
        {"remove", {0, [](const Arguments&) { return remove_all(); }}},
        {"start", {0, [](const Arguments&) { return start_service(); }}},
        {"list", {0, [](const Arguments&) { return list(); }}},
        {"set",
         {3,
          [](const Arguments& a) {
              return send(a[0], proto::ctl_code(number(a[1])), Setting{number(a[2])});
          }}},
        {"fault",
         {5,
          [](const Arguments& a) {
              return send(a[0], kSetOperationFault,
                          OperationFault{number(a[1]), number(a[2]), number(a[3]), number(a[4])});
          }}},
        {"clear", {1, [](const Arguments& a) { return send(a[0], kClearFaults, Setting{}); }}},
        {"info", {1, [](const Arguments& a) { return info(a[0]); }}},
        {"probe", {2, [](const Arguments& a) { return add_monitor(node(a[0]), number(a[1])); }}},
        {"hold", {2, [](const Arguments& a) { return hold(a[0], number(a[1])); }}},
        {"handles", {1, [](const Arguments& a) { return handles(a[0]); }}},
        {"objects", {1, [](const Arguments& a) { return json(count_objects(node(a[0]))); }}},
        {"describe", {2, [](const Arguments& a) { return describe(a[0], number(a[1])); }}},
    };
    return all;
}

int run(const Arguments& arguments) {
    const auto verb = arguments.empty() ? verbs().end() : verbs().find(arguments.front());
    if (verb == verbs().end() || verb->second.arguments != arguments.size() - 1) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    const json result = verb->second.run({arguments.begin() + 1, arguments.end()});
    std::printf("%s\n", result.dump().c_str());
    return 0;
}

}  // namespace
}  // namespace pf::wdmsim

int main(int argc, char** argv) {
    try {
        return pf::wdmsim::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wdmsim_tool: %s\n", error.what());
        return 1;
    }
}
