// libav writing into a file of ours. It never sees the path, so nothing in a name (a colon, a
// percent sign) is a protocol or a pattern to it.
#pragma once

#include <pf/os/output_file.hpp>

#include "libav_handles.hpp"

namespace pf::sinks {

struct AvioDelete {
    void operator()(AVIOContext* context) const {
        av_freep(&context->buffer);
        avio_context_free(&context);
    }
};
using AvioPtr = std::unique_ptr<AVIOContext, AvioDelete>;

// `file` outlives it. Null: no memory. What a write or seek fails with stays in file.failure().
AvioPtr open_avio(os::OutputFile& file);

}  // namespace pf::sinks
