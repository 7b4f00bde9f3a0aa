/** One container: started warm, runs one request at a time, ends with its stream. */
import type { Container } from 'dockerode';
import type { z } from 'zod';
import { type ContainerSettings, containerConfig } from './container-config.ts';
import { type DockerHost, describeError, withDeadline } from './docker-connection.ts';
import { AttachDecoder, encodeFrame, FrameDecoder } from './frames.ts';
import { beatSchema, type Census, censusSchema, type Hello, helloSchema } from './messages.ts';
import type { SandboxProgram } from './program.ts';

/** The container is gone, is silent, or violated the protocol. This is never the snippet's result. */
export class SlotLostError extends Error {
  override readonly name = 'SlotLostError';
}

const CALL_LIMIT_MS = 60_000;
/** Starting takes a second on an idle core, and a minute on a machine with many more processes than cores. */
const READY_LIMIT_MS = 240_000;
const REMOVE_LIMIT_MS = 15_000;
const CONFLICT = 409;
/** A busy supervisor reports every second; one that is silent for this long is paused or dead. */
const SILENCE_LIMIT_MS = 45_000;

interface Waiting {
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: Error) => void;
}

let nextUidRange = Math.floor(Math.random() * 40);

export class Slot {
  readonly startedAt = Date.now();
  /** Keys of the sessions that wait in this container for their next block. */
  readonly keptKeys = new Set<string>();
  hello: Hello | undefined;
  runs = 0;
  lost: SlotLostError | undefined;
  private waiting: Waiting | undefined;
  private silence: NodeJS.Timeout | undefined;
  private silenceMs = SILENCE_LIMIT_MS;
  private stderr = '';

  private constructor(
    readonly host: DockerHost,
    private readonly container: Container,
    private readonly stream: NodeJS.ReadWriteStream & { destroy(): void },
    private readonly onLost: (slot: Slot) => void,
  ) {}

  get id(): string {
    return this.container.id.slice(0, 12);
  }

  /**
   * Creates, attaches and starts a container, and waits until the template has imported sympy. Removes it on failure.
   */
  static async start(
    host: DockerHost,
    program: SandboxProgram,
    settings: ContainerSettings,
    onLost: (slot: Slot) => void,
  ): Promise<Slot> {
    const container = await withDeadline('creating a container', CALL_LIMIT_MS, () =>
      host.docker.createContainer(containerConfig(settings)),
    );
    let slot: Slot | undefined;
    try {
      // Attach comes before the start and is hijacked: otherwise dockerode never returns the writable stream.
      const stream = await withDeadline('attaching to a container', CALL_LIMIT_MS, () =>
        container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true }),
      );
      slot = new Slot(host, container, stream as Slot['stream'], onLost);
      slot.listen();
      await withDeadline('starting a container', CALL_LIMIT_MS, () => container.start());
      slot.stream.write(program.payload);
      // User ids differ between containers, because the kernel accounts some resources per user and not per container.
      nextUidRange = (nextUidRange + 1) % 40;
      const uids = { firstUid: 20_000 + nextUidRange * 1000, uidCount: 1000 };
      const greeting = { ...uids, protectionsOff: settings.protectionsOff };
      slot.hello = await slot.call(greeting, helloSchema, READY_LIMIT_MS);
      return slot;
    } catch (error) {
      if (slot !== undefined) slot.fail(`the container did not start: ${describeError(error)}`);
      await removeContainer(container);
      throw error;
    }
  }

  /** Sends one message and waits for its answer. Rejects with `SlotLostError`, also after a silence of `silenceMs`. */
  async call<T>(message: unknown, schema: z.ZodType<T>, silenceMs = SILENCE_LIMIT_MS): Promise<T> {
    if (this.lost !== undefined) throw this.lost;
    if (this.waiting !== undefined) throw new Error('a slot answers one request at a time');
    const answer = await new Promise<unknown>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.silenceMs = silenceMs;
      this.watchSilence();
      this.stream.write(encodeFrame(message));
    });
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw this.fail(`unexpected answer of the container: ${parsed.error.message}`);
  }

  census(): Promise<Census> {
    return this.call({ op: 'census' }, censusSchema);
  }

  /** Ends the container; idempotent. Never throws: the search for orphans removes what remains. */
  async dispose(): Promise<void> {
    this.fail('the container was removed by the pool');
    await removeContainer(this.container);
  }

  private listen(): void {
    const attach = new AttachDecoder();
    const frames = new FrameDecoder();
    this.stream.on('data', (chunk: Buffer) => {
      try {
        for (const { stream, data } of attach.push(chunk)) {
          if (stream === 'stderr') this.stderr = (this.stderr + data.toString('utf8')).slice(-2000);
          else for (const message of frames.push(data)) this.receive(message);
        }
      } catch (error) {
        this.fail(describeError(error));
      }
    });
    const ended = () => this.fail(`the container ended${this.stderr === '' ? '' : `: ${this.stderr.trim()}`}`);
    this.stream.on('end', ended);
    this.stream.on('close', ended);
    this.stream.on('error', (error: Error) => this.fail(`the stream to the container failed: ${error.message}`));
  }

  private receive(message: unknown): void {
    if (beatSchema.safeParse(message).success) {
      this.watchSilence();
      return;
    }
    const waiting = this.waiting;
    if (waiting === undefined) {
      this.fail('the container answered without a question');
      return;
    }
    this.waiting = undefined;
    clearTimeout(this.silence);
    waiting.resolve(message);
  }

  private watchSilence(): void {
    clearTimeout(this.silence);
    const { silenceMs } = this;
    this.silence = setTimeout(() => this.fail(`the container was silent for ${silenceMs} ms`), silenceMs);
  }

  private fail(cause: string): SlotLostError {
    if (this.lost !== undefined) return this.lost;
    this.lost = new SlotLostError(cause);
    clearTimeout(this.silence);
    this.stream.destroy();
    this.waiting?.reject(this.lost);
    this.waiting = undefined;
    this.onLost(this);
    return this.lost;
  }
}

async function removeContainer(container: Container): Promise<void> {
  try {
    await withDeadline('removing a container', REMOVE_LIMIT_MS, () => container.remove({ force: true }));
  } catch (error) {
    // It is gone already, or Docker doesn't answer: the next search for orphans removes it.
    if ((error as { readonly statusCode?: number }).statusCode !== CONFLICT) return;
    // It has ended by itself, and Docker is removing it.
    const removed = () => container.wait({ condition: 'removed' });
    await withDeadline('removing a container', REMOVE_LIMIT_MS, removed).catch(() => undefined);
  }
}
