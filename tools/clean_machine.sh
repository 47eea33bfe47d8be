#!/usr/bin/env bash
# The README's two commands on a bare Debian 12: clean_machine.sh [run] [test] (none: both)
# A Debian of its own is made in a temporary folder by debootstrap, from the mirror this machine's apt uses; a clone of HEAD is built and
# started in it, and a stock client talks to it from outside. Everything is removed at the end. Root; 3 GB in $TMPDIR or /var/tmp, 25 with test.
set -eu

fail() { printf 'clean-machine: %s\n' "$*" >&2; exit 1; }
say() { printf '== %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

steps=${*:-run test}
for step in $steps; do case "$step" in run|test) ;; *) fail "unknown step '$step': say run, test or both" ;; esac; done
[ "$(id -u)" = 0 ] || fail "needs root: debootstrap makes a Debian in a folder and changes its root to it. Run: sudo make clean-machine"
has debootstrap || fail "needs debootstrap: apt-get install debootstrap"
has unshare || fail "needs unshare: apt-get install util-linux"
has node || fail "needs Node.js for the stock client: make setup"

checkout=$(cd "$(dirname "$0")/.." && pwd)
suite=bookworm
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME) $(COMPONENT)' | awk -v suite=$suite '$2 == suite && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || fail "apt on this machine knows no source of Debian 12's main section ($suite)"

work=$(mktemp -d "${TMPDIR:-/var/tmp}/kith-clean.XXXXXX")
root=$work/root
log=$work/log
inside_pid=

# Processes of the new Debian live in a process namespace of its own, and its mounts in a mount namespace: they end with it.
inside() { exec unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" \
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive \
  ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
  /bin/sh -c "cd /kith && $1"; }

tidy_up() {
  [ -z "$inside_pid" ] || { kill -KILL "$inside_pid" 2>/dev/null || true;  # it takes no other signal; all inside end with it
    wait "$inside_pid" 2>/dev/null || true; }
  rm -rf --one-file-system "$work"
}
trap tidy_up EXIT
trap 'exit 130' INT TERM

say "a bare Debian 12 ($suite) in $root"
debootstrap --variant=minbase --include=ca-certificates,git,make "$suite" "$root" "$mirror" >"$log" 2>&1 || { tail -20 "$log"; fail "debootstrap failed"; }
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp /etc/hosts "$root/etc/hosts"
git clone --quiet --no-local --no-hardlinks "$checkout" "$root/kith"
git -C "$root/kith" checkout --quiet --detach "$(git -C "$checkout" rev-parse HEAD)"
# Packages come from where this machine's npm gets them, and are trusted as here: a company may have certificates of its own.
registry=$(npm config get registry 2>/dev/null || true)
[ -z "$registry" ] || printf 'registry=%s\n' "$registry" >"$root/root/.npmrc"
trusted=$(npm config get cafile 2>/dev/null || true)
[ -f "$trusted" ] || trusted=${NODE_EXTRA_CA_CERTS:-}
[ ! -f "$trusted" ] || { cp "$trusted" "$root/etc/npm-ca.pem"; echo 'cafile=/etc/npm-ca.pem' >>"$root/root/.npmrc"; }

# The program that listens, as this machine sees it: its root is the new one.
server_pid() {
  local process
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/root" 2>/dev/null)" = "$root" ] && [ "$(readlink "$process/exe" 2>/dev/null)" = "$root/kith/build/release/kith" ] && { echo "${process#/proc/}"; return; }
  done
  return 1
}

step_run() {
  say "make run"
  (inside "make run ARGS='--listen 127.0.0.1:0'") >"$log" 2>&1 &
  inside_pid=$!
  local deadline=$((SECONDS + 1800))
  until grep -q '^listening on ' "$log"; do
    [ "$SECONDS" -lt "$deadline" ] || { tail -40 "$log"; fail "make run does not listen after half an hour"; }
    kill -0 "$inside_pid" 2>/dev/null || { tail -40 "$log"; fail "make run ended"; }
    sleep 1
  done
  local url
  url=$(sed -n 's/^listening on //p' "$log" | tail -1)
  node "$checkout/tests/support/two_talk.mjs" "$url" || { tail -20 "$log"; fail "the server does not answer a stock client"; }
  kill -TERM "$(server_pid)"
  local code=0
  wait "$inside_pid" || code=$?
  inside_pid=
  [ "$code" = 0 ] || { tail -20 "$log"; fail "make run ended with $code after SIGTERM"; }
  passed=$((passed + 1))
}

step_test() {
  say "make test"
  (inside "make test") >"$log" 2>&1 &
  inside_pid=$!
  local code=0
  wait "$inside_pid" || code=$?
  inside_pid=
  sed -n '/^== sum$/,$p' "$log"
  [ "$code" = 0 ] || { grep -n 'FAIL' "$log" | head -20; tail -20 "$log"; fail "make test ended with $code"; }
  passed=$((passed + 1))
}

passed=0
for step in $steps; do "step_$step"; done
say "on a bare Debian 12 the README's commands work: $steps"
printf '%s passed, 0 failed\n' "$passed"
