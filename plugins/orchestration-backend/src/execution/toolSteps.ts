import { approvalRequestKey } from '@agentportal/plugin-tools-common';
import { ToolMessage } from '@langchain/core/messages';
import type { WrapToolCallHook } from 'langchain';
import { hash, randomUUID } from 'node:crypto';
import { effectUnknown, findLetGo, findRunFailure, stopOf } from './RunFailure';
import { type LoadedTool, toolsUnavailable } from './ToolSession';
import {
  decideSuspendedCall,
  toStepApproval,
  toWait,
} from './decideSuspendedCall';
import { earlierCall } from './earlierCall';
import {
  type GatewayCall,
  isBroken,
  isTimedOut,
  systemCode,
  throughGateway,
} from './gateway';
import type { Handoff } from './handoffs';
import { findInterrupt, waitForPeople } from './interrupts';
import { provenanceOf } from './provenance';
import { isReadCall, toolStepEnd } from './toolStepEnd';
import { waitOut } from './waitOut';
import type { StepContext } from './stepMiddleware';
import type { StepRecord } from './StepRecord';

/** Stands round each call of a tool or of another agent. */
export function toolSteps(
  context: StepContext,
  record: StepRecord,
): WrapToolCallHook {
  const { approvals, events, handoffs, session, task, tracing } = context;
  const { budget, journal, parentStepId, signal } = task;
  const { keep, nodePath, shownName, whereAsked } = record;
  return async (request, handler) => {
    record.begin();
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
    const idempotencyKey = hash('sha256', `${task.checkpoints} ${id}`);
    const isCut = before && !suspended && loaded && !loaded.isRepeatable;
    // A call that people were asked about was not made before they had decided.
    const outcome = isCut
      ? await waitOut(
          () =>
            approvals.outcomeOf(approvalRequestKey(task.runId, idempotencyKey)),
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
          fromPerson: task.depth === 0 && !task.isTriggered,
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
          call.toolResult?.approval && toStepApproval(call.toolResult.approval),
        );
        await journal.flush();
        throw waitForPeople(...interrupt.waits);
      }
      const isUnknown =
        loaded &&
        (isBroken(error, call) || (!loaded.isRepeatable && isTimedOut(error)));
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
    budget.endToolCall({
      name: toolName,
      args,
      answer: answer.text,
      hasFailed: answer.status === 'error',
      isRead: isReadCall({
        rehearsed: call.toolResult?.rehearsed,
        riskTier: loaded?.riskTier,
      }),
    });
    // On record before it has a checkpoint, and before what the other agent could
    // go on with is deleted.
    await journal.flush();
    // Whoever has lost the run meanwhile deletes nothing of it.
    signal.throwIfAborted();
    await handoff?.forget(id);
    return answer;
  };
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
