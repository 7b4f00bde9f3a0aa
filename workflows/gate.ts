/** Pause and resume of a workflow and of the children that work for it: while closed, no new step begins. */
import type { WorkflowResultType } from '@temporalio/common';
import { type ChildWorkflowHandle, condition, setHandler, type Workflow } from '@temporalio/workflow';
import type { Request } from '../src/protocol/campaign-messages.ts';
import { pauseSignal, resumeSignal } from './messages.ts';

export interface Gate {
  readonly isOpen: () => boolean;
  /** Resolves at once while it is open, else when it is opened. */
  readonly pass: () => Promise<void>;
  readonly set: (isOpen: boolean, request: Request) => Promise<void>;
  /** Runs a child that is paused and resumed with this workflow; it starts paused or not as `start` is told. */
  readonly follow: <W extends Workflow>(
    start: (paused: boolean) => Promise<ChildWorkflowHandle<W>>,
  ) => Promise<WorkflowResultType<W>>;
}

interface Follower {
  readonly child: ChildWorkflowHandle<Workflow>;
  /** What it was told last. */
  isOpen: boolean;
  telling?: Promise<void>;
}

export function createGate(paused: boolean): Gate {
  let open = !paused;
  const followers = new Set<Follower>();
  /** One signal at a time: the server may swap two that are under way to the same workflow. */
  const bringUpToDate = async (follower: Follower, request: Request): Promise<void> => {
    while (follower.isOpen !== open) {
      const next = open;
      // A child that has just ended has nothing left to pause.
      await follower.child.signal(next ? resumeSignal : pauseSignal, request).catch(() => undefined);
      follower.isOpen = next;
    }
  };
  const tell = (follower: Follower, request: Request): Promise<void> => {
    follower.telling ??= bringUpToDate(follower, request).finally(() => {
      delete follower.telling;
    });
    return follower.telling;
  };
  return {
    isOpen: () => open,
    pass: () => (open ? Promise.resolve() : condition(() => open)),
    async set(isOpen, request) {
      open = isOpen;
      await Promise.all([...followers].map((follower) => tell(follower, request)));
    },
    async follow(start) {
      const isOpen = open;
      const child = await start(!isOpen);
      const follower: Follower = { child, isOpen };
      followers.add(follower);
      try {
        // What was asked while the child started found nobody to pass it on to.
        await tell(follower, {});
        return await child.result();
      } finally {
        followers.delete(follower);
      }
    },
  };
}

/** A gate that this workflow's own pause and resume signals move. */
export function createSignalledGate(paused: boolean): Gate {
  const gate = createGate(paused);
  setHandler(pauseSignal, (request) => gate.set(false, request));
  setHandler(resumeSignal, (request) => gate.set(true, request));
  return gate;
}
