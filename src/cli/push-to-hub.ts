/** Uploads an exported model to the Hugging Face Hub, with its own library in the trainer's Python environment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { CommandFailure } from './exit.ts';

/** The library takes the token of `HF_TOKEN` or `hf auth login`, and the address of `HF_ENDPOINT`. */
const PROGRAM = `
import sys
try:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError
except ImportError:
    sys.exit(3)
folder, repo, private = sys.argv[1:4]
api = HfApi()
try:
    api.create_repo(repo, private=private == "private", exist_ok=True)
    print(api.upload_folder(folder_path=folder, repo_id=repo, commit_message="Exported by Whencode").commit_url)
except (HfHubHTTPError, OSError, ValueError) as error:
    sys.exit(f"{type(error).__name__}: {error}")
`;
const NOT_INSTALLED = 3;

export interface PushOptions {
  /** Interpreter that has the package `huggingface_hub`. */
  readonly python: string;
  readonly folder: string;
  /** `owner/name` */
  readonly repository: string;
  readonly isPrivate: boolean;
}

/** @returns the address of the commit @throws CommandFailure with what the Hub said; the exported folder stays */
export async function pushToHub({ python, folder, repository, isPrivate }: PushOptions): Promise<string> {
  const program = spawn(python, ['-c', PROGRAM, folder, repository, isPrivate ? 'private' : 'public'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = Promise.all([text(program.stdout), text(program.stderr)]);
  const ended = once(program, 'close').catch((error: unknown) => {
    throw new CommandFailure(
      `${python} does not run (${error instanceof Error ? error.message : error}); \`npm run setup\` makes it`,
    );
  });
  const [code] = await ended;
  const [stdout, stderr] = await said;
  if (code === 0) return stdout.trim();
  const kept = `the export stays in ${folder}`;
  if (code === NOT_INSTALLED)
    throw new CommandFailure(`${python} has no huggingface_hub; \`npm run setup\` installs it. ${kept}`);
  throw new CommandFailure(`the Hub refused ${repository}: ${stderr.trim().split('\n').slice(-3).join(' ')}; ${kept}`);
}
