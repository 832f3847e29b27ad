import {
  REHEARSAL_HEADER,
  RUN_STEP_HEADER,
} from '@agentportal/plugin-agents-node';
import type {
  RunWait,
  StepRehearsal,
  StepUsage,
} from '@agentportal/plugin-orchestration-common';
import { ServiceUnavailableError } from '@backstage/errors';
import { SdkErrorCode } from '@modelcontextprotocol/client';
import { AsyncLocalStorage } from 'node:async_hooks';
import { findCause } from './RunFailure';
import { waitOut } from './waitOut';

/** A refusal of a gateway, in its own words. */
export interface GatewayRefusal {
  status: number;
  message: string;
  /** Whether it is because a part of the portal is away, so that it will pass. */
  isOutage?: boolean;
}

/** What a tool gave back, as MCP has it. */
export interface ToolOutput {
  content: Array<{ type: string; text?: unknown }>;
  structuredContent?: unknown;
}

/** One call that is under way; what the gateway says on the side lands here. */
export interface GatewayCall {
  /** Index of the step on whose account the gateway is called. */
  step?: number;
  /** Id of that step; an agent that is handed work puts its steps under it. */
  stepId?: string;
  /** Aborted when it is to end, perhaps before the rest of the run. */
  signal?: AbortSignal;
  /** Id of the tool call, as the model gave it. */
  callId?: string;
  /** The same for the same call of a tool when it is made again. */
  idempotencyKey?: string;
  /** The grant of people who approved it. */
  grant?: string;
  /** Who said the texts that a tool is called with. */
  provenance?: Record<string, string[]>;
  /** Called with each piece of text that a model writes. */
  onText?: (text: string) => void;
  /** Why the model's answer ended, as the provider says it. */
  finishReason?: string;
  /** What the answer has used, as its stream told it. */
  usage?: StepUsage;
  /** Kinds of what the guard hid, as the stream told them. */
  hidden?: string[];
  /** Whether a request went out; only then can it have cost anything. */
  sent?: boolean;
  /** The connection failed before anything could be sent. */
  isUnreachable?: boolean;
  /** How much text has come so far. */
  receivedCharacters?: number;
  responseHeaders?: Headers;
  refusal?: GatewayRefusal;
  /** What a tool gave back, before it became text for the model. */
  toolResult?: {
    isError: boolean;
    output: ToolOutput;
    /** Present when the portal refused the call: the rules that did, if rules did. */
    refusedBy?: string[];
    /** Present when the tool was left alone, because it was a rehearsal. */
    rehearsed?: StepRehearsal;
    /** Present when people were asked whether it may be made. */
    approval?: Pick<RunWait, 'askedOf' | 'expiresAt' | 'title'> & {
      id: string;
      status: string;
    };
  };
}

/**
 * The call that the current code runs for. LangChain and the SDKs stand between
 * a step and its HTTP request; this carries the step across them.
 */
export const gatewayCall = new AsyncLocalStorage<GatewayCall>();

const MAX_REFUSAL_BYTES = 16_384;

/** With these a connection was never there. */
export const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** What Backstage's plugins and the model gateway call it when another part is away. */
const OUTAGES = new Set([
  ServiceUnavailableError.name,
  'access_unavailable',
  'gateway_unavailable',
]);

/**
 * A `fetch` that calls a gateway for a run, with a token of its delegation, which says
 * which agent works, on what and for whom. Only the step is said beside it, and in all
 * calls of a rehearsal that nothing may happen.
 */
export function createGatewayFetch(options: {
  isRehearsal: boolean;
  token: () => Promise<string>;
}): (url: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const call = gatewayCall.getStore();
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${await options.token()}`);
    if (call?.step !== undefined) {
      headers.set(RUN_STEP_HEADER, String(call.step));
    }
    if (options.isRehearsal) {
      headers.set(REHEARSAL_HEADER, 'true');
    }
    let response: Response;
    try {
      response = await fetch(url, { ...init, headers });
    } catch (error) {
      if (call) {
        call.isUnreachable = NOT_SENT.test(systemCode(error) ?? '');
        call.sent ||= !call.isUnreachable;
      }
      throw error;
    }
    if (call) {
      call.sent = true;
    }
    if (call) {
      call.responseHeaders = response.headers;
      call.refusal = response.ok ? undefined : await readRefusal(response);
    }
    return response;
  };
}

/**
 * Makes a call, and makes it again while the gateway cannot be reached, or lets nobody in
 * because another part of the portal is away: then nothing was done. Where a connection
 * broke, it is made again only if it may be made twice.
 *
 * @param signal - aborted when the run has no time left, or is stopped
 */
export async function throughGateway<T>(
  call: GatewayCall,
  signal: AbortSignal,
  work: () => Promise<T>,
  options: { isRepeatable?: boolean } = {},
): Promise<T> {
  call.signal = signal;
  const attempt = async () => {
    call.refusal = undefined;
    call.isUnreachable = undefined;
    try {
      return { answer: await gatewayCall.run(call, work) };
    } catch (error) {
      if (isAway(call) || (options.isRepeatable && isBroken(error, call))) {
        throw new ServiceUnavailableError('The gateway is away.', error);
      }
      return { error };
    }
  };
  const outcome = await waitOut(attempt, signal);
  if ('error' in outcome) {
    throw outcome.error;
  }
  return outcome.answer as T;
}

/** Whether it was refused, or not even sent, because a part of the portal is away. */
function isAway({ isUnreachable, refusal }: GatewayCall): boolean {
  return Boolean(isUnreachable || refusal?.isOutage);
}

/** Whether the connection broke after the call was sent, and before there was an answer. */
export function isBroken(error: unknown, call: GatewayCall): boolean {
  return Boolean(call.sent && !call.refusal && systemCode(error));
}

/** Whether the answer did not come in time; what was asked for may have been done. */
export function isTimedOut(error: unknown): boolean {
  return Boolean(
    findCause(
      error,
      each =>
        (each as { code?: unknown }).code === SdkErrorCode.RequestTimeout ||
        undefined,
    ),
  );
}

/** The system error under a failed connection, such as ECONNREFUSED. */
export function systemCode(error: unknown): string | undefined {
  return findCause(error, each => {
    const { code } = each as { code?: unknown };
    return typeof code === 'string' && /^(E[A-Z]+|UND_ERR_)/.test(code)
      ? code
      : undefined;
  });
}

/** Reads the sentence out of Backstage's or OpenAI's error envelope. */
async function readRefusal(response: Response): Promise<GatewayRefusal> {
  const text = (await response.clone().text()).slice(0, MAX_REFUSAL_BYTES);
  let error: { name?: unknown; code?: unknown; message?: unknown } | undefined;
  try {
    error = JSON.parse(text)?.error;
  } catch {
    error = undefined;
  }
  const message = error?.message;
  return {
    isOutage:
      response.status === 503 &&
      OUTAGES.has(String(error?.code ?? error?.name)),
    status: response.status,
    message:
      typeof message === 'string' && message
        ? message
        : `It answered ${response.status} ${response.statusText}`.trim(),
  };
}
