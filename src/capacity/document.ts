/** docs/memory.md, written by `npm run docs`. */
import { formatBytes } from '../formats/for-people.ts';
import { countParameters } from '../models/checkpoint-tensors.ts';
import { type ModelConfig, parseModelConfig } from '../models/model-config.ts';
import { GPUS } from './hardware.ts';
import { LAYER_MATRICES, type TrainingPlan, totalOf, trainingMemory } from './training-memory.ts';

const qwen = (layers: number, width: number, ffn: number, heads: number, kvHeads: number, tied: boolean): ModelConfig =>
  parseModelConfig(
    {
      model_type: 'qwen2',
      hidden_size: width,
      intermediate_size: ffn,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: kvHeads,
      vocab_size: tied ? 151_936 : 152_064,
      tie_word_embeddings: tied,
      max_position_embeddings: 32_768,
      use_sliding_window: false,
    },
    'Qwen2.5',
  );

/** Architectures of Qwen2.5. */
export const QWEN = {
  '0.5B': qwen(24, 896, 4864, 14, 2, true),
  '1.5B': qwen(28, 1536, 8960, 12, 2, true),
  '7B': qwen(28, 3584, 18_944, 28, 4, false),
  '32B': qwen(64, 5120, 27_648, 40, 8, false),
} as const;

const CARD = 'H100';
export const PLAN: TrainingPlan = {
  device: 'gpu',
  precision: 'bf16',
  processes: 1,
  passTokens: 16_384,
  gradientCheckpointing: true,
  hasDecisions: true,
  correctedTokens: 0,
};
const LORA = { rank: 16, targets: LAYER_MATRICES };

const COLUMNS: readonly (readonly [string, Partial<TrainingPlan>])[] = [
  ['1 card', {}],
  ['1 card, activations kept', { gradientCheckpointing: false }],
  ['8 cards', { processes: 8 }],
  ['1 card, offload', { offload: true }],
  ['8 cards, 8-bit moments', { processes: 8, eightBit: true }],
  ['1 card, adapters', { lora: LORA }],
  ['8 cards, adapters', { lora: LORA, processes: 8 }],
];

function row(name: string, model: ModelConfig): string {
  const cells = COLUMNS.map(([, changed]) => {
    const bytes = totalOf(trainingMemory(model, { ...PLAN, ...changed }).gpu);
    return bytes <= GPUS[CARD].memoryBytes ? formatBytes(bytes) : `(${formatBytes(bytes)})`;
  });
  const [host, offloaded] = [PLAN, { ...PLAN, offload: true }].map((plan) => totalOf(trainingMemory(model, plan).host));
  return `| ${name} | ${(countParameters(model) / 1e9).toFixed(2)} | ${cells.join(' | ')} | ${formatBytes(host ?? 0)}, ${formatBytes(offloaded ?? 0)} |`;
}

export function memoryMarkdown(): string {
  const rows = Object.entries(QWEN).map(([name, model]) => row(name, model));
  const gpus = Object.entries(GPUS).map(
    ([name, { memoryBytes, bf16Flops, bytesPerSecond }]) =>
      `| ${name} | ${formatBytes(memoryBytes)} | ${bf16Flops / 1e12} | ${bytesPerSecond / 1e12} |`,
  );
  return `# Memory of a training

Written by \`npm run docs\` from the formula in \`src/capacity/training-memory.ts\`. On a CPU the formula is within 15 % of the
measured peak (\`npx vitest run test/integration/trainer/memory.test.ts\`, in fp32, one process, passes of 2,048 tokens unless said otherwise, above the peak of a
tiny model):

| random weights | formula | measured |
|---|---|---|
| 29 M | 2,089 MB | 2,145 MB |
| 51 M, half of them in the embedding | 2,622 MB | 2,802 MB |
| 29 M, \`train.offload\` | 2,223 MB | 2,263 MB |
| 47 M, \`train.gradientCheckpointing\` | 2,544 MB | 2,563 MB |
| the same, passes of 4,096 tokens | 3,083 MB | 3,117 MB |

With checkpointing three layers of these are what glibc's heap keeps of memory that was freed, by measurement; they are counted on a CPU
only. Where it fails: on a GPU, with several cards, with adapters and with 8-bit moments it is arithmetic that nothing has measured.

Memory of each card of 80 GB by size of Qwen2.5, for a pass of 16,384 tokens in bf16 with gradient checkpointing unless the column
says otherwise; in brackets what does not fit. Adapters have rank 16 on all matrices of the layers. "Host" is the
machine of one card, without and with offload.

| model | parameters, 10⁹ | ${COLUMNS.map(([name]) => name).join(' | ')} | host |
|---|---|${COLUMNS.map(() => '---|').join('')}---|
${rows.join('\n')}

Of a parameter that is trained: 4 bytes of weight, 4 of gradient, 8 of AdamW's moments, all in fp32 and divided by the number of
cards. Weights that adapters leave as they are take 2 bytes in bf16. To that come:

- **bf16 copies** of the weights during the forward pass, 2 bytes each, on one card;
- **whole layers** on several cards: embedding and head with their gradients, and two layers at a time;
- **activations**, which grow with the tokens of a pass (\`train.microBatchTokens\`): of every layer, or with
  \`train.gradientCheckpointing\` the input of every layer and all of two, on a CPU of five;
- **logits**, one block at a time, four copies of 2²⁸ numbers on a GPU;
- **temporaries**: two gradients of the head, or a chunk of the optimizer's;
- on the host a second gradient, where the loss has a decision part, the copy of weights and moments that is being saved (12
  bytes of a parameter that is trained), and on one card the weights before they are moved.

With \`train.optimizer.name: adamw-8bit\` the moments of matrices take 2 bytes a parameter in place of 8, those of embedding, norms
and biases 8 as before.

With \`train.offload\` the fp32 weights, gradients and moments are on the host, 16 bytes of a parameter, and a card holds the
weights as it computes with them, 2 bytes; several cards hold the layers that are whole at a time.

With \`train.microBatchTokens: auto\` the trainer compares these sums, a sixth added, with what is free when it starts, and takes the
longest pass of 1,024 to 65,536 tokens that fits. It says which (\`started\` in \`iteration show\`); a resumed training and a
replay take the same. Where it fails: a sequence longer than that is a pass of its own, and what another program takes later is not known.

A dry run (\`whencode campaign start FILE --dry-run\`) prints these for the campaign. With \`hardware:\` it plans for the named GPUs,
says how long sampling and training take on them by the order of magnitude, and refuses what does not fit, with what to change:

\`\`\`yaml
hardware: { gpu: H100, count: 8, hostMemoryGb: 1000 }
\`\`\`

| \`gpu\` | memory | bf16 arithmetic, 10¹² operations a second | bandwidth, TB/s |
|---|---|---|---|
${gpus.join('\n')}
`;
}
