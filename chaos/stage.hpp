// Where the faults happen: driver, hosts and judge together, and the diary of a run. One thread.
#pragma once

#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include <pf/os/clock.hpp>
#include <pf/os/flag.hpp>

#include "crew.hpp"
#include "driver_under_test.hpp"
#include "judge.hpp"

namespace pf::chaos {

host::PixelFormat pixel_format(const std::string& name);

class Stage {
public:
    // All of it outlives this; `diary` may be without a file.
    Stage(DriverUnderTest& the_driver, Crew& the_crew, Judge& the_judge, const os::Flag& cancel,
          std::ostream& diary)
        : driver(the_driver), crew(the_crew), judge(the_judge), cancel_(cancel), diary_(diary) {}

    DriverUnderTest& driver;
    Crew& crew;
    Judge& judge;
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

}  // namespace pf::chaos
