#include <pf/host/topology.hpp>
#include <pf/os/whole_file.hpp>

#include "topology/journal.hpp"

namespace pf::host {

namespace {

class JournalFile final : public JournalStore {
public:
    explicit JournalFile(std::string path) : path_(std::move(path)) {}

    os::Result<std::optional<std::string>> read() override {
        return os::read_whole_file(path_, kMostJournalBytes);
    }
    os::Result<void> write(std::string_view text) override {
        return os::write_whole_file(path_, text);
    }
    os::Result<void> remove() override { return os::remove_whole_file(path_); }

private:
    std::string path_;
};

}  // namespace

std::unique_ptr<JournalStore> open_journal_file(std::string path) {
    return std::make_unique<JournalFile>(std::move(path));
}

}  // namespace pf::host
