/** Somebody's allowance: it fills up again by the second, up to `capacity`. */
interface Bucket {
  left: number;
  atMs: number;
}

/** Above so many, those that are full again are forgotten. */
const REMEMBERED = 10_000;

/**
 * Limits how often something is done, by a token bucket for each name. It lives in this process: what it guards
 * against is one caller drowning this process, a shared count would cost a write for each request, and several
 * processes together allow a few times as much, which is no harm. (Sign-in attempts are counted apart.)
 */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  /** @param perSecond how many tokens come back each second  @param capacity how many there are at first */
  constructor(
    private readonly perSecond: number,
    private readonly capacity: number,
  ) {}

  /** Takes one token of this name; gives 0, or how many seconds to wait when there is none. */
  take(name: string, nowMs = performance.now()): number {
    const bucket = this.buckets.get(name) ?? { left: this.capacity, atMs: nowMs };
    bucket.left = this.refilled(bucket, nowMs);
    bucket.atMs = nowMs;
    if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / this.perSecond));
    bucket.left -= 1;
    if (!this.buckets.has(name)) this.remember(name, bucket, nowMs);
    return 0;
  }

  private refilled({ left, atMs }: Bucket, nowMs: number): number {
    return Math.min(this.capacity, left + ((nowMs - atMs) / 1_000) * this.perSecond);
  }

  private remember(name: string, bucket: Bucket, nowMs: number): void {
    if (this.buckets.size >= REMEMBERED) {
      for (const [other, one] of this.buckets)
        if (this.refilled(one, nowMs) >= this.capacity) this.buckets.delete(other);
      // All of them are busy: the one that was met first makes room, so that memory stays bounded.
      const [first] = this.buckets.keys();
      if (this.buckets.size >= REMEMBERED && first !== undefined) this.buckets.delete(first);
    }
    this.buckets.set(name, bucket);
  }
}

/** An address as one caller: of IPv6 the first half, as one line of a provider has all addresses of the other half. */
export const callerOf = (address: string): string =>
  address.includes(':') && !address.startsWith('::ffff:')
    ? address.split(':').slice(0, 4).join(':')
    : address;
