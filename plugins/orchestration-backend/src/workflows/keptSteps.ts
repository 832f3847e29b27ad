import { putBackToldSecrets } from '@agentportal/guard';
import {
  edgesOf,
  expandWorkflow,
  type ForkRunRequest,
  isOfWorkflow,
  type Workflow,
  type WorkflowNode,
  workflowSchema,
} from '@agentportal/plugin-orchestration-common';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { bounded, isCutShort } from '../events/bounded';
import type { BegunRun, KeyedMessage } from '../store/JournalStore';
import {
  type MessageRange,
  messagesOfStep,
  numbersIn,
  type StoredStep,
} from '../store/references';
import { resultOf } from './keptResult';
import { humanOutput } from './outputs';
import { partsOf, type Standing, standingFrom } from './standing';

/** Nodes whose work is that of others inside them. */
const HOLDERS = new Set<string>(['loop', 'parallel', 'swarm', 'plan']);

/**
 * What a run takes over of a workflow's run that it repeats from a step: what had come to
 * an end and does not depend on that step. What agents did inside is left out: their
 * answers stand.
 *
 * @param options.ran - the workflow as it was run
 * @param options.runs - the workflow as it is now
 * @throws NotFoundError, ConflictError or InputError with what to do, when it cannot be repeated so
 */
export function keptSteps(
  { messages, steps }: BegunRun,
  options: {
    ran: unknown;
    runs: unknown;
    fromStep: number;
    isRehearsal: boolean;
    /** What calls that are kept gave back, and people answered, instead. */
    edits?: Pick<ForkRunRequest, 'answers' | 'messages'>;
  },
): BegunRun {
  const { fromStep } = options;
  const { answers = [], messages: edits = [] } = options.edits ?? {};
  const nodes = nodesOf(options.ran);
  const own = steps.filter(isOfWorkflow);
  const from = own.find(({ index }) => index === fromStep);
  if (!from) {
    throw new NotFoundError(
      `There is no step ${fromStep} of a node of this workflow to go on from. Name the index of a step that has a nodePath of the workflow itself; of old runs no steps are kept.`,
    );
  }
  const standingOf = standingFrom(nodes, from, own);
  const edited = new Set(edits.map(({ id }) => id));
  const answered = new Set(answers.map(({ step }) => step));
  const changed = own.filter(step => {
    const result = resultOf(step, { messages });
    return (result && edited.has(result.id)) || answered.has(step.index);
  });
  const kept = own.flatMap(step => {
    const isChanged = changed.some(each => isInside(each, step));
    const fate = fateOf(nodes, step, isChanged, standingOf(step));
    return fate === 'anew' ? [] : [{ step, isOpen: fate === 'open' }];
  });
  requireSameNodes(
    [from, ...kept.map(({ step }) => step)],
    nodes,
    nodesOf(options.runs),
  );
  if (!options.isRehearsal) {
    requireNoAnswers(
      steps,
      kept.map(({ step }) => step),
    );
  }
  const whole = withAnswers(
    nodes,
    kept.flatMap(({ isOpen, step }) => (isOpen ? [] : [step])),
    answers,
  );
  const said = withEdits(messages, whole, edits);
  const lost = whole.find(step => isLost(nodes, step, said));
  if (lost) {
    throw new ConflictError(
      `What ${
        lost.nodePath
      } came to was too long to be kept whole. Go on from it or from a step before it${
        lost.kind === 'node' ? '' : ', or say what it should be'
      }.`,
    );
  }
  const ids = new Map(kept.map(({ step }) => [step.id, randomUUID()]));
  const saidOtherwise = new Set(changed.map(({ id }) => id));
  return {
    messages: said,
    steps: kept.map(({ isOpen, step }, index) => ({
      ...(isOpen
        ? asBegunNow(step)
        : asKept(
            whole.find(({ id }) => id === step.id)!,
            saidOtherwise.has(step.id),
          )),
      id: ids.get(step.id)!,
      index,
      parentId: ids.get(step.parentId ?? ''),
    })),
  };
}

