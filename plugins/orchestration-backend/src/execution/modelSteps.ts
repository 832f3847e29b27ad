import { AIMessage, SystemMessage } from '@langchain/core/messages';
import type { WrapModelCallHook } from 'langchain';
import { randomUUID } from 'node:crypto';
import { toRanges } from '../store/references';
import { findLetGo, type RunFailure, stepCut, stopOf } from './RunFailure';
import { earlierAnswer } from './earlierCall';
import { type GatewayCall, throughGateway } from './gateway';
import {
  emptyAnswer,
  incompleteToolCalls,
  type ModelCallFacts,
  readModelCallFacts,
  refuseDeepArguments,
  toModelFailure,
  usageOfBroken,
  withOwnIds,
} from './model';
import type { StepContext } from './stepMiddleware';
import { type StepRecord, toolCallsOf } from './StepRecord';

/** Stands round each model call of an agent. */
export function modelSteps(
  context: StepContext,
  record: StepRecord,
): WrapModelCallHook {
  const { events, model, session, task, tracing } = context;
  const { agent, budget, journal, parentStepId, signal } = task;
  const { askedIn, keep, modelNames, nodePath, shownName } = record;
  const { toolChoice } = agent.spec.modelSettings ?? {};
  const toolCallIds = journal.callIds;
  return async (request, handler) => {
    record.begin();
    request.messages.forEach(message =>
      toolCallsOf(message).forEach(({ id }) => toolCallIds.add(id!)),
    );
    const isFirst = !request.messages.some(({ type }) => type === 'tool');
    const messageId = randomUUID();
    const text = events.textMessage(messageId);
    // LangChain sends a list of parts; some servers want a string.
    const systemMessage = new SystemMessage(request.systemMessage.text);
    const sent = [systemMessage, ...request.messages].map(keep);
    const before = earlierAnswer(
      journal.begun,
      toRanges(sent),
      name => modelNames.get(name) ?? name,
    );
    if (before) {
      budget.requireToolCalls(before.tool_calls?.length ?? 0);
      return before;
    }
    budget.beginModelCall();
    const step = journal.startStep({
      kind: 'model',
      name: model,
      input: {
        tools: request.tools.map(({ name }) => shownName(String(name))),
        ...(session.missing.length
          ? { unavailableTools: session.missing }
          : {}),
      },
      sent,
      parentId: parentStepId,
      nodePath,
    });
    // What is about to be paid for is on record before it is asked for.
    await journal.flush();
    const call: GatewayCall = { step: step.index, onText: text.write };
    const leave = budget.enter();
    let answer: AIMessage;
    let facts: ModelCallFacts | undefined;
    let incomplete: RunFailure | undefined;
    try {
      const message = await tracing.startActiveSpan(
        `chat ${model}`,
        {
          kind: 'client',
          attributes: {
            'gen_ai.operation.name': 'chat',
            'gen_ai.request.model': model,
          },
        },
        () =>
          throughGateway(call, signal, async () =>
            handler({
              ...request,
              systemMessage,
              // Forced on every call, a tool choice would never let it end.
              ...(toolChoice && request.tools.length && isFirst
                ? { toolChoice }
                : {}),
            }),
          ),
      );
      if (!AIMessage.isInstance(message)) {
        throw emptyAnswer();
      }
      facts = readModelCallFacts(message, call);
      budget.spend(facts.usage);
      refuseDeepArguments(message);
      incomplete = incompleteToolCalls(message, call.finishReason);
      answer = withOwnIds(message, messageId, toolCallIds);
      const kept = keep(answer);
      answer.tool_calls?.forEach(({ id }) =>
        askedIn.set(id!, { message: kept, messageId }),
      );
      text.end();
      journal.endStep(step, {
        ...facts,
        result: { message: kept, as: 'answer' },
        ...(incomplete ? { error: incomplete.toRunError() } : {}),
      });
    } catch (error) {
      const usage =
        facts?.usage ??
        (await usageOfBroken(call, [systemMessage, ...request.messages], () =>
          context.booked(step.index),
        ));
      if (usage && !facts) {
        budget.spend(usage);
      }
      // Whoever goes on must not pay for it again.
      const cut = findLetGo(signal.reason) ? stepCut() : stopOf(signal);
      if (cut) {
        journal.endStep(step, {
          ...(usage ? { usage } : {}),
          error: cut.toRunError(),
        });
      }
      signal.throwIfAborted();
      const failure = toModelFailure(error, call);
      text.end();
      journal.endStep(step, {
        ...(usage ? { usage } : {}),
        error: failure.toRunError(),
      });
      throw failure;
    } finally {
      leave();
      text.end();
      // The answer and its cost are on record before they have a checkpoint.
      await journal.flush();
    }
    if (incomplete) {
      throw incomplete;
    }
    budget.requireToolCalls(answer.tool_calls?.length ?? 0);
    return answer;
  };
}
