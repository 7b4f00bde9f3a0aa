const FAILURES_TO_OPEN = 3;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 300_000;

/** Stops starting containers on a host where that keeps failing; tries again after a pause that doubles. */
export class CircuitBreaker {
  private failures = 0;
  private openUntilMs = 0;
  private pauseMs: number;
  lastCause = '';

  constructor(
    private readonly firstPauseMs = FIRST_PAUSE_MS,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.pauseMs = firstPauseMs;
  }

  get isOpen(): boolean {
    return this.nowMs() < this.openUntilMs;
  }

  /** Time until the next attempt is allowed, 0 when it is now. */
  get waitMs(): number {
    return Math.max(0, this.openUntilMs - this.nowMs());
  }

  succeed(): void {
    this.failures = 0;
    this.pauseMs = this.firstPauseMs;
    this.openUntilMs = 0;
  }

  fail(cause: string): void {
    this.lastCause = cause;
    this.failures++;
    if (this.failures < FAILURES_TO_OPEN) return;
    this.openUntilMs = this.nowMs() + this.pauseMs;
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
