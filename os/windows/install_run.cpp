#include "install_run.hpp"

#include <algorithm>

#include "device_nodes.hpp"

namespace pf::os {
namespace {

using Asked = InstallProgress::Asked;

// More than any way through the plan has; a system that lies does not keep us for ever.
constexpr int kMostSteps = 16;

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : "; ") + part;
    }
    return text;
}

}  // namespace

Result<InstallReport> InstallRun::run() {
    if (auto prepared = prepare(); !prepared) {
        return tl::unexpected(std::move(prepared).error());
    }
    if (auto taken = take_steps(); !taken) {
        return tl::unexpected(undo(std::move(taken).error()));
    }
    report_.version = package_.version;
    return std::move(report_);
}

// All that is only read comes before anything is changed.
Result<void> InstallRun::prepare() {
    auto package = read_package(calls_, request_.inf);
    if (!package) {
        return tl::unexpected(package.error());
    }
    package_ = std::move(*package);
    auto packages = list_packages(calls_);
    if (!packages) {
        return tl::unexpected(packages.error());
    }
    packages_before_ = std::move(*packages);
    if (request_.certificate.empty()) {
        return {};
    }
    return trust_certificate(calls_, request_.certificate).map([this](TrustChange change) {
        trust_ = std::move(change);
        if (trust_.changed()) {
            note("trusted the certificate '" + trust_.subject + "'" +
                 (trust_.replaced != 0 ? " in place of earlier ones" : ""));
        }
    });
}

Result<void> InstallRun::take_steps() {
    for (int i = 0; i < kMostSteps; ++i) {
        const auto seen = survey_driver(calls_);
        if (!seen) {
            return tl::unexpected(seen.error());
        }
        const InstallStep step = next_step(*seen, package_.version, done_);
        if (step == InstallStep::finished) {
            return {};
        }
        if (auto taken = take(step, *seen); !taken) {
            return taken;
        }
    }
    return fail("install driver", 0, Reaction::retry, "the system's answers lead to no end");
}

Result<void> InstallRun::take(InstallStep step, const DriverInventory& seen) {
    switch (step) {
        case InstallStep::create_node: return create();
        case InstallStep::update: return update();
        case InstallStep::restart_nodes: return restart(seen);
        case InstallStep::replace_packages: return replace(seen);
        case InstallStep::ask: {
            const auto answered = request_.answers();
            done_.asked = answered ? Asked::answered : Asked::silent;
            silence_ = answered ? silence_ : answered.error();
            return {};
        }
        case InstallStep::finished: return {};
        case InstallStep::kept_old:
        case InstallStep::no_answer: break;
    }
    return tl::unexpected(give_up(step));
}

Result<void> InstallRun::create() {
    return create_node(calls_).map([this](std::string id) {
        created_ = std::move(id);
        done_.created = true;
        note("created the device " + created_);
    });
}

Result<void> InstallRun::update() {
    return update_nodes(calls_, package_.inf).map([this](bool restart_pending) {
        ++done_.updates;
        done_.restarted = false;
        done_.restart_pending = restart_pending;
        done_.asked = Asked::not_yet;
        note("put driver " + package_.version + " on the device");
    });
}

// One that cannot be restarted is no error yet: the next look, or the protocol, decides.
Result<void> InstallRun::restart(const DriverInventory& seen) {
    done_.restarted = true;
    done_.restart_pending = false;
    done_.asked = Asked::not_yet;
    for (const std::string& id : nodes_to_restart(seen.nodes, package_.version)) {
        const auto restarted = restart_node(calls_, id);
        done_.restart_pending |= restarted && restarted->pending;
        note(restarted ? restarted->what : "could not restart " + restarted.error().message());
    }
    return {};
}

Result<void> InstallRun::replace(const DriverInventory& seen) {
    for (const DriverPackage& package : seen.packages) {
        if (auto removed = remove_package(calls_, package.name); !removed) {
            return removed;
        }
        replaced_.push_back(package.name);
        note("removed the package " + package.name + " (" + package.version + ")");
    }
    return update();
}

Error InstallRun::give_up(InstallStep step) const {
    if (step == InstallStep::no_answer) {
        Error error = silence_;
        error.detail =
            "driver " + package_.version + " is on the device and does not answer: " + error.detail;
        return error;
    }
    return {"install driver", 0, Reaction::retry,
            "the device keeps its old driver; close what uses it, or restart the computer, and "
            "install again"};
}

Error InstallRun::undo(Error error) {
    std::vector<std::string> stays;
    if (!created_.empty()) {
        if (const auto removed = remove_node(calls_, created_); !removed) {
            stays.push_back("the device " + created_ + " (" + removed.error().message() + ")");
        }
    }
    if (created_.empty() && done_.updates != 0) {
        stays.push_back("driver " + package_.version + ", which the device has been given");
    } else {
        const auto packages = take_back_packages();
        stays.insert(stays.end(), packages.begin(), packages.end());
    }
    if (!replaced_.empty()) {
        stays.push_back("without the earlier packages " + joined(replaced_));
    }
    if (const auto back = take_back(calls_, trust_); !back) {
        stays.push_back("the certificate (" + back.error().message() + ")");
    }
    error.detail += stays.empty() ? "; nothing was left behind" : "; stays: " + joined(stays);
    return error;
}

// What the store has now and did not have before. Returns what stays.
std::vector<std::string> InstallRun::take_back_packages() {
    const auto now = list_packages(calls_);
    if (!now) {
        return {"perhaps the package (" + now.error().message() + ")"};
    }
    std::vector<std::string> stays;
    for (const DriverPackage& package : *now) {
        const bool was_there =
            std::any_of(packages_before_.begin(), packages_before_.end(),
                        [&](const DriverPackage& before) { return before.name == package.name; });
        if (was_there) {
            continue;
        }
        if (const auto removed = remove_package(calls_, package.name); !removed) {
            stays.push_back("the package " + package.name + " (" + removed.error().message() + ")");
        }
    }
    return stays;
}

}  // namespace pf::os
