/** What is wrong with a template before any rollout is sampled with it. */
import { outputLabelOf, readFences, usesFences } from './fences.ts';
import type { RolloutTemplate } from './template.ts';
import { closedBlock } from './turn.ts';
import { type Arm, FORCED_ARMS } from './types.ts';

export interface TemplateFault {
  /** e.g. `['prefixes', 'code']` */
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * Faults that a schema of single fields can't name.
 *
 * @example findTemplateFaults(TEMPLATES.markdown) // []
 */
export function findTemplateFaults(template: RolloutTemplate): TemplateFault[] {
  const quoted = findQuotedBreaks(template);
  // Their other faults are consequences.
  if (quoted.length > 0) return quoted;
  const { prefixes, codeOpen, codeClose } = template;
  const faults: TemplateFault[] = [];
  if (prefixes.cot === prefixes.code) {
    faults.push({
      path: ['prefixes'],
      message: 'both arms begin alike, so there is no decision to learn; give each a prefix of its own',
    });
  } else if (prefixes.cot.startsWith(prefixes.code) || prefixes.code.startsWith(prefixes.cot)) {
    faults.push({
      path: ['prefixes'],
      message:
        'the whole prefix of one arm begins the prefix of the other, so that a solution which begins so may be of either; let them differ from a place on that both have',
    });
  }
  if (codeOpen === codeClose) {
    faults.push({
      path: ['codeClose'],
      message: `a block opens and closes with ${JSON.stringify(codeOpen)}; where it ends can't be read`,
    });
  } else {
    const path = ['prefixes', 'code'];
    if (template.interleaved === true) {
      if (usesFences(template) ? /`{3}|~{3}/.test(prefixes.code) : prefixes.code.includes(codeOpen)) {
        const message = `with "interleaved: true" the model opens its blocks itself: let the prefix hold neither ${JSON.stringify(codeOpen)} nor another fence`;
        faults.push({ path, message });
      }
    } else if (!endsInOpenBlock('code', template)) {
      faults.push({
        path,
        message: `it has to end inside of an open code block: let it hold ${JSON.stringify(codeOpen)}, and not ${JSON.stringify(codeClose)} behind it; for a prefix of text alone write "interleaved: true"`,
      });
    }
    if (endsInOpenBlock('cot', template)) {
      faults.push({
        path: ['prefixes', 'cot'],
        message: 'it ends inside of an open code block; close or leave out the block',
      });
    }
  }
  return faults;
}

/** Whether what a rollout writes behind the prefix is code: a statement and the closing mark are then a block to run. */
function endsInOpenBlock(arm: (typeof FORCED_ARMS)[number], template: RolloutTemplate): boolean {
  const prefix = template.prefixes[arm];
  if (!usesFences(template))
    return closedBlock(`${prefix}print(1)${template.codeClose}`, template)?.includes('print(1)') === true;
  // Any fence that the prefix has may have to be closed.
  const fences = [template.codeClose.trim(), ...(prefix.match(/`{3,}|~{3,}/g) ?? [])];
  // The rules of the code arm also take an unlabelled fence for code; a forced CoT may not have either.
  const readAs: Arm = 'code';
  const options = { arm: readAs, outputLabel: outputLabelOf(template), isEnded: true };
  return fences.some((fence) => {
    const reading = readFences(`${prefix}print(1)\n${fence}`, options);
    return reading.kind === 'code' && reading.code.includes('print(1)');
  });
}

/** A backslash and an n, r or t where a line break or a tab was meant: YAML reads `\n` as one only in double quotes. */
function findQuotedBreaks({
  prompt,
  prefixes,
  codeOpen,
  codeClose,
  toolOpen,
  toolClose,
}: RolloutTemplate): TemplateFault[] {
  const marks: [string[], string][] = [
    ...FORCED_ARMS.map((arm): [string[], string] => [['prefixes', arm], prefixes[arm]]),
    [['codeOpen'], codeOpen],
    [['codeClose'], codeClose],
    [['toolOpen'], toolOpen],
    [['toolClose'], toolClose],
  ];
  // A prompt may hold LaTeX, e.g. `\neq`: there a small letter behind `\n` makes another command.
  const texts: [string[], string][] = [
    [['prompt', 'before'], prompt.before],
    [['prompt', 'after'], prompt.after],
  ];
  const broken = [
    ...marks.filter(([, text]) => /\\n|\\[rt](?![a-z])/.test(text)),
    ...texts.filter(([, text]) => /\\n(?![a-z])/.test(text)),
  ];
  return broken.map(([path, text]) => ({
    path,
    message: `${JSON.stringify(text)} holds a backslash and a letter; YAML reads \\n as a line break only in double quotes`,
  }));
}
