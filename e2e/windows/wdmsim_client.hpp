// A node of the test driver as programs of these tests see it, by nothing but Win32 and the
// contract. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <windows.h>

#include <pf/os/handle.hpp>

namespace pf::wdmsim {

struct NodeInterface {
    std::string name;   // of its node, "ROOT\DISPLAY\0000"
    std::wstring path;  // what opens it
    bool active = false;
};

// Every one that the system has registered, active or not.
std::vector<NodeInterface> list_interfaces();

inline constexpr DWORD kDeadlinePassed = 0xDEAD;  // of a call; no code of the system's

class NodeFile {
public:
    // The name for tests of the node, or the path of its interface. Empty: it does not open.
    static NodeFile open_for_tests(const std::string& node);
    static NodeFile open(const std::wstring& path);

    explicit operator bool() const { return static_cast<bool>(file_); }
    DWORD error() const { return error_; }  // of the open

    struct Answer {
        DWORD code = 0;  // 0: success
        std::size_t bytes = 0;
    };
    // Ends by the deadline, and has cancelled the operation then.
    Answer call(std::uint32_t code, std::span<const std::byte> input, std::span<std::byte> output,
                DWORD deadline_ms = 20'000) const;
    template <typename Input>
    Answer send(std::uint32_t code, const Input& input) const {
        return call(code, std::as_bytes(std::span(&input, 1)), {});
    }
    template <typename Output>
    std::optional<Output> ask(std::uint32_t code, std::span<const std::byte> input = {}) const {
        Output output{};
        const Answer answer = call(code, input, std::as_writable_bytes(std::span(&output, 1)));
        return answer.code == 0 && answer.bytes == sizeof output ? std::optional(output)
                                                                 : std::nullopt;
    }

private:
    os::Handle file_;
    DWORD error_ = 0;
};

// How many sections and events the driver's process has open, by their rights: "section 0x6",
// "event 0x2". (How many handles there are in all says less: threads come and go.)
std::map<std::string, std::uint32_t> count_objects(const NodeFile& tests);

}  // namespace pf::wdmsim
