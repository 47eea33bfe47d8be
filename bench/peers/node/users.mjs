// Who is connected to this node: a user's socket, or a set of them when there are several devices.
export class Users {
  #sockets = new Map();

  add(user, socket) {
    const held = this.#sockets.get(user);
    if (held === undefined) this.#sockets.set(user, socket);
    else if (held instanceof Set) held.add(socket);
    else this.#sockets.set(user, new Set([held, socket]));
    return held === undefined;
  }

  /** Whether that was the last one. */
  remove(user, socket) {
    const held = this.#sockets.get(user);
    if (held instanceof Set) {
      held.delete(socket);
      if (held.size) return false;
    } else if (held !== socket) {
      return false;
    }
    this.#sockets.delete(user);
    return true;
  }

  has(user) { return this.#sockets.has(user); }

  /** Whether somebody was there. */
  emit(user, event, body) {
    const held = this.#sockets.get(user);
    if (held === undefined) return false;
    if (held instanceof Set) for (const socket of held) socket.emit(event, body);
    else held.emit(event, body);
    return true;
  }

  each(user, visit) {
    const held = this.#sockets.get(user);
    if (held instanceof Set) for (const socket of held) visit(socket);
    else if (held !== undefined) visit(held);
  }
}
