import { RUN_STEP_HEADER } from '@agentportal/plugin-agents-node';
import type { StepUsage } from '@agentportal/plugin-orchestration-common';
import type {
  AuthService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { AsyncLocalStorage } from 'node:async_hooks';

/** A refusal of a gateway, in its own words. */
export interface GatewayRefusal {
  status: number;
  message: string;
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
  /** Id of the tool call, as the model gave it. */
  callId?: string;
  /** Who said the texts that a tool is called with. */
  provenance?: Record<string, string[]>;
  /** Called with each piece of text that a model writes. */
  onText?: (text: string) => void;
  /** Why the model's answer ended, as the provider says it. */
  finishReason?: string;
  /** What the answer has used, as its stream told it. */
  usage?: StepUsage;
  /** Whether a request went out; only then can it have cost anything. */
  sent?: boolean;
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
  };
}

/**
 * The call that the current code runs for. LangChain and the SDKs stand between
 * a step and its HTTP request; this carries the step across them.
 */
export const gatewayCall = new AsyncLocalStorage<GatewayCall>();

const MAX_REFUSAL_BYTES = 16_384;

/**
 * A `fetch` that calls a gateway for a run, with a token of its delegation, which says
 * which agent works, on what and for whom. Only the step is said beside it.
 */
export function createGatewayFetch(options: {
  auth: AuthService;
  credentials: () => Promise<BackstageCredentials>;
  targetPluginId: 'models' | 'tools';
}): (url: string | URL | Request, init?: RequestInit) => Promise<Response> {
  return async (url, init) => {
    const call = gatewayCall.getStore();
    const { token } = await options.auth.getPluginRequestToken({
      onBehalfOf: await options.credentials(),
      targetPluginId: options.targetPluginId,
    });
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    if (call?.step !== undefined) {
      headers.set(RUN_STEP_HEADER, String(call.step));
    }
    if (call) {
      call.sent = true;
    }
    const response = await fetch(url, { ...init, headers });
    if (call) {
      call.responseHeaders = response.headers;
      call.refusal = response.ok ? undefined : await readRefusal(response);
    }
    return response;
  };
}

/** Reads the sentence out of Backstage's or OpenAI's error envelope. */
async function readRefusal(response: Response): Promise<GatewayRefusal> {
  const text = (await response.clone().text()).slice(0, MAX_REFUSAL_BYTES);
  let message: unknown;
  try {
    message = JSON.parse(text)?.error?.message;
  } catch {
    message = undefined;
  }
  return {
    status: response.status,
    message:
      typeof message === 'string' && message
        ? message
        : `It answered ${response.status} ${response.statusText}`.trim(),
  };
}
