/** Inputs of activities in the recorded histories: what earlier versions wrote to journal and database. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface HistoryFile {
  readonly history: {
    readonly events: readonly {
      readonly activityTaskScheduledEventAttributes?: {
        readonly activityType: { readonly name: string };
        readonly input?: { readonly payloads: readonly { readonly data: string }[] };
      };
    }[];
  };
}

const HISTORIES = fileURLToPath(new URL('../history-replay/histories', import.meta.url));

/** The first argument of every call of the activity, in all histories. */
export function recordedInputsOf(activity: string): unknown[] {
  const files = readdirSync(HISTORIES).flatMap((version) =>
    readdirSync(join(HISTORIES, version)).map((name) => join(HISTORIES, version, name)),
  );
  return files.flatMap((file) => {
    const { history } = JSON.parse(readFileSync(file, 'utf8')) as HistoryFile;
    return history.events.flatMap(({ activityTaskScheduledEventAttributes: call }) => {
      const [payload] = call?.activityType.name === activity ? (call.input?.payloads ?? []) : [];
      return payload === undefined ? [] : [JSON.parse(Buffer.from(payload.data, 'base64').toString('utf8'))];
    });
  });
}
