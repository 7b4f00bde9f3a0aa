/**
 * Memory that a training takes, from the architecture and the settings: the one place where what
 * `src/trainer/python/whencode_trainer` holds at a time is counted. docs/memory.md explains each part.
 */
import { countParameters } from '../models/checkpoint-tensors.ts';
import type { ModelConfig } from '../models/model-config.ts';

export interface TrainingPlan {
  readonly device: 'cpu' | 'gpu';
  readonly precision: 'fp32' | 'bf16';
  /** Adapters in place of all weights; the matrices of each layer that get one. */
  readonly lora?: { readonly rank: number; readonly targets: readonly LayerMatrix[] };
  /** GPUs that share weights, gradients and moments. */
  readonly processes: number;
  /** Tokens of one pass: `microBatchTokens`, or the longest sequence if that is longer. */
  readonly passTokens: number;
  readonly gradientCheckpointing: boolean;
  /** Moments of 8 bits, of all trained matrices but the embedding (`adamw-8bit`). */
  readonly eightBit?: boolean;
  /** Fp32 weights, gradients and moments in host memory. */
  readonly offload?: boolean;
  /** A loss with a decision part keeps a second gradient in host memory. */
  readonly hasDecisions: boolean;
  /** Tokens of the set whose log-probs the trainer computes first (`ratio.mode: decoupled`); else 0. */
  readonly correctedTokens: number;
}

/** Bytes by what they are for. */
export type MemoryParts = Readonly<Record<string, number>>;

export interface TrainingMemory {
  /** Of each GPU; empty for a training on the CPU. */
  readonly gpu: MemoryParts;
  /** Of the machine. */
  readonly host: MemoryParts;
}

export const LAYER_MATRICES = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'] as const;
export type LayerMatrix = (typeof LAYER_MATRICES)[number];

const [FP32, BF16] = [4, 2];
/** Elements of a block of logits, by device: `_BLOCK_ELEMENTS` of losses.py. */
const LOGIT_BLOCK = { cpu: 2 ** 24, gpu: 2 ** 28 } as const;
/** Copies of a block at a time: logits, their log-softmax, and the gradient of both. */
const LOGIT_COPIES = 4;
/** Elements of a temporary of the optimizer: `CHUNK` of optim.py. */
const OPTIMIZER_CHUNK = 2 ** 26;
/** Of a token: log-prob, weight, and in fp64 log-ratio and mismatch (start.py). */
const CORRECTED_BYTES = 24;
/** Of a parameter whose moments are in 8 bits: two codes, and their share of the scales of a block (eight_bit.py). */
const EIGHT_BIT_MOMENTS = 2 + (2 * FP32) / 256;
/**
 * Layers whose activations are in memory at a time with checkpointing: one and its gradients. On a CPU three more by measurement: glibc's
 * heap keeps what the passes of the layers before have freed; with MALLOC_MMAP_THRESHOLD_=1000000 it gives that back.
 */
const RECOMPUTED_LAYERS = { cpu: 5, gpu: 2 } as const;
/** What the import of bitsandbytes takes. */
const EIGHT_BIT_LIBRARY = 0.2e9;
/** The interpreter with PyTorch, and on a GPU what CUDA and its libraries take there. */
const RUNTIME = { process: 0.4e9, gpu: 1e9 } as const;

export const totalOf = (parts: MemoryParts): number => Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);

/**
 * @example
 * totalOf(trainingMemory(qwen7b, { ...plan, processes: 8 }).gpu) < 80e9; // true
 */
export function trainingMemory(model: ModelConfig, plan: TrainingPlan): TrainingMemory {
  const { processes, device, hasDecisions, correctedTokens, offload = false, eightBit = false } = plan;
  const trained = trainedParameters(model, plan);
  const moments = momentsOf(model, plan);
  const onHost = {
    'decision gradient': hasDecisions ? FP32 * trained : 0,
    'state on its way to disk': FP32 * trained + moments,
    'weights, gradients and moments': offload ? 2 * FP32 * trained + moments : 0,
    ratios: processes * CORRECTED_BYTES * correctedTokens,
    '8-bit optimizer': eightBit ? processes * EIGHT_BIT_LIBRARY : 0,
  };
  const working = {
    ...stateOf(model, plan),
    activations: activationsOf(model, plan),
    logits: logitsOf(model, plan),
    temporaries: temporariesOf(model, plan),
  };
  if (device === 'cpu')
    return {
      gpu: {},
      host: {
        ...multiply(working, processes),
        ...onHost,
        runtime: processes * RUNTIME.process,
      },
    };
  const perProcess = RUNTIME.process + RUNTIME.gpu;
  // One process reads the whole model before it moves it, and frees it then; several read their shards.
  const loaded = processes === 1 ? FP32 * countParameters(model) : 0;
  return {
    gpu: { ...working, runtime: RUNTIME.gpu },
    host: { weights: loaded, ...onHost, runtime: processes * perProcess },
  };
}

const multiply = (parts: MemoryParts, by: number): MemoryParts =>
  Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, bytes * by]));

