import type { RunWait } from '@agentportal/plugin-orchestration-common';
import {
  GraphInterrupt,
  INTERRUPT,
  isGraphInterrupt,
  isInterrupted,
} from '@langchain/langgraph';
import { findCause } from './RunFailure';

/** The reason with which a process lets go of a run that waits for people. */
export class RunInterrupted extends Error {
  readonly waits: RunWait[];

  constructor(waits: RunWait[]) {
    super('The run waits for people.');
    this.name = 'RunInterrupted';
    this.waits = waits;
  }
}

/**
 * What a node of a graph throws that cannot go on without people. LangGraph lets the
 * others of its step come to their end, keeps what they gave, and runs this one again
 * when the run goes on: it has to ask again then, by the same key.
 */
export function waitForPeople(...waits: RunWait[]): GraphInterrupt {
  return new GraphInterrupt(
    waits.map(wait => ({ id: wait.approvalId, value: wait })),
  );
}

/** Finds in what was thrown that people are waited for; the same each for the graph above. */
export function findInterrupt(error: unknown): RunInterrupted | undefined {
  return findCause(error, each => {
    if (each instanceof RunInterrupted) {
      return each;
    }
    return isGraphInterrupt(each)
      ? new RunInterrupted(waitsOf(each.interrupts))
      : undefined;
  });
}

/**
 * The state with which a graph has ended.
 *
 * @throws RunInterrupted when it has not, because it waits for people
 */
export function requireEnded<T extends object>(state: T): T {
  if (isInterrupted<RunWait>(state)) {
    throw new RunInterrupted(waitsOf(state[INTERRUPT]));
  }
  return state;
}

function waitsOf(interrupts: Array<{ value?: unknown }>): RunWait[] {
  return interrupts.map(({ value }) => value as RunWait);
}
