// Does nothing until it is killed, ten minutes at most.
#include <chrono>
#include <thread>

int main() {
    std::this_thread::sleep_for(std::chrono::minutes(10));
}
