#!/usr/bin/env bash
# Names what a Debian 12 lacks to build and test Kith, and installs it: setup.sh [build|test|bench]
# `build` is what `make build` and `make run` need, `test` (the default) all the rest too,
# `bench` also what `make bench` measures with. Nothing to do: says nothing.
set -eu

build_packages="g++ cmake ninja-build pkg-config ccache libboost1.81-dev libboost-json1.81-dev libssl-dev
  libsimdjson-dev libsqlite3-dev libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev libxxhash-dev libjemalloc-dev"
test_packages="libgtest-dev libgmock-dev librapidcheck-dev clang-14 libclang-rt-14-dev clang-tidy-14
  clang-format-14 python3 chromium spin iproute2 curl"
# The peer's Redis; what the micro benchmarks are written with.
bench_packages="redis-server libbenchmark-dev"

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

node_is_enough() {
  has node && has npm || return 1
  local version
  version=$(node --version) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 18 ] 2>/dev/null
}

group=${1:-test}
case "$group" in
  build) wanted=$build_packages ;;
  test|bench)
    wanted="$build_packages $test_packages"
    [ "$group" = test ] || wanted="$wanted $bench_packages"
    node_is_enough || wanted="$wanted nodejs npm"
    ;;
  *) fail "unknown group '$group': say build, test or bench" ;;
esac

has dpkg-query || fail "this is not Debian. Kith is built on Debian 12; install what these packages hold: $(echo $wanted)"

# The name without its architecture; only what is wholly installed counts.
installed=$(dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p')
is_installed() { case "$installed_lines" in *"
$1
"*) return 0 ;; *) return 1 ;; esac; }
installed_lines="
$installed
"
missing=""
for package in $wanted; do
  is_installed "$package" || missing="$missing $package"
done
missing=${missing# }
[ -n "$missing" ] || exit 0

say "missing on this machine: $missing"

# apt would silently remove another Boost, and every package that needs it.
case " $missing " in *" libboost1.81-dev "*)
  for other in $(printf '%s\n' "$installed" | grep -E '^libboost1\.[0-9]+-dev$' | grep -vx 'libboost1.81-dev' || true); do
    [ "${KITH_SETUP_REPLACE_BOOST:-0}" = 1 ] ||
      fail "libboost1.81-dev conflicts with the installed $other (Debian's libboost-dev): installing it removes $other and
setup: what needs it. Look with 'apt-get -s install libboost1.81-dev'; if that is fine, run again with KITH_SETUP_REPLACE_BOOST=1."
    say "replacing $other by libboost1.81-dev, as KITH_SETUP_REPLACE_BOOST=1 asks"
  done
esac

sudo=""
if [ "$(id -u)" != 0 ]; then
  has sudo || fail "not root and no sudo here. As root, run: apt-get install --no-install-recommends $missing"
  sudo=sudo
fi
apt() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@"; }

# The lists are fetched only when they do not know a package, or when what they name is gone from the mirror.
install_missing() { apt install -y --no-install-recommends $missing >/dev/null; }
known() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'; }
all_known=1
for package in $missing; do known "$package" || all_known=0; done
say "installing them with apt-get${sudo:+ (sudo)}"
if [ "$all_known" = 0 ]; then
  apt update
  for package in $missing; do
    known "$package" || fail "apt knows no package '$package'. Kith is built on Debian 12 (bookworm), main section."
  done
  install_missing || fail "apt-get could not install them: see its message above"
else
  install_missing || { apt update && install_missing; } || fail "apt-get could not install them: see its message above"
fi
say "done"
