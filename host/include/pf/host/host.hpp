// All of the host library. Most programs need Session only.
#pragma once

#include <pf/host/cursor.hpp>
#include <pf/host/discovery.hpp>
#include <pf/host/displays.hpp>
#include <pf/host/errors.hpp>
#include <pf/host/frame.hpp>
#include <pf/host/mode.hpp>
#include <pf/host/pump.hpp>
#include <pf/host/session.hpp>
