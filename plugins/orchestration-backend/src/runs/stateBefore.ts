import { putBackToldSecrets } from '@agentportal/guard';
import type { ForkRunRequest } from '@agentportal/plugin-orchestration-common';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import type { BegunRun, KeyedMessage } from '../store/JournalStore';
import {
  type MessageRange,
  numbersIn,
  type StoredStep,
} from '../store/references';

/**
 * What an agent had before it when it began one of its steps, as far as the run is on
 * record, without what its instructions say: a run that is forked has those of now.
 *
 * @param edits - what some of these messages are to say instead
 * @returns undefined when its model was never asked, so that there is only the question
 */
export function stateBefore(
  { messages, steps }: BegunRun,
  fromStep: number | undefined,
  edits: NonNullable<ForkRunRequest['messages']> = [],
): KeyedMessage[] | undefined {
  const own = steps.filter(({ parentId }) => parentId === undefined);
  const first = own.find(({ kind }) => kind === 'model');
  if (fromStep === undefined && !first) {
    return requireNoEdits(edits);
  }
  const step =
    fromStep === undefined
      ? first
      : own.find(({ index, kind }) => index === fromStep && kind !== 'node');
  if (!step) {
    throw new NotFoundError(
      `There is no step ${fromStep} to go on from. Name the index of a step of the run's own agent, which is no step of an agent that it handed work to and no node of a workflow; of old runs no steps are kept.`,
    );
  }
  const numbers = new Set(sentBefore(step, own));
  const said = new Map(edits.map(({ id, content }) => [id, content]));
  const state = messages.filter(
    ({ id, role }) => numbers.has(id) && role !== 'system',
  );
  requireNoEdits(edits.filter(({ id }) => !state.some(m => m.id === id)));
  return state.map(message => {
    const edit = said.get(message.id);
    const content =
      edit === undefined
        ? message.content
        : putBackToldSecrets(edit, message.content);
    if (typeof content !== 'string') {
      throw new ConflictError(
        `Message ${message.id} was too long to be kept whole. Go on from a step before it, or say what it should be.`,
      );
    }
    return { ...message, content };
  });
}

/** Numbers of the messages that stood before a step. */
function sentBefore(step: StoredStep, own: StoredStep[]): number[] {
  if (step.kind === 'model') {
    return (step.inputMessages ?? []).flatMap(range =>
      numbersIn(range as MessageRange),
    );
  }
  // Of a call: what its model was sent, and the answer that asks for it.
  const asked = step.call?.message;
  const asking = own.find(
    ({ kind, result }) => kind === 'model' && result?.message === asked,
  );
  if (asked === undefined || !asking) {
    throw new ConflictError(
      `What asked for step ${step.index} is not on record. Go on from another step.`,
    );
  }
  return [...sentBefore(asking, own), asked];
}

function requireNoEdits(edits: Array<{ id: number }>): undefined {
  if (edits.length) {
    throw new InputError(
      `Message ${edits[0].id} does not stand before this step, so it cannot say something else there. The run lists its messages.`,
    );
  }
  return undefined;
}
