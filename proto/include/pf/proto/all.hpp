// The whole contract. (reflection.hpp, which lists it, is for the few that print it.)
#pragma once

#include <pf/proto/abi.hpp>
#include <pf/proto/control.hpp>
#include <pf/proto/cursor.hpp>
#include <pf/proto/exact_rate.hpp>
#include <pf/proto/frame.hpp>
#include <pf/proto/luminance.hpp>
#include <pf/proto/ring_extension.hpp>
#include <pf/proto/shared_access.hpp>
#include <pf/proto/transport.hpp>
#include <pf/proto/validate.hpp>
#include <pf/proto/version.hpp>
