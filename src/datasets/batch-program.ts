/**
 * Runs many short snippets in one Python process, with the results of separate processes. Each snippet has a fresh
 * namespace, its own standard output, the last line of its traceback, and the recursion depth of a script. It is for the
 * 22,000 snippets of the project's own generators; the code of a model runs in one process per snippet.
 */
import type { Sandbox } from '../sandbox/types.ts';
import type { SnippetOutcome, SnippetRunner } from './demonstrations.ts';

/** Snippets per program: even the longest outputs that are kept fit into 64 KB together. */
const SNIPPETS_PER_PROGRAM = 250;
const STDOUT_CHARACTERS = 64;
const EXCEPTION_CHARACTERS = 160;

/** A Python program that prints one JSON array: `[stdout, exception or null]` per snippet. Longer texts keep their end / start. */
export function batchProgram(codes: readonly string[]): string {
  return `import contextlib, io, json, sys, traceback

def run(source):
    out = io.StringIO()
    failure = None
    limit = sys.getrecursionlimit()
    try:
        program = compile(source, '<snippet>', 'exec')
        with contextlib.redirect_stdout(out):
            # run, exec and the snippet stand where a script of its own would have one frame.
            sys.setrecursionlimit(limit + 3)
            try:
                exec(program, {'__name__': '__main__', '__builtins__': __builtins__})
            finally:
                sys.setrecursionlimit(limit)
    except BaseException as error:
        failure = traceback.format_exception_only(error)[-1].strip().splitlines()[-1][:${EXCEPTION_CHARACTERS}]
    return [out.getvalue()[-${STDOUT_CHARACTERS}:], failure]

snippets = json.loads(${pythonString(JSON.stringify(codes))})
results = []
for snippet in snippets:
    results.append(run(snippet))
print(json.dumps(results, separators=(',', ':')))
`;
}

/** Parses the standard output of a batch program. @throws Error for the output of an incomplete run */
export function parseBatchOutput(stdout: string, count: number): SnippetOutcome[] {
  let rows: unknown;
  try {
    rows = JSON.parse(stdout);
  } catch {
    throw new Error(
      `batch of ${count} snippets: the program printed no JSON but ${JSON.stringify(stdout.slice(0, 200))}`,
    );
  }
  if (!Array.isArray(rows) || rows.length !== count) {
    throw new Error(`batch of ${count} snippets: ${Array.isArray(rows) ? rows.length : 'no'} results came back`);
  }
  return rows.map((row: unknown) => {
    const [text, exception]: unknown[] = Array.isArray(row) ? row : [];
    if (typeof text !== 'string' || (exception !== null && typeof exception !== 'string')) {
      throw new Error(`batch of ${count} snippets: ${JSON.stringify(row)} is not [stdout, exception or null]`);
    }
    return exception === null ? { stdout: text } : { stdout: text, exception };
  });
}

/** Runs snippets in the sandbox, `SNIPPETS_PER_PROGRAM` at a time. Rejects if a batch could not be run to its end. */
export function batchRunner(sandbox: Pick<Sandbox, 'run'>, signal?: AbortSignal): SnippetRunner {
  return async (codes) => {
    const batches = Array.from({ length: Math.ceil(codes.length / SNIPPETS_PER_PROGRAM) }, (_, index) =>
      codes.slice(index * SNIPPETS_PER_PROGRAM, (index + 1) * SNIPPETS_PER_PROGRAM),
    );
    const results = await sandbox.run(
      batches.map((batch, index) => ({ id: `${index}`, previousBlocks: [], code: batchProgram(batch), seed: 0 })),
      signal === undefined ? {} : { signal },
    );
    const byId = new Map(results.map((result) => [result.id, result]));
    return batches.flatMap((batch, index) => {
      const result = byId.get(`${index}`);
      if (result?.end !== 'ok') {
        const why = result?.cause ?? result?.exception ?? '';
        throw new Error(`demonstrations: batch ${index} of the snippets ended as ${result?.end ?? 'missing'} ${why}`);
      }
      return parseBatchOutput(result.stdout, batch.length);
    });
  };
}

/** JSON strings are Python literals once non-ASCII characters (line separators too) are escaped. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
