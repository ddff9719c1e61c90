// A runtime directory of this process's own: its drivers meet no others and leave nothing.
#pragma once

#include <memory>
#include <string>

#include <pf/os/interrupt.hpp>

namespace pf::cli {

class PrivateRuntime {
public:
    // Before any thread that reads the environment runs: it changes it. The last resort removes
    // the directory too.
    static os::Result<std::unique_ptr<PrivateRuntime>> make(os::LastResort& last_resort);
    ~PrivateRuntime();  // removes it
    PrivateRuntime(const PrivateRuntime&) = delete;
    PrivateRuntime& operator=(const PrivateRuntime&) = delete;

    const std::string& path() const { return path_; }

private:
    explicit PrivateRuntime(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

}  // namespace pf::cli
