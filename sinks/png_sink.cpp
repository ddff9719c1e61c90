#include "png_sink.hpp"

#include "png_image.hpp"

namespace pf::sinks {
namespace {

constexpr const char* kWrite = "write png";

}  // namespace

os::Result<std::unique_ptr<FrameSink>> PngSink::open(std::shared_ptr<os::OutputFile> file) {
    return std::unique_ptr<FrameSink>(new PngSink(std::move(file)));
}

PngSink::~PngSink() {
    if (!closed_) {
        (void)close(0);
    }
}

os::Result<void> PngSink::push(const host::Frame& frame) {
    last_ = frame;
    return {};
}

os::Result<void> PngSink::close(std::int64_t) {
    closed_ = true;
    if (!last_) {
        return leave_file({kWrite, 0, os::Reaction::retry, file_->name() + ": no frame came"});
    }
    auto image = encode_png(last_.view());
    last_ = {};
    return image ? replace_file(*image) : leave_file(image.error());
}

// Nothing is to be written: a file that was there stays, an empty one that we made does not.
os::Result<void> PngSink::leave_file(const os::Error& why) {
    if (file_->created()) {
        (void)file_->remove();
    }
    return tl::unexpected(why);
}

os::Result<void> PngSink::replace_file(const std::vector<std::byte>& image) {
    auto done = file_->truncate();
    if (done) {
        done = file_->write(image);
    }
    if (done) {
        done = file_->close();
    }
    if (!done) {
        os::Error error = done.error();
        error.detail += "; no picture is left";
        (void)file_->remove();
        return tl::unexpected(error);
    }
    return done;
}

}  // namespace pf::sinks
