import { currentUpdateInfo, patched } from '@temporalio/workflow';
import { REQUESTS_REMEMBERED, type Request, requestInJournal } from '../src/protocol/campaign-messages.ts';
import { refuse } from './blocked-step.ts';

/** Name of the change after which a request without an id is none. */
const IDS_REQUIRED = 'requests-have-ids';

/** The ids of handled requests: a repeated request changes nothing, also after a continue-as-new. */
export class RequestsSeen {
  private readonly seen: string[];

  constructor(before: readonly string[]) {
    this.seen = [...before];
  }

  get ids(): readonly string[] {
    return this.seen;
  }

  /** Whether the request has been handled. */
  has(request: Request): boolean {
    const id = idOf(request);
    return id !== undefined && this.seen.includes(id);
  }

  /**
   * Whether the request has been handled, or is none: a copy of another payload of this workflow, as anybody can send it,
   * has no id. Records the id.
   */
  isRepeated(request: Request): boolean {
    if (this.has(request)) return true;
    const id = idOf(request);
    if (id === undefined) return patched(IDS_REQUIRED);
    this.seen.push(id);
    this.seen.splice(0, this.seen.length - REQUESTS_REMEMBERED);
    return false;
  }
}

/** For validators of updates. @throws what rejects the update */
export function requireId({ id }: Request): void {
  if (id === undefined) refuse('a request needs an id');
}

/** Sender and id of the current request, for the journal. */
export function journalled(request: Request): ReturnType<typeof requestInJournal> {
  const id = idOf(request);
  return requestInJournal(id === undefined ? request : { ...request, id });
}

const idOf = ({ id }: Request): string | undefined => id ?? currentUpdateInfo()?.id;
