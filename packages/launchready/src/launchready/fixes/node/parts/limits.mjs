// ---- How often

/** A sliding window over two fixed ones. What was counted longest ago makes room, so that memory is bounded. */
export class Window {
  constructor(count, seconds, clock = () => performance.now() / 1000) {
    Object.assign(this, { count, seconds, clock, counters: new Map() });
  }
  hit(key) {
    const now = this.clock() / this.seconds, index = Math.floor(now), gone = now - index, kept = this.counters.get(key);
    let { at, current, before } = kept ?? { at: index, current: 0, before: 0 };
    if (at !== index) [before, current] = [at === index - 1 ? current : 0, 0];
    const weight = before * (1 - gone) + current;
    if (weight + 1 > this.count) return { within: false, left: 0, reset: this.#wait(gone, current, before) };
    if (at !== index || !kept) {
      this.#room(index);
      this.counters.delete(key);
    }
    this.counters.set(key, { at: index, current: current + 1, before });
    return { within: true, left: Math.floor(this.count - weight - 1 + 1e-9), reset: (1 - gone) * this.seconds };
  }
  #wait(gone, current, before) {
    const room = this.count - 1;
    if (before && current <= room) return Math.max(1 - (room - current) / before - gone, 0) * this.seconds;
    return (1 - gone + (current ? Math.max(1 - room / current, 0) : 0)) * this.seconds;
  }
  #room(index) {
    for (const [key, { at }] of this.counters) {
      if (at >= index - 1 && this.counters.size < MOST_KEYS) return;
      this.counters.delete(key);
    }
  }
}
