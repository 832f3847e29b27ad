import {
  AIMessage,
  SystemMessage,
  ToolMessage,
} from '@langchain/core/messages';
import type { TracingService } from '@backstage/backend-plugin-api/alpha';
import { createMiddleware } from 'langchain';
import { randomUUID } from 'node:crypto';
import type { Budget } from './Budget';
import { type GatewayCall, gatewayCall } from './gateway';
import type { Handoff } from './handoffs';
import {
  describeMessages,
  emptyAnswer,
  readModelCallFacts,
  toModelFailure,
} from './model';
import { findRunFailure } from './RunFailure';
import {
  type LoadedTool,
  type ToolSession,
  toolsUnavailable,
} from './ToolSession';
import { announceCall, announceResult, speak, type Voice } from './voice';

/** What the middleware needs to know of the agent whose steps it writes. */
export interface StepContext extends Voice {
  model: string;
  budget: Budget;
  session: ToolSession;
  handoffs: Map<string, Handoff>;
  tracing: TracingService;
  /** Told after each step, with the budget up to date. */
  onStep: () => Promise<void>;
  /** Step under which an agent works that was handed something. */
  parentStepId?: string;
  toolChoice?: 'auto' | 'required' | 'none';
}

/**
 * Stands round each model call and each tool call of an agent: holds it to its
 * budget, writes it down as a step, and turns what goes wrong into words.
 */
export function createStepMiddleware(context: StepContext) {
  let modelCalls = 0;
  let messageId = randomUUID();
  // People know tools by the names of the catalog, not by those for models.
  const shownName = (name: string) =>
    context.session.byModelName.get(name)?.gatewayName ??
    context.handoffs.get(name)?.agent.ref ??
    name;
  return createMiddleware({
    name: 'AgentPortalSteps',
    wrapModelCall: async (request, handler) => {
      context.signal.throwIfAborted();
      context.budget.beginModelCall();
      modelCalls += 1;
      messageId = randomUUID();
      const speech = speak(context, messageId);
      const step = context.journal.startStep({
        kind: 'model',
        name: context.model,
        input: {
          messages: describeMessages(
            [request.systemMessage, ...request.messages],
            shownName,
          ),
          tools: request.tools.map(({ name }) => shownName(String(name))),
          ...(context.session.missing.length
            ? { unavailableTools: context.session.missing }
            : {}),
        },
        parentId: context.parentStepId,
      });
      const call: GatewayCall = { step: step.index, onText: speech.say };
      try {
        const message = await context.tracing.startActiveSpan(
          `chat ${context.model}`,
          {
            kind: 'client',
            attributes: {
              'gen_ai.operation.name': 'chat',
              'gen_ai.request.model': context.model,
            },
          },
          () =>
            gatewayCall.run(call, () =>
              handler({
                ...request,
                // LangChain sends a list of parts; some servers want a string.
                systemMessage: new SystemMessage(request.systemMessage.text),
                // Forced on every call, a tool choice would never let it end.
                ...(context.toolChoice &&
                request.tools.length &&
                modelCalls === 1
                  ? { toolChoice: context.toolChoice }
                  : {}),
              }),
            ),
        );
        if (!AIMessage.isInstance(message)) {
          throw emptyAnswer();
        }
        const facts = readModelCallFacts(message, call);
        context.budget.spend(facts.usage);
        speech.end();
        context.journal.endStep(step, {
          ...facts,
          output: {
            message: message.text,
            ...(message.tool_calls?.length
              ? {
                  toolCalls: message.tool_calls.map(({ name, args }) => ({
                    name: shownName(name),
                    args,
                  })),
                }
              : {}),
          },
        });
        return message;
      } catch (error) {
        context.signal.throwIfAborted();
        const failure = toModelFailure(error, call);
        speech.end();
        context.journal.endStep(step, { error: failure.toRunError() });
        throw failure;
      } finally {
        speech.end();
        await context.onStep();
      }
    },
    wrapToolCall: async (request, handler) => {
      context.signal.throwIfAborted();
      const { name, args, id = randomUUID() } = request.toolCall;
      const loaded = context.session.byModelName.get(name);
      const handoff = context.handoffs.get(name);
      const toolName = shownName(name);
      context.budget.beginToolCall(toolName, args);
      const step = context.journal.startStep({
        ...describeTool(loaded, handoff, name),
        input: args,
        parentId: context.parentStepId,
      });
      announceCall(context, { id, name: toolName, args, messageId });
      const call: GatewayCall = { step: step.index, stepId: step.id };
      let answer: ToolMessage;
      try {
        const result = await context.tracing.startActiveSpan(
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
          () => gatewayCall.run(call, () => Promise.resolve(handler(request))),
        );
        answer = result as ToolMessage;
        if (call.toolResult?.isError) {
          answer.status = 'error';
        }
      } catch (error) {
        context.signal.throwIfAborted();
        if (loaded && isGatewayOut(error, call)) {
          const failure = toolsUnavailable(call, error);
          context.journal.endStep(step, { error: failure.toRunError() });
          throw failure;
        }
        answer = new ToolMessage({
          content: inWords(error, toolName),
          tool_call_id: id,
          name,
          status: 'error',
        });
      } finally {
        await context.onStep();
      }
      announceResult(context, id, answer.text);
      const failed = answer.status === 'error';
      context.journal.endStep(step, {
        output: call.toolResult?.output ?? { content: answer.text },
        ...(failed
          ? {
              error: {
                name: 'ToolError',
                message: answer.text.slice(0, 2_000),
              },
            }
          : {}),
      });
      return answer;
    },
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
  return call.responseHeaders === undefined && rootCause(error) !== undefined;
}

/** The system error under a failed connection, such as ECONNREFUSED. */
function rootCause(error: unknown): string | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 10; depth += 1) {
    const { code } = e as { code?: unknown };
    if (typeof code === 'string' && /^(E[A-Z]+|UND_ERR_)/.test(code)) {
      return code;
    }
    e = e.cause;
  }
  return undefined;
}

function inWords(error: unknown, toolName: string): string {
  const failure = findRunFailure(error);
  if (failure) {
    return failure.message;
  }
  const message = error instanceof Error ? error.message : String(error);
  return `${toolName} failed: ${message}`;
}