/** None of what is no workflow, or was one in a portal of another day. */
function nodesOf(workflow: unknown): WorkflowNode[] {
  return workflowSchema.safeParse(workflow).success
    ? expandWorkflow(workflow as Workflow).nodes
    : [];
}

function asKept(
  { usage: _, ...step }: StoredStep,
  isEdited: boolean,
): StoredStep {
  return { ...step, kept: true, ...(isEdited && { edited: true }) };
}

/** One that holds others, of which some are kept: it goes on with them. */
function asBegunNow(step: StoredStep): StoredStep {
  const { id, index, input, kind, name, nodePath, title } = step;
  return {
    ...{ id, index, input, kind, name, nodePath, title },
    status: 'running',
    startedAt: new Date().toISOString(),
  };
}

/** Whether a step is in a round, an item or a task of another one. */
function isInside({ nodePath = '' }: StoredStep, holder: StoredStep): boolean {
  return ['[', '.'].some(mark => nodePath.startsWith(holder.nodePath + mark));
}

/** What has not ended, or ended the run, is not kept; nor is a sum of what is not the same any more. */
function fateOf(
  nodes: WorkflowNode[],
  { kind, nodePath, status }: StoredStep,
  isChanged: boolean,
  standing: Standing,
): Standing {
  const { node, isFollowed } = findNode(nodes, nodePath!);
  const hasEnded =
    status === 'succeeded' || (status === 'failed' && isFollowed);
  if (standing !== 'kept' || (hasEnded && !isChanged)) {
    return standing;
  }
  return kind === 'node' && node && HOLDERS.has(node.type) ? 'open' : 'anew';
}

/**
 * The node at a path, and whether the workflow goes on when what is there has failed:
 * by an edge, because a map collects failures, or by another plan.
 */
function findNode(
  nodes: WorkflowNode[],
  nodePath: string,
): { node?: WorkflowNode; isFollowed: boolean } {
  let level = nodes;
  let isCollected = false;
  const parts = partsOf(nodePath);
  for (const part of parts) {
    const node = level.find(({ id }) => id === part.id);
    if (!node || part === parts.at(-1)) {
      return {
        node,
        isFollowed:
          isCollected ||
          (part.round === undefined &&
            edgesOf(level).some(
              ({ from, handle }) => from === part.id && handle === 'error',
            )),
      };
    }
    if (!('nodes' in node)) {
      return { isFollowed: isCollected || node.type === 'plan' };
    }
    isCollected ||= node.type === 'parallel' && node.onError === 'collect';
    level = node.nodes;
  }
  return { isFollowed: false };
}

/** Results stand for nodes as they were; those of nodes that are something else now do not. */
function requireSameNodes(
  steps: StoredStep[],
  before: WorkflowNode[],
  now: WorkflowNode[],
): void {
  const describe = (nodes: WorkflowNode[], id: string) => {
    const {
      position: _,
      title: __,
      after: ___,
      ...node
    } = nodes.find(each => each.id === id) ?? ({} as WorkflowNode);
    return [node, edgesOf(nodes).filter(({ to }) => to === id)];
  };
  const [from, ...kept] = steps.map(({ nodePath }) => partsOf(nodePath!)[0].id);
  if (!now.some(({ id }) => id === from)) {
    throw new ConflictError(
      `The workflow has no node ${from} any more. Run it again from the start.`,
    );
  }
  const changed = kept.find(
    id => !isDeepStrictEqual(describe(before, id), describe(now, id)),
  );
  if (changed) {
    throw new ConflictError(
      `The node ${changed} of the workflow was changed since that run, so what it came to cannot be kept. Go on from it or from a step before it, or run it again from the start.`,
    );
  }
}

function numbersOf(step: StoredStep, messages: KeyedMessage[]): number[] {
  return [
    ...messagesOfStep(step),
    ...[resultOf(step, { messages })?.id ?? []].flat(),
    ...(step.inputMessages ?? []).flatMap(range =>
      numbersIn(range as MessageRange),
    ),
  ];
}

