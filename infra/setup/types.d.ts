/** Shapes shared by the set-up parts and by `whencode doctor`. */

export interface Finding {
  /** `warn`: something is optional and absent, or works less well. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What was found: versions, sizes, paths. */
  readonly detail: string;
  /** What to do about it, as a command where there is one. */
  readonly mend?: string;
}

/** Where set-up reads and writes; the names are those of `src/config/environment.ts`. */
export interface SetupContext {
  /** The clone. */
  readonly root: string;
  readonly cacheDirectory: string;
  /** Interpreter that the trainer will use. */
  readonly python: string;
  /** True where the user named an interpreter: set-up then checks it and installs nothing. */
  readonly pythonIsGiven: boolean;
  readonly temporal: string;
  readonly temporalIsGiven: boolean;
  readonly dockerHost: string | undefined;
}

/** Tells people what goes on while a part is installed. */
export type Say = (line: string) => void;

export interface SetupPart {
  readonly name: string;
  /** Said before the work starts: what, how large, how long. */
  readonly announcement: string;
  /** Free disk space that the work needs. */
  readonly neededBytes: number;
  /** Fast (well under a second) and without side effects. */
  check(context: SetupContext): Promise<Finding>;
  /** Brings the part to `ok`; throws a SetupError where a person has to act. */
  install(context: SetupContext, say: Say): Promise<void>;
}
