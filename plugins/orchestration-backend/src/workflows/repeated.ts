import {
  evaluate,
  holds,
  requireRoom,
  WORKFLOW_LIMITS,
  type WorkflowNodeOf,
  type WorkflowScope,
} from '@agentportal/plugin-orchestration-common';
import { findInterrupt, waitForPeople } from '../execution/interrupts';
import { findRunFailure } from '../execution/RunFailure';
import { evaluateOptional, runGraph } from './runGraph';
import { withStep } from './withStep';
import { isNodeFailure, nodeFailed, type NodeHandler } from './WorkflowContext';

const MAX_ITEMS = 100;
const CONCURRENCY = 4;

/** Repeats its nodes until something holds, at most so often. */
export const loopNode: NodeHandler<WorkflowNodeOf<'loop'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const carry = Object.entries(node.carry ?? {});
  const carried = (which: 'first' | 'next', from: WorkflowScope) =>
    Object.fromEntries(
      carry.map(([name, templates]) => [
        name,
        evaluate(templates[which], from),
      ]),
    );
  const output = await withStep(
    context,
    node,
    place,
    { max: node.max },
    async ({ id }) => {
      let kept = carried('first', scope);
      for (let round = 1; ; round += 1) {
        const end = await runGraph(
          context,
          node.nodes,
          { ...place, path: `${place.path}[${round}]`, parentStepId: id },
          { ...scope, loop: { round, ...kept } },
        );
        kept = carried('next', end.scope);
        const isEnd = holds(node.until, {
          ...end.scope,
          loop: { round, ...kept },
        });
        if (isEnd || round >= node.max) {
          return {
            ...kept,
            rounds: round,
            ended: isEnd ? 'until' : 'max',
            last: end.outputs,
          };
        }
      }
    },
  );
  return { output };
};

/** Does the same for each item of a list, several at a time. */
export const parallelNode: NodeHandler<WorkflowNodeOf<'parallel'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const { maxItems = MAX_ITEMS, concurrency = CONCURRENCY } = node;
  const items = evaluate(node.over, scope);
  if (!Array.isArray(items)) {
    throw nodeFailed(node, 'over is no list');
  }
  if (items.length > maxItems) {
    throw nodeFailed(
      node,
      `over has ${items.length} items, more than the ${maxItems} of maxItems`,
    );
  }
  const output = await withStep(
    context,
    node,
    place,
    { items: items.length, concurrency },
    async ({ id }) => {
      const results = new Array<unknown>(items.length);
      const errors: Array<{ index: number; message: string }> = [];
      const thrown: unknown[] = [];
      let room: number = WORKFLOW_LIMITS.characters;
      const one = async (index: number) => {
        const inside = { ...scope, item: items[index], index };
        try {
          const end = await runGraph(
            context,
            node.nodes,
            { ...place, path: `${place.path}[${index}]`, parentStepId: id },
            inside,
          );
          const result = evaluateOptional(node.result, end.scope) ?? end.last;
          room = requireRoom(result, room);
          results[index] = result;
        } catch (error) {
          const failure = findRunFailure(error);
          if (node.onError === 'collect' && isNodeFailure(failure)) {
            errors.push({ index, message: failure.message });
          } else {
            thrown.push(error);
          }
        }
      };
      let next = 0;
      await Promise.all(
        Array.from(
          { length: Math.min(concurrency, items.length) },
          async () => {
            // Those that wait for people let the others go on; anything else ends them.
            while (next < items.length && thrown.every(findInterrupt)) {
              await one(next++);
            }
          },
        ),
      );
      const fatal = thrown.find(error => !findInterrupt(error));
      if (fatal) {
        throw fatal;
      }
      if (thrown.length) {
        throw waitForPeople(
          ...thrown.flatMap(error => findInterrupt(error)!.waits),
        );
      }
      return {
        items: results.filter((_, i) =>
          errors.every(({ index }) => index !== i),
        ),
        count: items.length,
        errors: errors.sort((a, b) => a.index - b.index),
      };
    },
  );
  return { output };
};
