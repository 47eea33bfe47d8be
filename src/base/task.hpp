#pragma once

#include "base/assert.hpp"

#include <memory>
#include <type_traits>
#include <utility>

namespace kith::base {

template <class Signature>
class MoveOnlyFunction;

// A callable that may own what can not be copied (std::move_only_function comes with C++23).
template <class R, class... Args>
class MoveOnlyFunction<R(Args...)> {
 public:
  MoveOnlyFunction() = default;

  // A lambda is passed where one is due.
  template <class F,
            class = std::enable_if_t<!std::is_same_v<std::remove_cvref_t<F>, MoveOnlyFunction> &&
                                     std::is_invocable_r_v<R, F&, Args...>>>
  MoveOnlyFunction(F&& f)  // NOLINT(google-explicit-constructor)
      : body_(std::make_unique<Body<std::decay_t<F>>>(std::forward<F>(f))) {}

  explicit operator bool() const noexcept { return body_ != nullptr; }

  R operator()(Args... args) {
    KITH_ASSERT(body_ != nullptr);
    return body_->call(std::forward<Args>(args)...);
  }

 private:
  struct Base {
    Base() = default;
    Base(const Base&) = delete;
    Base& operator=(const Base&) = delete;
    Base(Base&&) = delete;
    Base& operator=(Base&&) = delete;
    virtual ~Base() = default;
    virtual R call(Args... args) = 0;
  };

  template <class F>
  struct Body final : Base {
    explicit Body(F f) : f_(std::move(f)) {}

    R call(Args... args) override { return f_(std::forward<Args>(args)...); }

    F f_;
  };

  std::unique_ptr<Base> body_;
};

// Work to be done once, on some reactor.
using Task = MoveOnlyFunction<void()>;

}  // namespace kith::base
