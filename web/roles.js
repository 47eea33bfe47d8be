// What a role may do in a group, so that the page offers nothing the server refuses. Pure; the server judges for itself.

export const roles = ['member', 'moderator', 'admin', 'owner'];
export const role_words = { member: 'Member', moderator: 'Moderator', admin: 'Admin', owner: 'Owner' };
const with_article = { member: 'a member', moderator: 'a moderator', admin: 'an admin', owner: 'the owner' };

const rank = (role) => roles.indexOf(role);

export const role_phrase = (role) => with_article[role] ?? role;
export const may_add = (mine) => rank(mine) >= rank('admin');
export const may_rename = may_add;

/** Another member, that is: anyone may leave. */
export const may_remove = (mine, theirs) => rank(mine) >= rank('moderator') && rank(theirs) < rank(mine);

/** The roles somebody of role `mine` may give to another of role `theirs`, the present one among them; empty: none. */
export function roles_to_give(mine, theirs) {
  if (mine === 'owner') return roles;
  if (mine === 'admin' && rank(theirs) < rank('admin')) return roles.slice(0, rank('admin'));
  return [];
}

/** Highest role first, then by name. */
export function by_rank(members, name_of) {
  return [...members].sort((a, b) => rank(b.role) - rank(a.role) || name_of(a.user).localeCompare(name_of(b.user)));
}
