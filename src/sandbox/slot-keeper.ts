/** Keeps the number of containers on one Docker host: starts, verifies, replaces and removes them. */
import { CircuitBreaker } from './circuit-breaker.ts';
import type { ContainerSettings } from './container-config.ts';
import { type DockerHost, describeError, SandboxUnavailableError } from './docker-connection.ts';
import { replySchema } from './messages.ts';
import type { MutableMetrics } from './metrics.ts';
import type { SandboxProgram } from './program.ts';
import { PROBE_SNIPPET, type ProbeFindings, readProbe } from './protections.ts';
import { Slot } from './slot.ts';
import { runMessage } from './snippet-call.ts';

const RUNS_PER_CONTAINER = 2000;
const CONTAINER_LIFE_MS = 30 * 60_000;

export interface KeeperSettings {
  readonly host: DockerHost;
  readonly program: SandboxProgram;
  readonly container: ContainerSettings;
  readonly slots: number;
  readonly metrics: MutableMetrics;
  /** Called when a container is ready. */
  readonly onReady: (slot: Slot) => void;
  /** Called when a container is gone; `keeper.isDown` says whether another can start. */
  readonly onChange: () => void;
}

export class SlotKeeper {
  readonly slots = new Set<Slot>();
  readonly breaker = new CircuitBreaker();
  /** The probe's findings from the newest container. */
  probe: ProbeFindings | undefined;
  private starting = 0;
  private readonly replacedBy = new Map<Slot, Slot | undefined>();
  private again: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(readonly settings: KeeperSettings) {}

  /** True if no container runs or starts, and none will before the breaker closes. */
  get isDown(): boolean {
    return this.slots.size === 0 && this.starting === 0 && (this.closed || this.breaker.isOpen);
  }

  /** Starts missing containers, at most one per core at a time. */
  fill(): void {
    if (this.closed) return;
    if (this.breaker.waitMs > 0) {
      clearTimeout(this.again);
      this.again = setTimeout(() => {
        this.fill();
        this.settings.onChange();
      }, this.breaker.waitMs + 1);
      this.again.unref();
      return;
    }
    const missing = () => this.settings.slots - (this.slots.size - this.replacedBy.size) - this.starting;
    while (missing() > 0 && this.starting < this.settings.host.cores) {
      this.starting++;
      void this.startOne();
    }
  }

  private async startOne(): Promise<void> {
    try {
      const slot = await this.open();
      this.starting--;
      if (this.closed) return await slot.dispose();
      this.slots.add(slot);
      this.breaker.succeed();
      this.settings.metrics.containersStarted++;
      this.retireOldest();
      this.settings.onReady(slot);
    } catch (error) {
      this.starting--;
      this.breaker.fail(describeError(error), error instanceof SandboxUnavailableError);
    }
    this.fill();
    this.settings.onChange();
  }

  /** Starts a container and returns it if its probe shows every protection in force. */
  private async open(): Promise<Slot> {
    const { host, program, container } = this.settings;
    const slot = await Slot.start(host, program, container, (lost) => this.drop(lost));
    const reply = await slot.call(runMessage({ code: PROBE_SNIPPET, limits: container.limits }), replySchema);
    this.probe = readProbe(reply.stdout);
    if (this.probe.missing.length > 0 && container.protectionsOff.length === 0) {
      await slot.dispose();
      throw new SandboxUnavailableError(
        `The sandbox container on ${host.name} is not closed: it lacks ${this.probe.missing.join(', ')}` +
          ` (${reply.exception ?? reply.stderr.slice(-300)}). Model code is not run like this; run \`whencode doctor\`.`,
      );
    }
    return slot;
  }

  /** Called after a run. Returns false when the slot is to be removed and must not get further work. */
  release(slot: Slot): boolean {
    if (!this.slots.has(slot)) return false;
    const isDue = slot.runs >= RUNS_PER_CONTAINER || Date.now() - slot.startedAt > CONTAINER_LIFE_MS;
    if (!isDue) return true;
    if (!this.replacedBy.has(slot)) {
      // It keeps working until its replacement is ready.
      this.replacedBy.set(slot, undefined);
      this.fill();
      return true;
    }
    if (this.replacedBy.get(slot) === undefined) return true;
    void this.remove(slot);
    return false;
  }

  private retireOldest(): void {
    for (const [slot, replacement] of this.replacedBy) {
      if (replacement === undefined) {
        this.replacedBy.set(slot, slot);
        return;
      }
    }
  }

  /** Removes a container whose state is in doubt; a new one is started. */
  async remove(slot: Slot): Promise<void> {
    this.slots.delete(slot);
    this.replacedBy.delete(slot);
    this.fill();
    await slot.dispose();
  }

  private drop(slot: Slot): void {
    if (!this.slots.delete(slot)) return;
    this.replacedBy.delete(slot);
    this.settings.metrics.containersLost++;
    // Stopped and half-dead containers are removed too.
    void slot.dispose();
    this.fill();
    this.settings.onChange();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.again);
    const slots = [...this.slots];
    this.slots.clear();
    await Promise.all(slots.map((slot) => slot.dispose()));
  }
}
