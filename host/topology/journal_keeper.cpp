#include "topology/journal_keeper.hpp"

#include "topology/journal.hpp"

namespace pf::host {

JournalKeeper::Found JournalKeeper::load() {
    const auto text = store_.read();
    if (text && !*text) {
        return Found::nothing;
    }
    held_ = true;
    on_disk_ = text.has_value();
    wanted_ = text ? read_journal(**text) : std::nullopt;
    return wanted_ ? Found::screens : Found::unreadable;
}

os::Result<void> JournalKeeper::cover(const std::vector<Screen>& lit) {
    if (!wanted_) {  // one without a word is as good as the one that nobody can read
        return on_disk_ ? os::Result<void>() : store_.write("").map([&] { on_disk_ = true; });
    }
    std::vector<Screen> all = *wanted_;
    for (const Screen& screen : lit) {
        if (!contains(all, screen)) {
            all.push_back(screen);
        }
    }
    if (on_disk_ && all.size() == wanted_->size()) {
        return {};
    }
    return store_.write(write_journal(all)).map([&] {
        wanted_ = std::move(all);
        held_ = on_disk_ = true;
    });
}

os::Result<void> JournalKeeper::drop() {
    // After an error it may be there or not: the next change writes it again.
    held_ = on_disk_ = false;
    wanted_.emplace();
    return store_.remove();
}

}  // namespace pf::host
