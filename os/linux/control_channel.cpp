#include "control_channel.hpp"

#include <algorithm>
#include <cstring>

#include <pf/proto/control.hpp>

#include "readable_line.hpp"
#include "status.hpp"

namespace pf::os {

namespace {

constexpr const char* kGive = "give handle";

Remark remark_of(const Exchange& done) {
    const auto* words = reinterpret_cast<const char*>(done.content) + done.reply.payload_bytes;
    const std::string reason(words, done.content_bytes - done.reply.payload_bytes);
    return {readable_line(reason), (done.reply.value & proto::kTransportReasonFinal) != 0};
}

// Every right that exists here is what the descriptor grants anyway: a sealed memory object is
// mapped for reading and writing, an event is written.
Exchange gift_exchange(const Gift& gift) {
    Exchange exchange{.operation = kGive, .give = &gift.handle()};
    exchange.request.kind = proto::kTransportGiveHandle;
    return exchange;
}

bool was_taken(const Exchange& gift) {
    return gift.answered && gift.reply.status == proto::kStatusSuccess && gift.reply.value != 0;
}

Error refusal_of(const Exchange& gift) {
    if (gift.reply.status == proto::kStatusSuccess) {
        return {kGive, 0, Reaction::reject, "the driver names no value for it"};
    }
    return {kGive, gift.reply.status, reaction_of_status(gift.reply.status),
            "the driver does not take it"};
}

}  // namespace

Result<std::size_t> ControlChannel::call(std::uint32_t code, std::span<const std::byte> input,
                                         std::span<std::byte> output, const Patience& patience,
                                         Remark* remark) {
    const char* operation = operation_name(code);
    if (input.size() > proto::kTransportMaxPayload) {
        return fail(operation, 0, Reaction::bug, "the request is too long for the transport");
    }
    Exchange exchange{.operation = operation, .payload = input};
    exchange.request.kind = proto::kTransportControl;
    exchange.request.code = code;
    exchange.request.payload_bytes = static_cast<std::uint32_t>(input.size());
    exchange.request.reply_capacity = static_cast<std::uint32_t>(
        std::min<std::size_t>(output.size(), proto::kTransportMaxPayload));
    exchange.request.value = proto::kTransportMaxReason;
    if (const auto done = line_.exchange({&exchange, 1}, patience); !done) {
        return tl::unexpected(done.error());
    }
    const Remark said = remark_of(exchange);
    if (exchange.reply.status != proto::kStatusSuccess) {
        return fail_status(code, exchange.reply.status, said);
    }
    if (remark != nullptr) {
        *remark = said;
    }
    if (exchange.reply.payload_bytes != 0) {
        std::memcpy(output.data(), exchange.content, exchange.reply.payload_bytes);
    }
    return exchange.reply.payload_bytes;
}

Result<std::vector<std::uint64_t>> ControlChannel::give_all(std::span<const Gift> gifts,
                                                            const Patience& patience) {
    if (!std::all_of(gifts.begin(), gifts.end(), [](const Gift& g) { return bool(g.handle()); })) {
        return fail(kGive, 0, Reaction::bug, "the handle is empty");
    }
    std::vector<std::uint64_t> values(gifts.size());
    std::vector<Exchange> exchanges(gifts.size());
    std::transform(gifts.begin(), gifts.end(), exchanges.begin(), gift_exchange);
    const Result<void> done =
        exchanges.empty() ? Result<void>() : line_.exchange(exchanges, patience);
    const auto refused = std::find_if_not(exchanges.begin(), exchanges.end(), was_taken);
    if (refused == exchanges.end()) {
        std::transform(exchanges.begin(), exchanges.end(), values.begin(),
                       [](const Exchange& taken) { return taken.reply.value; });
        return values;
    }
    for (const Exchange& exchange : exchanges) {
        if (was_taken(exchange)) {
            line_.close_unwatched(exchange.reply.value);
        }
    }
    return tl::unexpected(done ? refusal_of(*refused) : done.error());
}

Result<void> ControlChannel::close_remote(std::uint64_t value, const Patience& patience) {
    Exchange exchange{.operation = "close given handle"};
    exchange.request.kind = proto::kTransportCloseHandle;
    exchange.request.value = value;
    if (const auto done = line_.exchange({&exchange, 1}, patience); !done) {
        if (exchange.request.request_id == 0) {
            line_.close_unwatched(value);
        }
        return done;
    }
    if (exchange.reply.status != proto::kStatusSuccess) {
        return fail(exchange.operation, exchange.reply.status,
                    reaction_of_status(exchange.reply.status),
                    "the driver does not know the value " + std::to_string(value));
    }
    return {};
}

}  // namespace pf::os
