// How a ring's host is woken. The shell's: it has the event.
#pragma once

namespace pf::core {

class Waker {
public:
    // The host has something new in the ring. On the publisher's thread; does not block.
    virtual void wake() = 0;

protected:
    ~Waker() = default;
};

}  // namespace pf::core
