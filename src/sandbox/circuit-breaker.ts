/** A restarting engine is back within this time. Until then its failures only slow the attempts down. */
const PATIENCE_MS = 20_000;
const RETRY_AFTER_MS = 1000;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 300_000;

/** Stops starting containers on a host where that keeps failing, and tries again after a pause that doubles. */
export class CircuitBreaker {
  private failingSinceMs: number | undefined;
  private isGivenUp = false;
  private notBeforeMs = 0;
  private pauseMs = FIRST_PAUSE_MS;
  lastCause = '';

  constructor(private readonly nowMs: () => number = Date.now) {}

  /** True while no container can start before the pause is over. */
  get isOpen(): boolean {
    return this.isGivenUp && this.waitMs > 0;
  }

  /** Time until the next attempt is allowed, 0 when it is now. */
  get waitMs(): number {
    return Math.max(0, this.notBeforeMs - this.nowMs());
  }

  succeed(): void {
    this.failingSinceMs = undefined;
    this.isGivenUp = false;
    this.pauseMs = FIRST_PAUSE_MS;
    this.notBeforeMs = 0;
  }

  /** @param isHopeless opens the breaker at once, because an early retry would fail in the same way */
  fail(cause: string, isHopeless = false): void {
    const now = this.nowMs();
    this.lastCause = cause;
    // Several attempts at a time fail together.
    if (this.isOpen) return;
    this.failingSinceMs ??= now;
    this.isGivenUp = isHopeless || now - this.failingSinceMs >= PATIENCE_MS;
    this.notBeforeMs = now + (this.isGivenUp ? this.pauseMs : RETRY_AFTER_MS);
    if (this.isGivenUp) this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