/** Type of a node whose values may be others: it asks people, or sets them. */
function valuesOf(
  nodes: WorkflowNode[],
  { kind, nodePath, status }: StoredStep,
): 'human' | 'transform' | undefined {
  const type =
    kind === 'node' && status === 'succeeded'
      ? findNode(nodes, nodePath!).node?.type
      : undefined;
  return type === 'human' || type === 'transform' ? type : undefined;
}

/**
 * People who let something pass did so once, and for what they saw: a run that kept their word could say that
 * they had seen something else, and would do again what they agreed to. So with workflows inside of what is kept.
 */
function requireNoAnswers(steps: StoredStep[], kept: StoredStep[]): void {
  const answered = steps.find(
    ({ input, kind, nodePath, status }) =>
      kind === 'node' &&
      status === 'succeeded' &&
      asksPeople(input) &&
      kept.some(
        each =>
          each.nodePath === nodePath ||
          nodePath?.startsWith(`${each.nodePath}/`),
      ),
  );
  if (answered) {
    throw new ConflictError(
      `What people answered at ${answered.nodePath} counts for that run alone. Go on from there or from a step before it, and they are asked again; rehearsals keep it.`,
    );
  }
}

/** Of nodes only those that ask people begin with a question, also where it was too long to be kept. */
function asksPeople(input: unknown): boolean {
  const { beginning, question } = Object(input);
  return (
    typeof question === 'string' ||
    (isCutShort(input) && beginning.startsWith('{"question":'))
  );
}

function withAnswers(
  nodes: WorkflowNode[],
  kept: StoredStep[],
  answers: NonNullable<ForkRunRequest['answers']>,
): StoredStep[] {
  const unknown = answers.find(
    ({ step }) =>
      !kept.some(each => each.index === step && valuesOf(nodes, each)),
  );
  if (unknown) {
    throw new InputError(
      `Step ${unknown.step} is not kept, or is neither what a person answered nor values that a node set, so it cannot say something else.`,
    );
  }
  return kept.map(step => {
    const said = answers.findLast(answer => answer.step === step.index);
    if (!said) {
      return step;
    }
    const before = new Map(Object.entries(Object(step.output)));
    const values = Object.fromEntries(
      Object.entries(said.values as JsonObject).map(([name, value]) => [
        name,
        putBackToldSecrets(value, before.get(name)),
      ]),
    );
    const output =
      valuesOf(nodes, step) === 'human' ? humanOutput(values) : values;
    if (isCutShort(bounded(output))) {
      throw new InputError(
        `What step ${step.index} should have come to is longer than a step keeps. Say it shorter.`,
      );
    }
    return { ...step, output };
  });
}

/** The messages that these steps cannot be told without. */
function withEdits(
  messages: KeyedMessage[],
  kept: StoredStep[],
  edits: NonNullable<ForkRunRequest['messages']>,
): KeyedMessage[] {
  const results = new Set(kept.map(step => resultOf(step, { messages })?.id));
  const unknown = edits.find(({ id }) => !results.has(id));
  if (unknown) {
    throw new InputError(
      `Message ${unknown.id} is not what a call gave back that is kept, so it cannot say something else. The run lists its messages.`,
    );
  }
  const numbers = new Set(kept.flatMap(step => numbersOf(step, messages)));
  const said = new Map(edits.map(({ id, content }) => [id, content]));
  return messages
    .filter(({ id }) => numbers.has(id))
    .map(message => ({
      ...message,
      content: said.has(message.id)
        ? putBackToldSecrets(said.get(message.id), message.content)
        : message.content,
    }));
}

/** Whether too little is on record to know what a node came to. */
function isLost(
  nodes: WorkflowNode[],
  step: StoredStep,
  messages: KeyedMessage[],
): boolean {
  const { kind, nodePath, output, status } = step;
  if (status === 'failed') {
    return false;
  }
  if (kind !== 'node') {
    return typeof resultOf(step, { messages })?.content !== 'string';
  }
  const { node } = findNode(nodes, nodePath!);
  // What holds others comes to the same again.
  return !(node && HOLDERS.has(node.type)) && isCutShort(output);
}
