import {
  AIMessage,
  type BaseMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages';
import type { StepUsage } from '@agentportal/plugin-orchestration-common';
import { approvalRequestKey } from '@agentportal/plugin-tools-common';
import type { TracingService } from '@backstage/backend-plugin-api/alpha';
import { createMiddleware } from 'langchain';
import { hash, randomUUID } from 'node:crypto';
import type { AgentTask } from './AgentTask';
import {
  decideSuspendedCall,
  toStepApproval,
  toWait,
} from './decideSuspendedCall';
import { earlierAnswer, earlierCall } from './earlierCall';
import {
  type GatewayCall,
  isBroken,
  systemCode,
  throughGateway,
} from './gateway';
import type { Handoff } from './handoffs';
import { findInterrupt, waitForPeople } from './interrupts';
import { provenanceOf } from './provenance';
import {
  describeMessage,
  emptyAnswer,
  incompleteToolCalls,
  type ModelCallFacts,
  readModelCallFacts,
  refuseDeepArguments,
  toModelFailure,
  usageOfBroken,
  withOwnIds,
} from './model';
import type { RunApprovals } from './RunApprovals';
import type { RunEventWriter } from './RunEventWriter';
import {
  effectUnknown,
  findLetGo,
  findRunFailure,
  type RunFailure,
  RunLetGo,
  stepCut,
  stopOf,
} from './RunFailure';
import { toRanges } from '../store/references';
import { toolStepEnd } from './toolStepEnd';
import { waitOut } from './waitOut';
import {
  type LoadedTool,
  type ToolSession,
  toolsUnavailable,
} from './ToolSession';

/** What the middleware needs to know of the agent whose steps it writes. */
export interface StepContext {
  task: AgentTask;
  model: string;
  session: ToolSession;
  handoffs: Map<string, Handoff>;
  approvals: RunApprovals;
  events: RunEventWriter;
  tracing: TracingService;
  /** What the model gateway has booked on a step. */
  booked: (stepIndex: number) => Promise<StepUsage | undefined>;
}

/**
 * Stands round each model call and each tool call of an agent: holds it to its
 * budget, writes it down as a step, and turns what goes wrong into words.
 */
export function createStepMiddleware(context: StepContext) {
  const { approvals, events, handoffs, model, session, tracing } = context;
  const { agent, budget, journal, signal, stopping, parentStepId } =
    context.task;
  const { node, depth } = context.task;
  const { toolChoice } = agent.spec.modelSettings ?? {};
  // Agents that a node has asked stand under its step, and are no nodes themselves.
  const nodePath = node?.depth === depth ? node.path : undefined;
  const toolCallIds = journal.callIds;
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
  const beginStep = () => {
    signal.throwIfAborted();
    if (stopping.aborted) {
      throw new RunLetGo();
    }
  };

  return createMiddleware({
    name: 'AgentPortalSteps',
    wrapModelCall: async (request, handler) => {
      beginStep();
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
    },
    wrapToolCall: async (request, handler) => {
      beginStep();
      const { name, args, id = randomUUID() } = request.toolCall;
      const loaded = session.byModelName.get(name);
      const handoff = handoffs.get(name);
      const toolName = shownName(name);
      const before = earlierCall(journal.begun, id);
      if (before?.answer !== undefined) {
        await handoff?.forget(id);
        return new ToolMessage({
          id: before.answerId,
          content: before.answer,
          tool_call_id: id,
          name,
          status: before.failed ? 'error' : 'success',
        });
      }
      const suspended = before?.suspended;
      if (!suspended) {
        budget.beginToolCall(toolName, args);
      }
      const idempotencyKey = hash(
        'sha256',
        `${context.task.checkpoints} ${id}`,
      );
      const isCut = before && !suspended && loaded && !loaded.isRepeatable;
      // A call that people were asked about was not made before they had decided.
      const outcome = isCut
        ? await waitOut(
            () =>
              approvals.outcomeOf(
                approvalRequestKey(context.task.runId, idempotencyKey),
              ),
            signal,
          )
        : undefined;
      const approvalId = suspended?.approval?.id ?? outcome?.id;
      const decide = async () =>
        approvalId === undefined
          ? undefined
          : waitOut(
              () =>
                decideSuspendedCall(approvals, {
                  approvalId,
                  args,
                  toolName,
                  toolCallId: id,
                }),
              signal,
            );
      const { message: asked, messageId: parentMessageId } = whereAsked(
        id,
        request.state.messages,
      );
      const begun =
        suspended ??
        journal.startStep({
          ...describeTool(loaded, handoff, name),
          call: { message: asked, id },
          parentId: parentStepId,
          nodePath,
        });
      if (outcome?.status === 'pending') {
        journal.suspendStep(begun, toStepApproval(outcome));
        await journal.flush();
      }
      const decided = await decide();
      const step =
        suspended || decided
          ? journal.resumeStep({
              ...begun,
              ...(decided && { approval: decided.approval }),
            })
          : begun;
      if (!suspended) {
        events.toolCall({
          id,
          name: toolName,
          parentMessageId,
          message: asked,
        });
      }
      // What is about to be done is on record before it is done.
      await journal.flush();
      const call: GatewayCall = {
        step: step.index,
        stepId: step.id,
        callId: id,
        ...(loaded && {
          idempotencyKey,
          grant: decided?.grant,
          provenance: provenanceOf(decided?.args ?? args, {
            messages: request.state.messages,
            fromPerson: context.task.depth === 0 && !context.task.isTriggered,
            toolRefOf: modelName => session.byModelName.get(modelName)?.ref,
          }),
        }),
      };
      let answer: ToolMessage;
      try {
        const result = await tracing.startActiveSpan(
          handoff
            ? `invoke_agent ${handoff.agent.name}`
            : `execute_tool ${toolName}`,
          {
            kind: handoff ? 'internal' : 'client',
            attributes: handoff
              ? {
                  'gen_ai.operation.name': 'invoke_agent',
                  'gen_ai.agent.id': handoff.agent.ref,
                  'gen_ai.agent.name': handoff.agent.name,
                }
              : {
                  'gen_ai.operation.name': 'execute_tool',
                  'gen_ai.tool.name': toolName,
                  'gen_ai.tool.call.id': id,
                },
          },
          () =>
            throughGateway(
              call,
              signal,
              async () => {
                if (decided?.refusal) {
                  call.toolResult = decided.refusal;
                  return refusedCall(decided.refusal, request.toolCall);
                }
                if (isCut && !decided) {
                  throw effectUnknown(toolName);
                }
                return handler({
                  ...request,
                  toolCall: {
                    ...request.toolCall,
                    args: decided?.args ?? args,
                  },
                });
              },
              // A grant is good for one call, whatever the tool promises.
              { isRepeatable: loaded?.isRepeatable && !decided?.grant },
            ),
        );
        if (call.toolResult?.approval) {
          throw waitForPeople(
            toWait(call.toolResult.approval, { toolName, toolCallId: id }),
          );
        }
        const { content, status } = result as ToolMessage;
        // Made anew: what is set on a message later is not in its checkpoint.
        answer = new ToolMessage({
          id: randomUUID(),
          content: decided?.note ? `${decided.note}\n${content}` : content,
          tool_call_id: id,
          name,
          status: call.toolResult?.isError ? 'error' : status,
        });
      } catch (error) {
        const stop = stopOf(signal);
        if (stop) {
          journal.endStep(step, { error: stop.toRunError() });
        }
        signal.throwIfAborted();
        const letGo = findLetGo(error);
        if (letGo) {
          throw letGo;
        }
        const interrupt = findInterrupt(error);
        if (interrupt) {
          journal.suspendStep(
            step,
            call.toolResult?.approval &&
              toStepApproval(call.toolResult.approval),
          );
          await journal.flush();
          throw waitForPeople(...interrupt.waits);
        }
        const isUnknown = loaded && isBroken(error, call);
        if (loaded && !isUnknown && isGatewayOut(error, call)) {
          const failure = toolsUnavailable(call, error);
          journal.endStep(step, { error: failure.toRunError() });
          throw failure;
        }
        answer = new ToolMessage({
          id: randomUUID(),
          content: isUnknown
            ? effectUnknown(toolName).message
            : describeError(error, toolName),
          tool_call_id: id,
          name,
          status: 'error',
        });
      }
      const message = keep(answer);
      events.toolResult(id, message);
      journal.endStep(step, toolStepEnd(answer, message, call.toolResult));
      // On record before it has a checkpoint, and before what the other agent could
      // go on with is deleted.
      await journal.flush();
      // Whoever has lost the run meanwhile deletes nothing of it.
      signal.throwIfAborted();
      await handoff?.forget(id);
      return answer;
    },
  });
}

function refusedCall(
  { output }: NonNullable<GatewayCall['toolResult']>,
  { id = '', name }: { id?: string; name: string },
): ToolMessage {
  return new ToolMessage({
    content: output.content.map(({ text }) => text).join('\n'),
    tool_call_id: id,
    name,
    status: 'error',
  });
}

function toolCallsOf(message: BaseMessage) {
  return (AIMessage.isInstance(message) && message.tool_calls) || [];
}

function describeTool(
  loaded: LoadedTool | undefined,
  handoff: Handoff | undefined,
  name: string,
) {
  if (handoff) {
    return {
      kind: 'agent' as const,
      name: handoff.agent.ref,
      title: handoff.agent.title,
    };
  }
  return {
    kind: 'tool' as const,
    name: loaded?.gatewayName ?? name,
    title: loaded?.title,
    toolRef: loaded?.ref,
    riskTier: loaded?.riskTier,
  };
}

/**
 * Whether the gateway itself is out or refuses everything for now. A refusal of
 * one tool, or a tool that fails, comes inside MCP and is told to the model.
 */
function isGatewayOut(error: unknown, call: GatewayCall): boolean {
  if (call.refusal) {
    return true;
  }
  return call.responseHeaders === undefined && systemCode(error) !== undefined;
}

function describeError(error: unknown, toolName: string): string {
  const failure = findRunFailure(error);
  if (failure) {
    return failure.message;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `${toolName} failed: ${message}`;
}
