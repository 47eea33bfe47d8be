// The lines between messages: who came, went, was given a role, what the group is called. Pure.
import { role_phrase } from './roles.js';

/** `item` of a thread with `what` · `name(user)` as shown · `me`. */
export function line_text({ what, user, actor, role, title }, { name, me }) {
  const subject = (who) => (who === me ? 'You' : name(who));
  const object = (who) => (who === me ? 'you' : name(who));
  const by_another = actor && actor !== user;
  if (what === 'added') return by_another ? `${subject(actor)} added ${object(user)}` : `${subject(user)} joined`;
  if (what === 'removed') return by_another ? `${subject(actor)} removed ${object(user)}` : `${subject(user)} left`;
  if (what === 'titled') return title ? `${actor ? subject(actor) : 'Somebody'} named the group “${title}”` : `${actor ? subject(actor) : 'Somebody'} took the group’s name away`;
  if (by_another) return `${subject(actor)} made ${object(user)} ${role_phrase(role)}`;
  return `${subject(user)} ${user === me ? 'are' : 'is'} now ${role_phrase(role)}`;
}
