import { readFileSync } from 'node:fs';
import { z } from 'zod';

const description = z.object({ name: z.string() });

/** Name of the image that set-up builds. Its tag is the digest of the recipe. */
export function readSandboxImageName(): string {
  const file = new URL('../../infra/sandbox-image/image.json', import.meta.url);
  return description.parse(JSON.parse(readFileSync(file, 'utf8'))).name;
}
