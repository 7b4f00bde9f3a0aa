/** Pause and resume of a workflow and of the children that work for it: while closed, no new step begins. */
import type { WorkflowResultType } from '@temporalio/common';
import { type ChildWorkflowHandle, condition, setHandler, type Workflow } from '@temporalio/workflow';
import type { Request } from '../src/protocol/campaign-messages.ts';
import { pauseSignal, resumeSignal } from './messages.ts';

interface Follower {
  readonly child: ChildWorkflowHandle<Workflow>;
  /** As the last signal to it said. */
  isOpen: boolean;
  signalling?: Promise<void>;
}

export class Gate {
  private open: boolean;
  private readonly followers = new Set<Follower>();

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

  /** Opens or closes the gate; resolves when the children have the signal. */
  async set(isOpen: boolean, request: Request): Promise<void> {
    this.open = isOpen;
    await Promise.all([...this.followers].map((follower) => this.signal(follower, request)));
  }

  /** Runs a child that is paused and resumed with this workflow; `start` gets whether the child starts paused. */
  async follow<W extends Workflow>(
    start: (paused: boolean) => Promise<ChildWorkflowHandle<W>>,
  ): Promise<WorkflowResultType<W>> {
    const isOpen = this.open;
    const child = await start(!isOpen);
    const follower: Follower = { child, isOpen };
    this.followers.add(follower);
    try {
      // A change while the child started reached no follower.
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

  /** One signal at a time: the server may swap two that are under way to the same workflow. */
  private async bringUpToDate(follower: Follower, request: Request): Promise<void> {
    while (follower.isOpen !== this.open) {
      const next = this.open;
      // A child that has just ended has nothing left to pause.
      await follower.child.signal(next ? resumeSignal : pauseSignal, request).catch(() => undefined);
      follower.isOpen = next;
    }
  }
}

/** A gate that this workflow's own pause and resume signals move. */
export function createSignalledGate(paused: boolean): Gate {
  const gate = new Gate(paused);
  setHandler(pauseSignal, (request) => gate.set(false, request));
  setHandler(resumeSignal, (request) => gate.set(true, request));
  return gate;
}
