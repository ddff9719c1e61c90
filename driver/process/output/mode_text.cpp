#include "mode_text.hpp"

#include <fmt/format.h>

namespace pf::driver {

std::string to_string(const core::Mode& mode) {
    const std::uint32_t rest = mode.millihertz() % 1000;
    std::string text = fmt::format("{}x{}@{}", mode.width, mode.height, mode.millihertz() / 1000);
    if (rest != 0) {
        text += fmt::format(".{:03}", rest);
        text.resize(text.find_last_not_of('0') + 1);
    }
    return text;
}

}  // namespace pf::driver
