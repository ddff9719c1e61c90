#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <pf/os/instance_directory.hpp>
#include <pf/os/runtime_dir.hpp>

#include "descriptor_poll.hpp"
#include "instance_files.hpp"
#include "private_directory.hpp"
#include "process_view.hpp"
#include "runtime_base.hpp"

namespace pf::os {

namespace {

// Asks without taking the lock: a look from here never makes a starting driver's attempt fail.
Seen look_at_lock(const Handle& directory) {
    const Handle file = Handle::adopt(::openat(descriptor_of(directory), kLockFile,
                                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct flock query {};
    query.l_type = F_WRLCK;
    query.l_whence = SEEK_SET;
    if (!file && errno == ENOENT) {
        return Seen::no;
    }
    if (!file || ::fcntl(descriptor_of(file), F_OFD_GETLK, &query) != 0) {
        return Seen::unknown;
    }
    return query.l_type != F_UNLCK ? Seen::yes : Seen::no;
}

// A number means nothing in another pid namespace than the one where it was written down. An older
// driver does not write that down: finding it is proof, not finding it is none.
Seen look_at_driver(const InstanceRecord& record) {
    const bool placed = record.pid_namespace != 0;
    if (placed && record.pid_namespace != pid_namespace()) {
        return Seen::unknown;
    }
    const auto process = Process::open(record.driver.pid);
    if (process && may_be_same(process->identity(), record.driver)) {
        return Seen::yes;
    }
    const bool told = process || process.error().reaction == Reaction::reopen;
    return placed && told ? Seen::no : Seen::unknown;
}

InstanceFacts look_at(const Handle& directory) {
    InstanceFacts facts;
    facts.record = read_record(directory);
    facts.driver_lives = facts.record ? look_at_driver(*facts.record) : Seen::no;
    facts.locked = look_at_lock(directory);
    return facts;
}

Instance inspect_instance(const std::string& name) {
    const Result<Handle> directory = open_private_directory(instance_path(name));
    if (!directory) {
        return {name, InstanceState::stale, directory.error().detail};
    }
    Instance instance = judge_instance(name, look_at(*directory));
    if (instance.state == InstanceState::stale) {
        // A driver that starts or ends between the looks at its files seems stale for a moment.
        instance = judge_instance(name, look_at(*directory));
    }
    return instance;
}

bool is_directory(int parent, const dirent& entry) {
    struct stat status {};
    return ::fstatat(parent, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

Result<std::vector<std::string>> instance_names(Handle directory) {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(descriptor_of(directory)),
                                                     &::closedir);
    if (stream == nullptr) {
        return fail_last("list instances", "cannot read the runtime directory");
    }
    const int descriptor = static_cast<int>(directory.release());  // the stream's from here on
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream.get())) {
        if (valid_instance_name(entry->d_name) && is_directory(descriptor, *entry)) {
            names.emplace_back(entry->d_name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

Result<std::vector<Instance>> list_instances() {
    Result<Handle> directory = open_runtime_directory();
    if (!directory) {
        if (directory.error().code == ENOENT) {
            return std::vector<Instance>();
        }
        return tl::unexpected(directory.error());
    }
    const auto names = instance_names(std::move(*directory));
    if (!names) {
        return tl::unexpected(names.error());
    }
    std::vector<Instance> instances;
    std::transform(names->begin(), names->end(), std::back_inserter(instances), inspect_instance);
    return instances;
}

}  // namespace pf::os
