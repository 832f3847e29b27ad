import {
  evaluateText,
  rootsIn,
  ValueError,
  type WorkflowEdge,
  type WorkflowNode,
  type WorkflowScope,
} from '@agentportal/plugin-orchestration-common';
import { RunFailure } from '../execution/RunFailure';
import { isDecided } from './choices';
import { reasonOf } from './WorkflowContext';

const NOT_NEEDED = 'The vote was decided without it.';

/** Votes of a graph that may be decided before all have spoken. */
export interface Ballots {
  /** Aborted when the vote that a node is asked for is decided without it. */
  signalFor(id: string): AbortSignal | undefined;
  /** Tells what a node has come to. */
  tell(id: string, output: unknown): void;
}

/**
 * Finds the votes of a graph that have a quorum. Of those who are asked, only those are
 * stopped whose failure is an abstention: everything behind them is made for that.
 */
export function findBallots(
  nodes: WorkflowNode[],
  edges: WorkflowEdge[],
): Ballots {
  const from = Map.groupBy(edges, edge => edge.from);
  const byVoter = new Map<
    string,
    { decided: AbortController; tell(output: unknown): void }
  >();
  for (const node of nodes) {
    if (node.type !== 'decide' || typeof node.rule !== 'object') {
      continue;
    }
    const leadsHere = (id: string) =>
      from.get(id)?.every(({ to }) => to === node.id) ?? false;
    const abstains = (id: string) =>
      leadsHere(id) && nodes.find(each => each.id === id)?.type === 'transform';
    const decided = new AbortController();
    const said = node.votes.map(({ weight = 1 }) => ({
      weight,
      text: undefined as string | undefined,
    }));
    node.votes.forEach(({ says }, i) => {
      const [voter] = rootsIn(says);
      const out = from.get(voter) ?? [];
      const isStoppable =
        out.some(({ handle }) => handle === 'error') &&
        out.every(({ handle, to }) =>
          handle === 'error' ? abstains(to) : to === node.id,
        );
      if (isStoppable) {
        byVoter.set(voter, {
          decided,
          tell: output => {
            said[i].text = textOf(says, { [voter]: output });
            if (isDecided(node, said)) {
              decided.abort(new RunFailure('NotNeeded', NOT_NEEDED));
            }
          },
        });
      }
    });
  }
  return {
    signalFor: id => byVoter.get(id)?.decided.signal,
    tell: (id, output) => byVoter.get(id)?.tell(output),
  };
}

/** What a voter has said; or that it was not waited for, or why it could not say anything. */
export function readVote(
  says: string,
  scope: WorkflowScope,
): { text?: string; failure?: string } {
  const failures = rootsIn(says).flatMap(root => {
    const { error } = (scope[root] ?? {}) as { error?: { message?: string } };
    return error?.message === undefined ? [] : [error.message];
  });
  if (failures.includes(NOT_NEEDED)) {
    return {};
  }
  const text = evaluateText(says, scope);
  // Whoever speaks for one that failed has a vote.
  return text.trim() || !failures.length
    ? { text }
    : { failure: reasonOf(failures[0]) };
}

/** Nothing while it needs more than is known. */
function textOf(says: string, scope: WorkflowScope): string | undefined {
  try {
    return evaluateText(says, scope);
  } catch (error) {
    if (error instanceof ValueError) {
      return undefined;
    }
    throw error;
  }
}
