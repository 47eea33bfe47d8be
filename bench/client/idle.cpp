#include "client/idle.hpp"

#include "client/layers.hpp"

namespace kith::bench {

Idle::Idle(Run& run, unsigned thread)
    : Scenario(run, thread), share_(Share::of(options().connections, thread, run.threads)) {
  create(share_.count, share_.first);
}

std::vector<Group> Idle::layers(std::uint32_t from, std::uint32_t to) const {
  return make_layers({options().tag, share_.first, share_.count, options().size}, from, to);
}

void Idle::run() {
  if (!connect_all()) conductor().stop();
  conductor().meet(loop_, [this] { conductor().begin(); });
  go_on(now_ns() + static_cast<std::int64_t>(options().hold_s * 1e9));
  conductor().meet(loop_, [this] { conductor().end(); });
  if (options().further > 0) {
    const std::string wrong =
        make_groups(layers(options().memberships, options().memberships + options().further), true);
    if (!wrong.empty()) {
      tally_.note_problem(wrong);
      ++tally_.errors["group"];
    }
    conductor().meet(loop_);
    go_on(now_ns() + static_cast<std::int64_t>(options().hold_s * 1e9));
    conductor().meet(loop_, [this] { sample_all(conductor().processes(), &ProcessWatch::later); });
  }
  ending_ = true;
}

}  // namespace kith::bench
