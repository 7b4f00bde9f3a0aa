/** Whether this processor multiplies 8-bit integers as w8a8 wants it. */
import { readFile } from 'node:fs/promises';

/** Instructions that sum products of bytes in 32 bits, as /proc/cpuinfo names them (x86, ARM). */
const DOT_PRODUCT_FLAGS = ['avx512_vnni', 'avx_vnni', 'asimddp', 'i8mm'];

const NO_DOT_PRODUCTS = `w8a8 on a processor without VNNI (none of ${DOT_PRODUCT_FLAGS.join(', ')} in /proc/cpuinfo): \
8-bit products are no faster than fp32 here, and sums of large ones may saturate, so log-probs differ from those of other \
machines; use fp32 (--compute fp32, in a campaign sampling.compute: fp32)`;

/** What is to be said before w8a8 is used here; undefined where all is well, or nothing is known. */
export function integerProductWarning(cpuinfo: string | undefined): string | undefined {
  const flags = /^(?:flags|Features)\s*:(.*)$/m
    .exec(cpuinfo ?? '')?.[1]
    ?.trim()
    .split(/\s+/);
  return flags === undefined || DOT_PRODUCT_FLAGS.some((flag) => flags.includes(flag)) ? undefined : NO_DOT_PRODUCTS;
}

let warned: Promise<void> | undefined;

/** Says so on stderr, once a process. */
export function warnWithoutDotProducts(): Promise<void> {
  warned ??= readFile('/proc/cpuinfo', 'utf8')
    .catch(() => undefined)
    .then((cpuinfo) => {
      const warning = integerProductWarning(cpuinfo);
      if (warning !== undefined) process.emitWarning(warning);
    });
  return warned;
}
