#include <pf/os/program_start.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include <gtest/gtest.h>
#include <pf/os/process.hpp>

#include "test_support.hpp"

namespace pf::os {
namespace {

// Signals and descriptors are the process's: each test is a process. 0: the body held.
int status_of(const std::function<bool()>& body) {
    test::ForkedChild child([&body] { ::_exit(body() ? 0 : 1); });
    int status = -1;
    EXPECT_GT(::waitpid(static_cast<pid_t>(child.pid()), &status, 0), 0);
    return status;
}

bool ignores(int number) {
    struct sigaction action {};
    ::sigaction(number, nullptr, &action);
    return action.sa_handler == SIG_IGN;
}

TEST(ProgramStart, ClosedStandardDescriptorsAreTakenAndStayUseless) {
    EXPECT_EQ(status_of([] {
                  for (const int descriptor : {0, 1, 2}) {
                      ::close(descriptor);
                  }
                  begin_program();
                  const int next = ::open("/dev/null", O_RDONLY);
                  char byte = 0;
                  return next > 2 && ::read(0, &byte, 1) < 0 && ::write(1, &byte, 1) < 0 &&
                         errno == EBADF && ::write(2, &byte, 1) < 0;
              }),
              0);
}

TEST(ProgramStart, OpenOnesAreLeftAlone) {
    EXPECT_EQ(status_of([] {
                  int ends[2];
                  if (::pipe(ends) != 0 || ::dup2(ends[1], 1) != 1) {
                      return false;
                  }
                  ::close(2);
                  begin_program();
                  char byte = 'x';
                  return ::write(1, &byte, 1) == 1 && ::read(ends[0], &byte, 1) == 1;
              }),
              0);
}

TEST(ProgramStart, ChildrenCanBeWaitedForAndTheProgramEnded) {
    EXPECT_EQ(status_of([] {
                  for (const int number : {SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGHUP}) {
                      ::signal(number, SIG_IGN);
                  }
                  sigset_t all;
                  ::sigfillset(&all);
                  ::sigprocmask(SIG_BLOCK, &all, nullptr);
                  begin_program();
                  sigset_t now;
                  ::sigprocmask(SIG_SETMASK, nullptr, &now);
                  ChildProcess::Options options;
                  options.arguments = {"sh", "-c", "exit 3"};
                  auto child = ChildProcess::spawn(options);
                  return child && child->wait_exit(test::soon()) &&
                         child->exit_status().code == 3 && !ignores(SIGINT) && !ignores(SIGQUIT) &&
                         !ignores(SIGTERM) && ignores(SIGHUP) && ::sigismember(&now, SIGTERM) == 0;
              }),
              0);
}

TEST(ProgramStart, WhatCannotBeWrittenIsAnErrorAndNoDeath) {
    EXPECT_EQ(status_of([] {
                  begin_program();
                  int ends[2];
                  char byte = 'x';
                  if (::pipe(ends) != 0) {
                      return false;
                  }
                  ::close(ends[0]);
                  const bool pipe_says = ::write(ends[1], &byte, 1) < 0 && errno == EPIPE;
                  const rlimit none{0, 0};
                  ::setrlimit(RLIMIT_FSIZE, &none);
                  const int file = ::open("/tmp", O_TMPFILE | O_WRONLY, 0600);
                  const bool file_says = ::write(file, &byte, 1) < 0 && errno == EFBIG;
                  return pipe_says && file_says && ignores(SIGTTOU);
              }),
              0);
}

}  // namespace
}  // namespace pf::os
