// What each of those who ask has no part in, and last what is not there at all: all of a list has to be answered alike.
// Names of one list are of one length, so that lengths tell nothing either.
export function things(world, who) {
  const groups = [world.crew.cid, world.direct.cid, world.owners.ann.user_cid, world.none];
  const lists = {
    sam: {
      cid: [...groups, world.blues.cid, world.blue_ann.user_cid], external: ['red crew', 'blu crew', 'new crew'], user: ['ann', 'zed'], newcomer: ['tim', 'pam'],
      free: ['blu club', 'old club'], room: ['lobby', 'empty'], token: [world.red.token('ann'), world.blue.token('sam')], page: [world.next],
    },
    blue_ann: {
      cid: groups, external: ['red crew', 'new crew'], user: ['carl', 'noel'], newcomer: ['tim', 'pam'],
      free: ['red club', 'gnu club'], room: ['lobby', 'empty'], token: [world.red.token('ann'), world.blue.token('bob')], page: [world.next],
    },
    eve: { cid: groups.slice(1), external: ['blu crew', 'new crew'], user: ['ann', 'zed'], newcomer: [], free: [], room: ['lobby', 'empty'], token: [world.red.token('ann')], page: [world.next] },
  };
  return lists[who];
}

/** What the former member asks of the group he was in. */
export const lost = (world) => ({ cid: [world.crew.cid], external: ['red crew'], user: ['ann', 'zed'], room: ['lobby', 'empty'] });
