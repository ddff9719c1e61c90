// error: read_struct
#include <pf/proto/frame.hpp>

bool read(const unsigned char* bytes, pf::proto::FrameToken& out) {
    return pf::proto::read_struct(bytes, 16, out);
}
