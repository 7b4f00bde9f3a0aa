/** Pause and resume of a workflow and of the children that work for it: while closed, no new step begins. */
import type { WorkflowResultType } from '@temporalio/common';
import { type ChildWorkflowHandle, condition, setHandler, type Workflow, workflowInfo } from '@temporalio/workflow';
import type { Request } from '../src/protocol/campaign-messages.ts';
import { pauseSignal, resumeSignal } from './messages.ts';
import { RequestsSeen } from './requests-seen.ts';

interface Follower {
  readonly child: ChildWorkflowHandle<Workflow>;
  /** The state set by the last signal. */
  isOpen: boolean;
  signalling?: Promise<void>;
}

export class Gate {
  private open: boolean;
  private readonly followers = new Set<Follower>();
  private signals = 0;

  constructor(paused: boolean) {
    this.open = !paused;
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** Resolves at once while the gate is open, else when it is opened. */
  pass(): Promise<void> {
    return this.open ? Promise.resolve() : condition(() => this.open);
  }

  /** Opens or closes the gate; resolves when the children have received the signal. */
  async set(isOpen: boolean, request: Request): Promise<void> {
    this.open = isOpen;
    await Promise.all([...this.followers].map((follower) => this.signal(follower, request)));
  }

  /**
   * Runs a child that is paused and resumed with this workflow. `start` is called with whether the child starts paused.
   */
  async follow<W extends Workflow>(
    start: (paused: boolean) => Promise<ChildWorkflowHandle<W>>,
  ): Promise<WorkflowResultType<W>> {
    const isOpen = this.open;
    const child = await start(!isOpen);
    const follower: Follower = { child, isOpen };
    this.followers.add(follower);
    try {
      // A change during the child's start did not reach the child.
      await this.signal(follower, {});
      return await child.result();
    } finally {
      this.followers.delete(follower);
    }
  }

  private signal(follower: Follower, request: Request): Promise<void> {
    follower.signalling ??= this.bringUpToDate(follower, request).finally(() => {
      delete follower.signalling;
    });
    return follower.signalling;
  }

  /** One signal at a time: the server may reorder two concurrent signals to one workflow. */
  private async bringUpToDate(follower: Follower, request: Request): Promise<void> {
    while (follower.isOpen !== this.open) {
      const next = this.open;
      // A child that has just ended needs no pause.
      this.signals += 1;
      // Of the signal itself, so that a copy that somebody sends again changes nothing.
      const id = `${workflowInfo().runId}/${this.signals}`;
      await follower.child.signal(next ? resumeSignal : pauseSignal, { ...request, id }).catch(() => undefined);
      follower.isOpen = next;
    }
  }
}

/** A gate controlled by this workflow's own pause and resume signals. */
export function createSignalledGate(paused: boolean): Gate {
  const gate = new Gate(paused);
  const seen = new RequestsSeen([]);
  const handle = (isOpen: boolean, request: Request): Promise<void> =>
    seen.isRepeated(request) ? Promise.resolve() : gate.set(isOpen, request);
  setHandler(pauseSignal, (request) => handle(false, request));
  setHandler(resumeSignal, (request) => handle(true, request));
  return gate;
}
