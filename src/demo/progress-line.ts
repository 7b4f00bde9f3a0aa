/** Progress on a terminal as one line that is redrawn. Where the output is not a terminal, one line per change. */
import { printable, printableLine } from '../formats/printable.ts';

export interface ProgressLine {
  show(text: string): void;
  /** Keeps the line and starts a new one. */
  end(text?: string): void;
}

const BAR = 24;

export function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.round((Math.min(done, total) / total) * BAR);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
}

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

export function createProgressLine(stream: NodeJS.WriteStream): ProgressLine {
  let last = '';
  let lastWrittenAt = 0;
  return {
    show(given) {
      const text = printableLine(given);
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${text.slice(0, (stream.columns ?? 100) - 1)}`);
        return;
      }
      // In a log every half minute, or when the text before the bar changes.
      const head = text.split('  ')[0] ?? '';
      if (head === last && Date.now() - lastWrittenAt < 30_000) return;
      last = head;
      lastWrittenAt = Date.now();
      stream.write(`${text}\n`);
    },
    end(text) {
      if (stream.isTTY) stream.write('\r\x1b[2K');
      if (text !== undefined) stream.write(`${printable(text)}\n`);
    },
  };
}
