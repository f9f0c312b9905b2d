// ---- How often

/** A sliding window: up to 64 attempts each by its time, above it two fixed windows, the one before in proportion to what is left of it.
 *  What was counted longest ago makes room, so that memory is bounded. */
export class Window {
  constructor(count, seconds, clock = () => performance.now() / 1000) {
    Object.assign(this, { count, seconds, clock, kept: new Map() });
  }
  hit(key) {
    const now = this.clock(), known = this.kept.get(key)?.known;
    const found = this.count <= EXACT ? this.#byTimes(now, known) : this.#byWindows(now / this.seconds, known);
    if (found.within) {
      if (known) this.kept.delete(key); else this.#room(now);
      this.kept.set(key, { now, known: found.known });
    }
    return found;
  }
  #byTimes(now, times = []) {
    const known = times.filter((one) => one > now - this.seconds), over = known.length >= this.count;
    if (over) return { within: false, left: 0, reset: known[known.length - this.count] + this.seconds - now };
    known.push(now);
    return { within: true, left: this.count - known.length, reset: known[0] + this.seconds - now, known };
  }
  #byWindows(now, { at, current, before } = { at: Math.floor(now), current: 0, before: 0 }) {
    const index = Math.floor(now), gone = now - index;
    if (at < index) [before, current] = [at === index - 1 ? current : 0, 0];
    const weight = before * (1 - gone) + current;
    if (weight + 1 > this.count) return { within: false, left: 0, reset: this.#wait(gone, current, before) };
    const left = Math.floor(this.count - weight - 1 + 1e-9);
    return { within: true, left, reset: (1 - gone) * this.seconds, known: { at: index, current: current + 1, before } };
  }
  #wait(gone, current, before) {
    const room = this.count - 1;
    if (before && current <= room) return Math.max(1 - (room - current) / before - gone, 0) * this.seconds;
    return (1 - gone + (current ? Math.max(1 - room / current, 0) : 0)) * this.seconds;
  }
  #room(now) {
    for (const [key, one] of this.kept) {
      if (one.now > now - 2 * this.seconds && this.kept.size < MOST_KEYS) return;
      this.kept.delete(key);
    }
  }
}
