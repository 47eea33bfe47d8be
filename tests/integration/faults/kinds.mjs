// The faults: each draws what it does, begins, holds for a drawn time, and ends. `needs` is what the host must have for it.
import { constants } from 'node:os';

/** name → {needs, hold_ms: [least, most], draw(random) → {said, begin(host), end(host)}} */
export const faults = {
  kill: {
    needs: {}, hold_ms: [0, 500],
    draw: () => ({ said: 'kill -9', begin: (host) => host.kill9(), end: (host) => host.restart() }),
  },
  stop: {
    needs: {}, hold_ms: [1_000, 10_000],
    draw: () => ({ said: 'SIGSTOP', begin: (host) => host.freeze(), end: (host) => host.thaw() }),
  },
  disk: {
    needs: { disk_mb: 96 }, hold_ms: [300, 4_000],
    draw: () => ({ said: 'disk full', begin: (host) => host.fill(), end: (host) => host.free() }),
  },
  fsync: {
    needs: { slow: true }, hold_ms: [1_000, 5_000],
    draw: (random) => {
      const delay_ms = random.one([10, 100, 500, 1_500]);
      return { said: `fsync takes ${delay_ms} ms`, begin: (host) => host.fsync_takes(delay_ms), end: (host) => host.fsync_takes(0) };
    },
  },
  io: {
    needs: { slow: true, pings: true }, hold_ms: [50, 1_500],
    draw: (random) => {
      const error = random.one(['EIO', 'ENOSPC']);
      return { said: `fsync fails with ${error}`, begin: (host) => host.fsync_fails(constants.errno[error]), end: (host) => host.fsync_fails(0) };
    },
  },
  cut: {
    needs: { wired: true, pings: true }, hold_ms: [500, 3_000],
    draw: (random) => {
      const share = random.one([0.3, 1]);
      const bytes_max = random.one([600, 6_000, 60_000]);
      const limit = () => random.is(share) && { up: random.is(0.5), bytes: random.between(1, bytes_max), reset: random.is(0.3) };
      return { said: `${share * 100} % of connections cut within ${bytes_max} bytes`, begin: (host) => host.wire.arm(limit), end: (host) => host.wire.disarm() };
    },
  },
  upgrade: {
    needs: { wired: true, pings: true }, hold_ms: [500, 3_000],
    draw: (random) => {
      // Up: the request, then `2probe` (12 bytes with its frame) and `5` (7). Down: the 101 (about 130), then `3probe` (8).
      const limit = ({ upgrade, head_bytes }) => {
        if (!upgrade || random.is(0.2)) return undefined;
        const up = random.is(0.5);
        return { up, bytes: up ? random.between(1, head_bytes + 40) : random.between(1, 200), reset: random.is(0.3) };
      };
      // Who failed to upgrade stays on polling until he comes back: all are cut again and again.
      const again_ms = random.between(150, 500);
      let timer;
      return {
        said: `all cut every ${again_ms} ms, upgrades cut in the middle`,
        begin: ({ wire }) => { wire.arm(limit); wire.cut_all(); timer = setInterval(() => wire.cut_all(), again_ms); },
        end: ({ wire }) => { clearInterval(timer); wire.disarm(); },
      };
    },
  },
  stall: {
    needs: { wired: true, pings: true }, hold_ms: [1_000, 8_000],
    draw: (random) => {
      const share = random.one([0.3, 1]);
      const ways = random.one([{ up: true }, { down: true }, { up: true, down: true }]);
      const stall_of = () => (random.is(share) ? ways : {});
      return { said: `${share * 100} % of connections stall ${Object.keys(ways).join(' and ')}`, begin: (host) => host.wire.stall(stall_of), end: (host) => host.wire.go_on() };
    },
  },
};

/** Not a fault Kith can stand, but one the judge must see: commits that were acknowledged are gone after a kill -9. */
export const planted = {
  needs: {}, hold_ms: [300, 300],
  draw: () => ({
    said: 'kill -9 with lost commits', begin: (host) => host.keep_copy(),
    end: async (host) => { await host.kill9(); host.put_back_copy(); await host.restart(); },
  }),
};

const kind_of = (name) => (name === 'planted' ? planted : faults[name]);

/** The kinds of rounds: each fault by itself, and all of them mixed, two at a time. */
export const kinds = [...Object.keys(faults), 'mixed'];

export const needs_of = (kind) => (kind === 'mixed' ? Object.assign({}, ...Object.values(faults).map(({ needs }) => needs)) : kind_of(kind).needs);

/** Draws the next fault of a round: {said, hold_ms, happen(host)}. What is mixed begins together and ends each at its own time. */
export function draw(kind, random, hold_ms_max) {
  const names = kind === 'mixed' ? [random.one(Object.keys(faults)), random.one(Object.keys(faults))] : [kind];
  const drawn = [...new Set(names)].map((name) => {
    const { hold_ms: [least, most], draw: draw_one } = kind_of(name);
    return { ...draw_one(random), hold_ms: Math.min(hold_ms_max, random.between(least, most)) };
  });
  return {
    said: drawn.map(({ said, hold_ms }) => `${said} (${hold_ms} ms)`).join(' + '),
    hold_ms: Math.max(...drawn.map(({ hold_ms }) => hold_ms)),
    async happen(host) {
      for (const { begin } of drawn) await begin(host);
      await Promise.all(drawn.map(async ({ hold_ms, end }) => {
        await new Promise((done) => setTimeout(done, hold_ms));   // the fault itself
        await end(host);
      }));
    },
  };
}
