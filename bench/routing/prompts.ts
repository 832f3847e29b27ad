import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ComplexityTier } from '@agentportal/model-gateway';
import { z } from 'zod/v4';

/** The tiers, the easiest first. */
export const TIERS = ['simple', 'medium', 'complex', 'reasoning'] as const;

const promptSchema = z.strictObject({
  id: z.string(),
  language: z.enum(['en', 'de', 'fr', 'es']),
  tier: z.enum(TIERS),
  prompt: z.string().min(1),
});

/** A prompt and the weakest tier of models that should answer it well. */
export interface LabelledPrompt {
  id: string;
  tier: ComplexityTier;
  /** The tier as a number, from 0. */
  label: number;
  prompt: string;
  heldOut: boolean;
}

/** Reads the labelled set; which half a prompt is in hangs on its words alone. */
export function readPrompts(): LabelledPrompt[] {
  const folder = path.join(__dirname, '../../examples/evals/routing');
  return readdirSync(folder)
    .filter(file => file.endsWith('.jsonl'))
    .sort()
    .flatMap(file =>
      readFileSync(path.join(folder, file), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map(line => {
          const { id, tier, prompt } = promptSchema.parse(JSON.parse(line));
          return {
            id,
            tier,
            prompt,
            label: TIERS.indexOf(tier),
            heldOut: hash(prompt) < 0.5,
          };
        }),
    );
}

/** A number from 0 to 1 that is always the same for a text. */
export function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}
