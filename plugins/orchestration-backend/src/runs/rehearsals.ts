import type {
  Candidate,
  CreateRunRequest,
  Rehearsal,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';
import { digestOf } from '@agentportal/plugin-agents-node';
import { InputError } from '@backstage/errors';
import type { AgentSnapshot } from '../agents/snapshot';
import type { StoredRun } from '../store/rows';

const MAX_ANSWER_BYTES = 32 * 1024;
/** Deeper values no tool takes or gives, and code that walks them fails. */
const MAX_ANSWER_DEPTH = 50;

/** What makes a run a rehearsal, as it is written down with the run. */
export interface StoredRehearsal {
  answers: NonNullable<Rehearsal['answers']>;
}

/** What a run tries in place of its agent's definition. */
export interface TriedCandidate {
  candidate: Candidate;
  summary: NonNullable<RunSummary['candidate']>;
}

/**
 * Reads what is asked for.
 *
 * @throws InputError for what is too large, or a candidate that would really act
 */
export function readRehearsal({
  candidate,
  rehearsal,
}: Pick<CreateRunRequest, 'candidate' | 'rehearsal'>): {
  rehearsal?: StoredRehearsal;
  tried?: TriedCandidate;
} {
  if (!rehearsal) {
    if (candidate) {
      throw new InputError(
        'A candidate is tried in a rehearsal only. Add rehearsal: {} to the request.',
      );
    }
    return {};
  }
  const { answers = [] } = rehearsal;
  if (isDeeperThan(MAX_ANSWER_DEPTH, answers)) {
    throw new InputError(
      `rehearsal.answers is nested deeper than ${MAX_ANSWER_DEPTH} levels.`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(answers));
  if (bytes > MAX_ANSWER_BYTES) {
    throw new InputError(
      `rehearsal.answers has ${bytes} bytes as JSON, and may have ${MAX_ANSWER_BYTES}. Give fewer or shorter answers.`,
    );
  }
  return {
    rehearsal: { answers },
    ...(candidate && { tried: triedOf(candidate) }),
  };
}

/**
 * The same of a run that is repeated: what was a rehearsal stays one. What an experiment gave out is not repeated:
 * that was somebody else's decision, and their time is over.
 */
export function rehearsalOf({ rehearsal, snapshot, summary }: StoredRun): {
  rehearsal?: StoredRehearsal;
  tried?: TriedCandidate;
} {
  const { candidate: known } = summary;
  return {
    ...(rehearsal && { rehearsal }),
    ...(rehearsal &&
      known && {
        tried: {
          candidate: {
            ...(known.instructions && {
              instructions: snapshot.spec.instructions,
            }),
            ...(known.model && { model: known.model }),
          },
          summary: known,
        },
      }),
  };
}

/** A definition with what is tried in its place. */
export function withCandidate(
  spec: AgentSnapshot['spec'],
  tried: TriedCandidate | undefined,
): AgentSnapshot['spec'] {
  return { ...spec, ...tried?.candidate };
}

/** What is tried, as it is written down. */
export function triedOf(candidate: Candidate): TriedCandidate {
  const { instructions, model } = candidate;
  return {
    candidate,
    summary: {
      digest: digestOf(candidate, 'candidate'),
      instructions: instructions !== undefined,
      ...(model && { model }),
    },
  };
}

function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > levels) {
      return true;
    }
    level = level.flatMap(each =>
      typeof each === 'object' && each !== null ? Object.values(each) : [],
    );
  }
  return false;
}
