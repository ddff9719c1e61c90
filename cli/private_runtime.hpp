// A runtime directory of this process's own: its drivers meet no others and leave nothing.
#pragma once

#include <memory>
#include <string>

#include <pf/os/result.hpp>

namespace pf::cli {

class PrivateRuntime {
public:
    // Before any thread runs: it changes the environment.
    static os::Result<std::unique_ptr<PrivateRuntime>> make();
    ~PrivateRuntime();  // removes it
    PrivateRuntime(const PrivateRuntime&) = delete;
    PrivateRuntime& operator=(const PrivateRuntime&) = delete;

    const std::string& path() const { return path_; }

private:
    explicit PrivateRuntime(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace pf::cli
