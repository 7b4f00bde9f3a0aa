/** The two framings of a container's stream: ours (4-byte length + JSON) inside Docker's (8-byte header per chunk). */

export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** The other side violated the protocol. The container is no longer trusted. */
export class ProtocolError extends Error {}

export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/** Buffers chunks and yields complete frames, independent of chunk boundaries. */
class Gatherer {
  private chunks: Buffer[] = [];
  private size = 0;

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
  }

  /** The first `count` bytes without consuming them; undefined if there are fewer. */
  peek(count: number): Buffer | undefined {
    if (this.size < count) return undefined;
    if ((this.chunks[0]?.length ?? 0) < count) this.chunks = [Buffer.concat(this.chunks)];
    return this.chunks[0]?.subarray(0, count);
  }

  take(count: number): Buffer | undefined {
    const taken = this.peek(count);
    if (taken === undefined) return undefined;
    const rest = this.chunks[0]?.subarray(count);
    if (rest === undefined || rest.length === 0) this.chunks.shift();
    else this.chunks[0] = rest;
    this.size -= count;
    return taken;
  }
}

/** Decodes our frames. @throws ProtocolError for a frame that is too long or not JSON */
export class FrameDecoder {
  private readonly gatherer = new Gatherer();

  push(chunk: Buffer): unknown[] {
    this.gatherer.add(chunk);
    const messages: unknown[] = [];
    for (;;) {
      const length = this.gatherer.peek(4)?.readUInt32BE();
      if (length === undefined) return messages;
      if (length > MAX_FRAME_BYTES) throw new ProtocolError(`frame of ${length} bytes, allowed ${MAX_FRAME_BYTES}`);
      const frame = this.gatherer.take(4 + length);
      if (frame === undefined) return messages;
      messages.push(parseJson(frame.subarray(4)));
    }
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new ProtocolError('frame is not JSON');
  }
}

export interface AttachChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

/** Decodes Docker's attach stream without a terminal: byte 0 is the stream, bytes 4 to 7 the length. */
export class AttachDecoder {
  private readonly gatherer = new Gatherer();

  push(chunk: Buffer): AttachChunk[] {
    this.gatherer.add(chunk);
    const chunks: AttachChunk[] = [];
    for (;;) {
      const head = this.gatherer.peek(8);
      if (head === undefined) return chunks;
      const kind = head[0] ?? 0;
      if (kind > 2) throw new ProtocolError(`attach stream of unknown kind ${kind}`);
      const length = head.readUInt32BE(4);
      const whole = this.gatherer.take(8 + length);
      if (whole === undefined) return chunks;
      chunks.push({ stream: kind === 2 ? 'stderr' : 'stdout', data: whole.subarray(8) });
    }
  }
}
