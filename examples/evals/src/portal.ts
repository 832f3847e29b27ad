import {
  FINAL_RUN_STATUSES,
  type RunStatus,
} from '@agentportal/plugin-orchestration-common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EvalCase } from './dataset';
import type { Outcome } from '@agentportal/plugin-evals-common';

/** Where the portal is and who asks. */
export interface PortalOptions {
  /** For example `http://localhost:7007`. */
  baseUrl: string;
  /** A Backstage token; without one the guest signs in. */
  token?: string;
  /** How long one answer may take, in milliseconds. Default: two minutes. */
  timeoutMs?: number;
}

interface Step {
  kind: string;
  name: string;
  toolRef?: string;
  input: unknown;
}

interface Run {
  id: string;
  status: RunStatus;
  threadId: string;
  output?: { message?: string };
  error?: { message?: string };
  steps: Step[];
}

async function guestToken(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/api/auth/guest/refresh`, {
    method: 'POST',
    headers: { 'x-requested-with': 'XMLHttpRequest' },
  });
  const body = (await response.json().catch(() => undefined)) as
    | { backstageIdentity?: { token?: string } }
    | undefined;
  const token = body?.backstageIdentity?.token;
  if (!token) {
    throw new Error(
      `The guest cannot sign in at ${baseUrl} (status ${response.status}). Give a token with --token or PORTAL_TOKEN.`,
    );
  }
  return token;
}

/** The arguments of a tool step; some runtimes wrap them. */
function argumentsOf(input: unknown): unknown {
  const value = typeof input === 'string' ? safeParse(input) : input;
  if (value && typeof value === 'object' && 'arguments' in value)
    return (value as { arguments: unknown }).arguments;
  if (value && typeof value === 'object' && 'args' in value)
    return (value as { args: unknown }).args;
  return value;
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Asks agents of a running portal, as runs through its API. */
export function createPortalDriver(options: PortalOptions) {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const timeoutMs = options.timeoutMs ?? 120_000;
  let token: string | undefined = options.token;
  let signedInAt = 0;

  const call = async (path: string, body?: unknown): Promise<any> => {
    // guest tokens live for an hour; a long evaluation outlives them
    if (!options.token && (!token || Date.now() - signedInAt > 20 * 60_000)) {
      token = await guestToken(baseUrl);
      signedInAt = Date.now();
    }
    const response = await fetch(`${baseUrl}/api/orchestration${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = (await response.json().catch(() => ({}))) as {
      error?: { message?: string };
    };
    if (!response.ok)
      throw new Error(
        answer.error?.message ?? `${path} answered ${response.status}`,
      );
    return answer;
  };

  const finished = async (id: string): Promise<Run> => {
    const until = Date.now() + timeoutMs;
    for (let wait = 60; ; wait = Math.min(wait * 1.5, 1000)) {
      const run = (await call(`/runs/${id}`)) as Run;
      if (FINAL_RUN_STATUSES.includes(run.status)) return run;
      if (Date.now() > until)
        throw new Error(
          `run ${id} is still ${run.status} after ${timeoutMs} ms`,
        );
      await sleep(wait);
    }
  };

  return {
    async ask(item: EvalCase): Promise<Outcome> {
      try {
        let threadId: string | undefined;
        let last: Run | undefined;
        for (const message of item.turns) {
          const created = await call('/runs', {
            agentRef: item.agentRef,
            input: { message },
            ...(threadId ? { threadId } : {}),
          });
          last = await finished(created.id);
          threadId = created.threadId ?? last.threadId;
        }
        return {
          calls: (last?.steps ?? [])
            .filter(step => step.kind === 'tool')
            .map(step => ({
              tool: step.toolRef ?? step.name,
              arguments: argumentsOf(step.input),
            })),
          answer: last?.output?.message ?? last?.error?.message ?? '',
        };
      } catch (error) {
        return { calls: [], answer: '', failure: (error as Error).message };
      }
    },
    async stop() {},
  };
}
