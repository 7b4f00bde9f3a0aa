/** Watches the tasks of a home folder begin and end, through the files of the task register. */
import { existsSync, type FSWatcher, mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { parseTaskName, type TaskName, tasksPath } from '../../process/task-register.ts';

export interface WatchedTask extends TaskName {
  /** Name of its file: unique in the home folder as long as process ids don't wrap. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
}

export interface TaskWatch {
  /** Every task that began since the watch started, in order of their start. */
  readonly begun: readonly WatchedTask[];
  /** The tasks whose file exists, in order of their start. */
  open(): WatchedTask[];
  /**
   * When its file disappeared: it ended, or its process was dead and another took it over. Undefined while the file
   * exists.
   */
  endOf(task: WatchedTask): number | undefined;
  /** Durations in milliseconds of the activity's ended tasks. */
  durationsOf(activity: string): readonly number[];
  /**
   * Whether the task's file exists now. The file of a dead process exists until another process takes the task over.
   */
  isNoted(task: WatchedTask): boolean;
  /** Called at once when a task begins. */
  onBegin(listener: (task: WatchedTask) => void): void;
  close(): void;
}

export function watchTasks(home: string): TaskWatch {
  const folder = tasksPath(home);
  mkdirSync(folder, { recursive: true });
  const begun: WatchedTask[] = [];
  const open = new Map<string, WatchedTask>();
  const ends = new Map<string, number>();
  const durations = new Map<string, number[]>();
  const listeners: ((task: WatchedTask) => void)[] = [];

  const look = (file: string): void => {
    const name = parseTaskName(file);
    // The check whether a worker answers is not work.
    if (name === undefined || name.activity === 'isAlive') return;
    const task = open.get(file);
    if (task === undefined && !ends.has(file)) {
      // A short task may be over before its file is read; its start still counts.
      const began: WatchedTask = { ...name, file, beganAt: Date.now() };
      begun.push(began);
      open.set(file, began);
      for (const listener of listeners) listener(began);
    } else if (task !== undefined && !existsSync(join(folder, file))) {
      open.delete(file);
      ends.set(file, Date.now());
      const list = durations.get(task.activity) ?? [];
      list.push(Date.now() - task.beganAt);
      durations.set(task.activity, list);
    }
  };
  const watcher: FSWatcher = watch(folder, { persistent: false }, (_event, file) => {
    if (file !== null) look(file);
  });
  for (const file of readdirSync(folder)) look(file);
  return {
    begun,
    open: () => [...open.values()],
    endOf: (task) => ends.get(task.file),
    durationsOf: (activity) => durations.get(activity) ?? [],
    isNoted: (task) => existsSync(join(folder, task.file)),
    onBegin: (listener) => listeners.push(listener),
    close: () => watcher.close(),
  };
}
