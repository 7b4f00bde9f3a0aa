/** The campaign file that `whencode init` writes. */
import type { TemplateName } from '../rollout/template.ts';

export interface CampaignFacts {
  readonly name: string;
  readonly model: string;
  /** Absent for a base model without a chat template. */
  readonly template?: TemplateName | undefined;
  /** Positions of the model. */
  readonly contextTokens: number;
  readonly problems: ProblemFacts;
  readonly test?: ProblemFacts | undefined;
}

interface ProblemFacts {
  /** As `from` of the file says it. */
  readonly from: string;
  readonly count: number;
}

const MOST_PROBLEMS = 256;
const MOST_NEW_TOKENS = 1024;
/** Share of the training problems that is kept for measuring where there are no others. */
const VALIDATION_SHARE = 0.2;
const MOST_VALIDATION = 200;

const PLAIN_PROMPT = `template: # of a base model, which has no chat template: docs/templates.md
  prompt: { kind: text, before: "Problem: ", after: "\\nSolve it. Put the final answer in \\\\boxed{}.\\nSolution: " }
  prefixes: { cot: "Let's think step by step.\\n", code: "\`\`\`python\\n" }
  codeOpen: "\`\`\`python"
  codeClose: "\\n\`\`\`"
  toolOpen: "\\n\`\`\`output\\n"
  toolClose: "\\n\`\`\`\\n"
  toolMaxCharacters: 400
  toolCut: head-tail`;

/** A file that the dry run accepts: settings that people change stand there with what they do. */
export function campaignFileText({ name, model, template, contextTokens, problems, test }: CampaignFacts): string {
  const share = Math.max(1, Math.floor(problems.count * VALIDATION_SHARE));
  const validation = test === undefined ? Math.min(MOST_VALIDATION, share) : 0;
  const left = problems.count - validation;
  const perIteration = Math.min(MOST_PROBLEMS, left);
  const newTokens = Math.min(MOST_NEW_TOKENS, Math.floor(contextTokens / 2));
  const quoted = (text: string): string => (/^[\w./@-]+$/.test(text) ? text : JSON.stringify(text));
  const measured =
    test === undefined
      ? `# No other problems were given: ${validation} of the training problems are kept for measuring.
validation: { problems: ${validation} }`
      : `evaluations: # measured at the start and after each iteration; never trained on
  - suite: test
    problems: { from: ${quoted(test.from)} } # ${test.count} problems`;
  return `# Written by \`whencode init\`. All settings: docs/settings.md; which to change: docs/hyper-parameters.md.
name: ${name}
model: ${quoted(model)}
${template === undefined ? PLAIN_PROMPT : `template: ${template} # how the model is asked, and what begins a solution with and without code`}
method: em
iterations: 4 # \`whencode campaign extend ${name} --iterations 2\` adds more later
seed: 1

# Teaches the two prefixes with generated one-step problems. Leave it out if the model follows them already:
# the dry run says on how many of 20 prompts it does.
sft:
  demonstrations: one-step
  problems: 160
  batchTokens: 1500
  optimizer: { name: adamw, learningRate: 5e-5 }

problems:
  - { from: ${quoted(problems.from)} } # ${problems.count} problems
problemsPerIteration: ${perIteration}
sampling:
  samplesPerArm: 4 # solutions with code, and as many without, of each problem; 8 gives steadier targets
  maxNewTokens: ${newTokens}
  maxTurns: 4 # code blocks that a solution may run, plus one
train:
  epochs: 2
  batchSize: ${Math.min(32, perIteration)}
  microBatchTokens: 4096 # lower it if memory runs out; the result is the same
  optimizer: { name: adamw, learningRate: 1e-6 } # 1e-5 for models below 500M parameters

${measured}
`;
}
