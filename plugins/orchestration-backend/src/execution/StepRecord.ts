import { AIMessage, type BaseMessage } from '@langchain/core/messages';
import { hash } from 'node:crypto';
import { RunLetGo } from './RunFailure';
import { describeMessage } from './model';
import type { StepContext } from './stepMiddleware';

/** What is remembered of the calls of an agent, and under which names. */
export type StepRecord = ReturnType<typeof createStepRecord>;

/** For the calls of one agent in one process. */
export function createStepRecord({ handoffs, session, task }: StepContext) {
  const { depth, journal, node, signal, stopping } = task;
  /** Where each tool call was asked for. */
  const askedIn = new Map<string, { message: number; messageId: string }>();
  // People know tools by the names of the catalog, not by those for models.
  const shownName = (name: string) =>
    session.byModelName.get(name)?.gatewayName ??
    handoffs.get(name)?.agent.ref ??
    name;
  const modelNames = new Map(
    [...session.byModelName.keys(), ...handoffs.keys()].map(name => [
      shownName(name),
      name,
    ]),
  );
  const keep = (message: BaseMessage) =>
    journal.keep(
      message.id ?? `${message.type} ${hash('sha256', message.text)}`,
      () => describeMessage(message, shownName),
    );
  /** Also of what the model asked for before another process went on. */
  const whereAsked = (id: string, messages: BaseMessage[]) => {
    const known = askedIn.get(id);
    if (known) {
      return known;
    }
    const asking = messages.find(message =>
      toolCallsOf(message).some(call => call.id === id),
    )!;
    return { message: keep(asking), messageId: asking.id! };
  };
  return {
    // Agents that a node has asked stand under its step, and are no nodes themselves.
    nodePath: node?.depth === depth ? node.path : undefined,
    askedIn,
    keep,
    modelNames,
    shownName,
    whereAsked,
    /** Before each step. */
    begin: () => {
      signal.throwIfAborted();
      if (stopping.aborted) {
        throw new RunLetGo();
      }
    },
  };
}

/** What a model asked for. */
export function toolCallsOf(message: BaseMessage) {
  return (AIMessage.isInstance(message) && message.tool_calls) || [];
}
