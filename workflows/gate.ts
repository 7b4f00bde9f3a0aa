/** Pause and resume of a workflow and of the children that work for it: while closed, no new step begins. */
import type { WorkflowResultType } from '@temporalio/common';
import { type ChildWorkflowHandle, condition, setHandler, type Workflow } from '@temporalio/workflow';
import { pauseSignal, type Request, resumeSignal } from './messages.ts';

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

export function createGate(paused: boolean): Gate {
  let open = !paused;
  const children = new Set<ChildWorkflowHandle<Workflow>>();
  // A child that has just ended has nothing left to pause.
  const tell = (child: ChildWorkflowHandle<Workflow>, request: Request): Promise<void> =>
    child.signal(open ? resumeSignal : pauseSignal, request).catch(() => undefined);
  return {
    isOpen: () => open,
    pass: () => (open ? Promise.resolve() : condition(() => open)),
    async set(isOpen, request) {
      if (open === isOpen) return;
      open = isOpen;
      await Promise.all([...children].map((child) => tell(child, request)));
    },
    async follow(start) {
      const startedOpen = open;
      const child = await start(!startedOpen);
      children.add(child);
      try {
        // What was asked while the child started found nobody to pass it on to.
        if (open !== startedOpen) await tell(child, {});
        return await child.result();
      } finally {
        children.delete(child);
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
