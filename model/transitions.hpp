// The steps that a model allows, as `tools/model.sh steps` prints them: "edge BEFORE CALL AFTER",
// each of the three a word. One thread.
#pragma once

#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace pf::model {

struct Step {
    std::string before, call, after;

    auto operator<=>(const Step&) const = default;
    std::string text() const { return before + "  " + call + "  " + after; }
};

class Transitions {
public:
    // Empty when the file is not there.
    explicit Transitions(const std::string& path) {
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) {
            std::istringstream words(line);
            std::string edge;
            Step step;
            words >> edge >> step.before >> step.call >> step.after;
            if (edge == "edge") {
                allowed_.insert(step);
            }
        }
    }

    bool allow(const Step& step) {
        if (allowed_.count(step) == 0) {
            return false;
        }
        seen_.insert(step);
        return true;
    }
    std::size_t size() const { return allowed_.size(); }
    std::size_t seen() const { return seen_.size(); }
    // How many of a call's steps the code took, and of how many.
    std::map<std::string, std::pair<std::size_t, std::size_t>> by_call() const {
        std::map<std::string, std::pair<std::size_t, std::size_t>> counts;
        for (const Step& step : allowed_) {
            ++counts[step.call].second;
        }
        for (const Step& step : seen_) {
            ++counts[step.call].first;
        }
        return counts;
    }
    const std::set<Step>& steps() const { return allowed_; }

private:
    std::set<Step> allowed_;
    std::set<Step> seen_;
};

// Every kind of call was made. What the model has beyond what the code did is its freedom of
// choice.
inline void report(const Transitions& model, std::size_t steps) {
    std::printf("%zu steps of the code; %zu of the %zu that the model has\n", steps, model.seen(),
                model.size());
    for (const auto& [call, counts] : model.by_call()) {
        std::printf("  %-14s %6zu of %6zu\n", call.c_str(), counts.first, counts.second);
        EXPECT_GT(counts.first, 0u) << call << " never happened";
    }
}

// A test against the steps in a file; without any it fails at once.
class ReplayTest : public testing::Test {
protected:
    explicit ReplayTest(const char* path) : path_(path), model_(path) {}
    void SetUp() override { ASSERT_GT(model_.size(), 0u) << "no steps in " << path_; }

    const char* path_;
    Transitions model_;
};

}  // namespace pf::model
