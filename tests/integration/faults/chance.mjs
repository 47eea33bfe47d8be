// Chance from a seed: the same seed draws the same.
export class Chance {
  constructor(seed) { this.state = seed >>> 0; }

  /** A stream of its own, told apart by `number`. */
  branch(number) { return new Chance(Math.imul(this.state ^ 0x9e3779b9, 2 * number + 1) + number); }

  next() {   // mulberry32
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit) { return Math.floor(this.next() * limit); }
  between(low, high) { return low + this.below(high - low + 1); }
  one(list) { return list[this.below(list.length)]; }
  is(share) { return this.next() < share; }
}
