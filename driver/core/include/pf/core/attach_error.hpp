// Why a delivered ring could not be opened: the detail word beside kDriverStatusTextureFail.
// Numbers are part of what a host may print; they never change meaning. They lie apart from
// NTSTATUS, HRESULT and errno values, which a shell reports through attach_failed().
#pragma once

#include <cstdint>

namespace pf::core {

enum class AttachError : std::uint32_t {
    none = 0,
    no_extension = 0x20000001,      // the section ends before it, its magic is absent or it is
                                    // too new: the host speaks of slots that are not memory
    bad_geometry = 0x20000002,      // size, format, pitch or slot size that cannot be
    ring_len_differs = 0x20000003,  // header and delivery disagree
    slot_too_small = 0x20000004,    // a slot section below its claimed size or the frame's
    format_not_given = 0x20000005,  // the source's pictures are of other pixel formats
};

}  // namespace pf::core
