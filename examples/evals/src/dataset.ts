import {
  checkCases,
  type Expectation,
  expectationOf,
} from '@agentportal/plugin-evals-common';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod/v4';

const dataset = z.strictObject({
  agent: z.string().regex(/^agent:[^/]+\/.+$/),
  cases: z.array(z.unknown()).min(1),
});

/** One question with what a right answer has. */
export interface EvalCase extends Expectation {
  id: string;
  agentRef: string;
  /** True for the third of the questions that the model was not tuned on. */
  heldOut: boolean;
}

/** Whether a case belongs to the held-out third; by its id, so that it never moves. */
export function isHeldOut(id: string): boolean {
  return createHash('sha256').update(id).digest()[0] % 3 === 0;
}

/** Reads one dataset; a mistake in it is told with its place. */
export function readDataset(yaml: string, name: string): EvalCase[] {
  const parsed = dataset.safeParse(parse(yaml));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${name}: ${issue.path.join('.')}: ${issue.message}`);
  }
  const { agent, cases } = parsed.data;
  try {
    return checkCases(cases).map(item => ({
      ...expectationOf(item),
      id: item.id,
      agentRef: agent,
      heldOut: isHeldOut(item.id),
    }));
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

/** Reads every dataset of a folder. */
export function readDatasets(folder: string): EvalCase[] {
  const cases = readdirSync(folder)
    .filter(name => /\.ya?ml$/.test(name))
    .sort()
    .flatMap(name =>
      readDataset(readFileSync(join(folder, name), 'utf8'), name),
    );
  const twice = cases.find(
    (item, index) => cases.findIndex(other => other.id === item.id) !== index,
  );
  if (twice)
    throw new Error(
      `Two cases have the id "${twice.id}"; every id must be used once.`,
    );
  return cases;
}
