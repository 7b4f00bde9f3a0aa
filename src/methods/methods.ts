/** The table of methods: it defines the values of the setting `method`, and every stage looks its method up here. */
import { dpo } from './dpo.ts';
import { em } from './em.ts';
import type { Method } from './method.ts';
import { rft } from './rft.ts';
import { rl } from './rl.ts';
import { sft } from './sft.ts';

export const METHODS = { em, rl, rft, dpo, sft } satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof METHODS;

export const METHOD_NAMES = Object.keys(METHODS) as readonly MethodName[];
