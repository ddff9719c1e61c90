// A runtime directory of this process and its children, gone with the object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace pf::hostile {

class PrivateRuntime {
public:
    PrivateRuntime() {
        std::string path = (std::filesystem::temp_directory_path() / "pf-hostile-XXXXXX").string();
        path_ = ::mkdtemp(path.data());
        ::setenv("XDG_RUNTIME_DIR", path_.c_str(), 1);
    }
    ~PrivateRuntime() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    PrivateRuntime(const PrivateRuntime&) = delete;
    PrivateRuntime& operator=(const PrivateRuntime&) = delete;

private:
    std::string path_;
};

}  // namespace pf::hostile
