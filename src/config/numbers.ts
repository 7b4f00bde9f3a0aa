/** Numbers of the campaign file. */
import { z } from 'zod';

export const fraction = z.number().min(0).max(1);
export const positive = z.number().positive();
export const count = z.int().min(1);
