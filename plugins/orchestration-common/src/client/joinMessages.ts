import { RUN_STEP_EVENT, type RunEvent, stepOfEvent } from '../events';
import type { Run, RunMessage, RunStep } from '../types';

/** The messages of a run by their numbers. */
export type MessagesById = Map<number, RunMessage>;

/** Puts the messages that models were sent into the inputs of their steps. */
export function joinMessagesOfRun(run: Run): Run {
  const messages = new Map(run.messages?.map(each => [each.id, each]));
  return { ...run, steps: run.steps.map(step => joinMessages(step, messages)) };
}

/** The same for an event; remembers the messages that it brings. */
export function joinMessagesOfEvent(
  event: RunEvent,
  messages: MessagesById,
): RunEvent {
  const step = stepOfEvent(event);
  if (!step) {
    return event;
  }
  const { value } = event as { value: { messages?: RunMessage[] } };
  value.messages?.forEach(message => messages.set(message.id, message));
  return {
    ...event,
    name: RUN_STEP_EVENT,
    value: { ...value, step: joinMessages(step, messages) },
  } as RunEvent;
}

/** Messages are shared among steps, not copied. */
function joinMessages(step: RunStep, messages: MessagesById): RunStep {
  if (!step.inputMessages) {
    return step;
  }
  const sent: RunMessage[] = [];
  for (const [from, to] of step.inputMessages) {
    for (let id = from; id <= to; id += 1) {
      const message = messages.get(id);
      if (message) {
        sent.push(message);
      }
    }
  }
  return { ...step, input: { ...(step.input as {}), messages: sent } };
}
