import { z } from 'zod/v4';
import type { Caller } from './Caller';

/** Runs agents, and so has seen who said what. */
const WITNESS = 'plugin:orchestration';

const schema = z.record(
  z.string().max(255),
  z.array(z.string().max(255)).max(100),
);

/** Whether it is the plugin that runs agents which asks, and no program. */
export function isWitness({ actor }: Caller): boolean {
  return actor === WITNESS;
}

/**
 * What is known of who said the texts of a call. Only the orchestration plugin is
 * believed: an agent, or a program that acts as one, would speak for itself. Where there
 * is no person, nobody can have said anything as one.
 */
export function provenanceOf(
  caller: Caller,
  told: unknown,
): Record<string, string[]> | undefined {
  const { ref, run } = caller;
  const { data } = schema.safeParse(told);
  if (!isWitness(caller) || !data || !run) {
    return undefined;
  }
  return ref === run.agentRef
    ? Object.fromEntries(
        Object.entries(data).map(([name, origins]) => [
          name,
          origins.filter(origin => origin !== 'person'),
        ]),
      )
    : data;
}
