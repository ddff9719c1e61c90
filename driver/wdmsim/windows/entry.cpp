// The image's entry point. It imports kernel32, so the loader calls it as a DLL's first, and that
// is what starts the C++ runtime; the I/O manager calls it as a driver's after that.
#include <cstdint>

extern "C" {
extern char __ImageBase;  // NOLINT(bugprone-reserved-identifier): the linker's
int __stdcall DllMainCRTStartup(void* image, unsigned long reason, void* reserved);
long __stdcall DriverEntry(struct _DRIVER_OBJECT* driver, struct _UNICODE_STRING* registry_path);

// The first argument of a DLL's entry is its own base; a driver object is elsewhere.
long __stdcall pf_wdmsim_entry(void* first, void* second, void* third) {
    if (first == &__ImageBase) {
        const auto reason = static_cast<unsigned long>(reinterpret_cast<std::uintptr_t>(second));
        return DllMainCRTStartup(first, reason, third);
    }
    return DriverEntry(static_cast<_DRIVER_OBJECT*>(first), static_cast<_UNICODE_STRING*>(second));
}
}
