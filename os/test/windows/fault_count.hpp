// Which of the system's calls fails: the n-th of all that go through a table of calls. A fake in a
// table asks, and fails as its call does where it is told to.
#pragma once

#include <windows.h>

namespace pf::os::test {

class FaultCount {
public:
    // 0: none fails. Counting starts anew.
    void arm(int nth, DWORD error) {
        nth_ = nth;
        calls_ = 0;
        error_ = error;
    }
    // Sets the last error where the call is to fail.
    bool fails() {
        if (++calls_ != nth_) {
            return false;
        }
        ::SetLastError(error_);
        return true;
    }
    int calls() const { return calls_; }

private:
    int nth_ = 0;
    int calls_ = 0;
    DWORD error_ = 0;
};

}  // namespace pf::os::test
