/** Asked twice, done once: also where the second time comes after a continue-as-new. */
import { currentUpdateInfo } from '@temporalio/workflow';
import { REQUESTS_REMEMBERED, type Request, requestInJournal } from '../src/protocol/campaign-messages.ts';

export interface RequestsSeen {
  readonly ids: () => readonly string[];
  /** Whether it was done before; looks only. */
  readonly has: (request: Request) => boolean;
  /** Whether it was done before; from now on it was. */
  readonly isRepeated: (request: Request) => boolean;
  readonly inJournal: (request: Request) => ReturnType<typeof requestInJournal>;
}

export function createRequestsSeen(before: readonly string[]): RequestsSeen {
  const seen = [...before];
  const idOf = ({ id }: Request): string | undefined => id ?? currentUpdateInfo()?.id;
  const has = (request: Request): boolean => {
    const id = idOf(request);
    return id !== undefined && seen.includes(id);
  };
  return {
    inJournal: (request) => {
      const id = idOf(request);
      return requestInJournal(id === undefined ? request : { ...request, id });
    },
    ids: () => seen,
    has,
    isRepeated: (request) => {
      if (has(request)) return true;
      const id = idOf(request);
      if (id !== undefined) seen.push(id);
      seen.splice(0, seen.length - REQUESTS_REMEMBERED);
      return false;
    },
  };
}
