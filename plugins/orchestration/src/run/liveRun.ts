import {
  stepOfEvent,
  type RunEvent,
  type RunStep,
} from '@agentportal/plugin-orchestration-common';

/** What the events of a run have told so far. */
export interface LiveRun {
  steps: RunStep[];
  /** The text that the agent is writing; each message starts a new one. */
  text: string;
  messageId?: string;
}

export const NOTHING_YET: LiveRun = { steps: [], text: '' };

function withStep(steps: readonly RunStep[], step: RunStep): RunStep[] {
  const others = steps.filter(each => each.id !== step.id);
  return [...others, step].sort((a, b) => a.index - b.index);
}

/**
 * Takes one event of a run into account. Events repeat when a stream is taken up
 * again, so every branch gives the same result twice, except text, whose
 * numbered events come once.
 */
export function afterEvent(live: LiveRun, event: RunEvent): LiveRun {
  const step = stepOfEvent(event);
  if (step) {
    return { ...live, steps: withStep(live.steps, step) };
  }
  const { messageId, delta } = event as { messageId?: string; delta?: string };
  switch (event.type as string) {
    case 'TEXT_MESSAGE_START':
      return { ...live, messageId, text: '' };
    case 'TEXT_MESSAGE_CONTENT':
      return messageId === live.messageId
        ? { ...live, text: live.text + (delta ?? '') }
        : { ...live, messageId, text: delta ?? '' };
    default:
      return live;
  }
}
