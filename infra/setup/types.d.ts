/** Shapes shared by the set-up parts and by `whencode doctor`. */

export interface Finding {
  /** `warn`: something is optional and absent, or works less well. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** Findings: versions, sizes, paths. */
  readonly detail: string;
  /** The remedy, as a command where there is one. */
  readonly remedy?: string;
}

/** Paths and settings of set-up; the names are those of `src/config/environment.ts`. */
export interface SetupContext {
  /** Root of the clone. */
  readonly root: string;
  readonly cacheDirectory: string;
  /** Interpreter of the trainer. */
  readonly python: string;
  /** True where the user named an interpreter: set-up then checks it and installs nothing. */
  readonly pythonIsGiven: boolean;
  readonly temporal: string;
  readonly temporalIsGiven: boolean;
  readonly dockerHost: string | undefined;
}

/** Reports progress to people while a part is installed. */
export type Say = (line: string) => void;

export interface SetupPart {
  readonly name: string;
  /** Printed before the work starts: what is installed, its size, the expected time. */
  readonly announcement: string;
  /** Free disk space that the installation needs. */
  readonly neededBytes: number;
  /** Checks the part: fast (well under a second) and without side effects. */
  check(context: SetupContext): Promise<Finding>;
  /** Brings the part to `ok`. Throws a SetupError where a person has to act. */
  install(context: SetupContext, say: Say): Promise<void>;
}
