// Where the faults happen: driver, hosts and judge together, and the diary of a run. One thread.
#pragma once

#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>

#include "chaos_crew.hpp"
#include "chaos_driver.hpp"
#include "chaos_judge.hpp"

namespace pf::cli {

host::PixelFormat pixel_format(const std::string& name);

class ChaosStage {
public:
    // All of it outlives this; `diary` may be without a file.
    ChaosStage(ChaosDriver& the_driver, ChaosCrew& the_crew, ChaosJudge& the_judge,
               const os::Flag& cancel, std::ostream& diary)
        : driver(the_driver), crew(the_crew), judge(the_judge), cancel_(cancel), diary_(diary) {}

    ChaosDriver& driver;
    ChaosCrew& crew;
    ChaosJudge& judge;
    DriverShape shape;  // of the driver, as hosts expect it
    std::uint64_t hosts_killed = 0;

    void start_host(std::size_t host);  // the judge hears of a failure
    void note(const std::string& line);

    // Takes what hosts told, sees who owes for too long, keeps the desktop moving.
    void pump();
    // Pumps until then, or until it is true. False: the deadline came first, or the run is over.
    bool pump_until(std::int64_t deadline_ns, const std::function<bool()>& condition);
    bool over() const;  // interrupted, or something broke

private:
    void pump_host(std::size_t host);
    const os::Flag& cancel_;
    std::ostream& diary_;
};

}  // namespace pf::cli