/** Numbers that the optimizer updates. */
function trainedParameters(model: ModelConfig, { lora }: Pick<TrainingPlan, 'lora'>): number {
  if (lora === undefined) return countParameters(model);
  const sizes = layerMatrices(model);
  return model.layers * sum(lora.targets.map((name) => lora.rank * (sizes[name][0] + sizes[name][1])));
}

/** Bytes of AdamW's moments in all processes together. */
function momentsOf(model: ModelConfig, plan: TrainingPlan): number {
  const trained = trainedParameters(model, plan);
  if (plan.eightBit !== true) return 2 * FP32 * trained;
  const exact = plan.lora === undefined ? model.vocabSize * model.hiddenSize : 0;
  return 2 * FP32 * exact + EIGHT_BIT_MOMENTS * (trained - exact);
}

/** `[out, in]` of the matrices of a layer. */
function layerMatrices({ hiddenSize: d, ffnSize: f, heads, kvHeads, headDim }: ModelConfig) {
  const [q, kv] = [heads * headDim, kvHeads * headDim];
  return {
    q_proj: [q, d],
    k_proj: [kv, d],
    v_proj: [kv, d],
    o_proj: [d, q],
    gate_proj: [f, d],
    up_proj: [f, d],
    down_proj: [d, f],
  } as const satisfies Record<LayerMatrix, readonly [number, number]>;
}

/** Numbers of embedding, head and last norm, which are one unit of sharding. */
const rootParameters = ({ vocabSize, hiddenSize, tiedHead }: ModelConfig): number =>
  vocabSize * hiddenSize * (tiedHead ? 1 : 2) + hiddenSize;

/** Weights, gradients, moments: held from the beginning to the end. */
function stateOf(model: ModelConfig, plan: TrainingPlan): MemoryParts {
  const { lora, precision, processes, offload = false } = plan;
  const all = countParameters(model);
  const root = rootParameters(model);
  const layers = all - root;
  const trained = trainedParameters(model, plan);
  const narrow = precision === 'bf16' ? BF16 : FP32;
  const narrowed = narrow * layers + FP32 * root;
  if (offload && processes === 1) {
    // The gradient of a parameter is sent off as soon as it is whole.
    return { weights: narrowed, gradients: FP32 * root };
  }
  const layer = layers / model.layers;
  // The root is whole from the forward pass to the end of the backward pass; of the layers two at a time are.
  const whole = FP32 * root * (lora === undefined ? 2 : 1) + 2 * narrow * layer;
  const gathered = { 'whole layers': whole + (lora === undefined ? 2 * FP32 * layer : 0) };
  if (offload) return gathered;
  const weights = lora === undefined ? FP32 * all : narrowed + FP32 * trained;
  const state = {
    weights: weights / processes,
    gradients: (FP32 * trained) / processes,
    moments: momentsOf(model, plan) / processes,
  };
  if (processes === 1) {
    // Autocast keeps a bf16 copy of every matrix until the forward pass ends.
    return precision === 'bf16' && lora === undefined ? { ...state, 'bf16 copies': BF16 * layers } : state;
  }
  return { ...state, ...gathered };
}

/** What the backward pass needs of the forward pass. */
function activationsOf(
  model: ModelConfig,
  { device, precision, passTokens, gradientCheckpointing }: TrainingPlan,
): number {
  const { hiddenSize: d, ffnSize: f, heads, kvHeads, headDim, layers } = model;
  const [q, kv] = [heads * headDim, kvHeads * headDim];
  const narrow = precision === 'bf16' ? BF16 : FP32;
  const residual = FP32 * d;
  // Inputs of both norms, and what they give: once in fp32, or cast for each matrix that reads it.
  const norms = 2 * residual + (precision === 'bf16' ? 5 * BF16 * d : 2 * residual);
  // q and k before the rotation, the attention's input and output by path, and the input of o_proj.
  const attention = narrow * (q + kv + 4 * q + q);
  // gate, its SiLU, up, and their product.
  const feedForward = narrow * 4 * f;
  const layer = norms + attention + feedForward;
  const recomputed = Math.min(layers, RECOMPUTED_LAYERS[device]);
  const perToken = gradientCheckpointing ? layers * residual + recomputed * layer : layers * layer;
  return passTokens * (perToken + 2 * residual);
}

function logitsOf({ vocabSize }: ModelConfig, { device, passTokens }: TrainingPlan): number {
  return LOGIT_COPIES * FP32 * Math.min(passTokens * vocabSize, Math.max(LOGIT_BLOCK[device], vocabSize));
}

/** The gradient of the head, of which autograd holds two until the embedding's is there; or what the optimizer needs. */
function temporariesOf(model: ModelConfig, plan: TrainingPlan): number {
  const heads = plan.lora === undefined ? 2 * FP32 * model.vocabSize * model.hiddenSize : 0;
  return Math.max(heads, FP32 * Math.min(trainedParameters(model, plan) / plan.processes, OPTIMIZER_CHUNK));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
