import type {
  PortalClient,
  RawAnswer,
  RawRequest,
} from '../portal/PortalClient';
import { createInput } from './inputs';
import type { Operation } from './operations';
import type { Random } from './Random';

/** Inputs under way at once. */
const PARALLEL = 6;

/** APIs of others whose errors have the shape that their clients expect. */
const WIRE_FORMATS: [RegExp, (body: any) => unknown][] = [
  [/^\/api\/models\/openai\//, body => body.error?.message],
  [/^\/api\/models\/anthropic\//, body => body.error?.message],
  [/^\/api\/tools\/mcp/, body => body.error?.message ?? body.message],
];

/** What must stay readable for everybody who may read it, whatever was written. */
const LISTS: Record<string, string[]> = {
  agents: ['/agents', '/agents/facets'],
  models: [
    '/models',
    '/providers',
    '/costs?groupBy=agent',
    '/calls',
    '/budgets',
    '/routes',
    '/keys',
    '/rate-limits',
    '/cache',
  ],
  tools: ['/servers', '/tools'],
  orchestration: [
    '/runs',
    '/threads',
    '/stats?agentRef=agent%3Adefault%2Forder-desk',
  ],
  traces: ['/traces', '/sessions', '/series?groupBy=agent', '/tail'],
  evals: [
    '/data-sets',
    '/evaluations',
    '/feedback',
    '/reviews',
    '/scorecards',
    '/experiments',
    '/proposals',
    '/alarms',
  ],
  governance: ['/entries', '/stats', '/tree-heads', '/public-keys'],
};

export interface Finding {
  title: string;
  problem: string;
  /** The first input that showed it. */
  example: string;
  times: number;
}

export interface Caller {
  title: string;
  token?: string;
  /** How many times as often as others they ask. */
  times?: number;
}

const BUDGET = { window: 'day', limitNanoUsd: 1_000_000_000 };

/** Inputs that broke something once, asked by an administrator before all others. */
const ONCE_BROKEN: (RawRequest & { plugin: string })[] = [
  post('evals', '/feedback', { runId: '.', rating: 'down' }),
  ...['agent:default/😀', 'agent:default/\ud800', '😀'].flatMap(ref => [
    post('models', '/budgets', { scope: { type: 'agent', ref }, ...BUDGET }),
    post('models', '/rate-limits', {
      scope: { type: 'agent', ref },
      requestsPerMinute: 60,
    }),
  ]),
  ...[
    ['agents', '/agents/default/%F0%9F%98%80'],
    ['agents', '/agents/%2f/x'],
    ['agents', '/agents/default/%ff'],
    ['models', '/cache?agentRef=-1'],
    ['models', '/nothing/here'],
  ].flatMap(([plugin, path]) =>
    ['GET', 'DELETE'].map(method => ({
      plugin,
      method,
      path: `/api/${plugin}${path}`,
    })),
  ),
];

function post(plugin: string, path: string, body: object) {
  return {
    plugin,
    method: 'POST',
    path: `/api/${plugin}${path}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** Sends inputs to every operation, and says what no answer may be. */
export async function fuzz(options: {
  portal: PortalClient;
  operations: Operation[];
  callers: Caller[];
  random: Random;
  inputs: number;
}): Promise<{ findings: Finding[]; statuses: Record<string, number> }> {
  const { portal, operations, callers, random, inputs } = options;
  const findings = new Map<string, Finding>();
  const statuses: Record<string, number> = {};
  const report = (title: string, problem: string, example: string) => {
    const key = `${title}\n${problem.replace(
      /"[^"]*"|[0-9a-f]{8,}|\d+/g,
      '#',
    )}`;
    const known = findings.get(key);
    if (known) known.times += 1;
    else findings.set(key, { title, problem, example, times: 1 });
  };

  const settle = async (plugin: string) => {
    for (const { title: caller, token } of callers.filter(one => one.times)) {
      for (const list of LISTS[plugin]) {
        const path = `/api/${plugin}${list}`;
        const answer = await portal
          .send({
            method: 'GET',
            path,
            headers: { authorization: `Bearer ${token}` },
          })
          .catch(error => ({ status: 0, text: String(error) }));
        const allowed = caller === 'a guest' ? [200, 403] : [200];
        if (!allowed.includes(answer.status)) {
          report(
            `${plugin} lists`,
            `${list} cannot be read any more: ${answer.status}`,
            `as ${caller}: ${answer.text.slice(0, 300)}`,
          );
        }
      }
    }
  };

  const answerTo = async (
    title: string,
    { title: caller, token }: Caller,
    input: RawRequest,
  ) => {
    const answer = await portal
      .send(
        token
          ? {
              ...input,
              headers: { ...input.headers, authorization: `Bearer ${token}` },
            }
          : input,
      )
      .catch(error => error as Error);
    const problem =
      answer instanceof Error
        ? `no answer: ${answer.message}`
        : problemOf(input, answer);
    if (!(answer instanceof Error)) {
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    }
    if (problem) {
      report(title, problem, `as ${caller}: ${inShort(input)}`);
    }
  };
  const send = async (operation: Operation) => {
    const caller = random.pick(
      callers.flatMap(one => Array.from({ length: one.times ?? 1 }, () => one)),
    );
    await answerTo(operation.title, caller, createInput(operation, random));
  };
  const each = Math.ceil(inputs / operations.length);
  for (const plugin of new Set(operations.map(one => one.plugin))) {
    for (const input of ONCE_BROKEN.filter(one => one.plugin === plugin)) {
      await answerTo('once broken', callers.at(-1)!, input);
    }
    const queue = operations
      .filter(operation => operation.plugin === plugin)
      .flatMap(operation => Array.from({ length: each }, () => operation));
    await Promise.all(
      Array.from({ length: PARALLEL }, async () => {
        for (;;) {
          const operation = queue.pop();
          if (!operation) return;
          await send(operation);
        }
      }),
    );
    await settle(plugin);
  }
  return { findings: [...findings.values()], statuses };
}

function problemOf(input: RawRequest, answer: RawAnswer): string | undefined {
  const { status, text } = answer;
  if (status < 400) {
    return undefined;
  }
  let body: any;
  try {
    body = JSON.parse(text);
  } catch {
    return `${status} without JSON: ${text.slice(0, 80)}`;
  }
  if (/"stack"|\n\s+at .*(\.js|\.ts|node:)/.test(text)) {
    return `${status} with a stack trace`;
  }
  const [, wordsOf] =
    WIRE_FORMATS.find(([pattern]) => pattern.test(input.path)) ?? [];
  const words = wordsOf?.(body) ?? envelopeWords(body, status);
  if (typeof words !== 'string' || words.trim().length < 5) {
    return `${status} without words: ${text.slice(0, 120)}`;
  }
  // A neighbour that is not there is named by a code that programs can rely on.
  const expected = status < 500 || (status === 503 && body.error?.code);
  return expected ? undefined : `${status} ${words.slice(0, 160)}`;
}

/** The message of Backstage's envelope, when all of it is there. */
function envelopeWords(body: any, status: number): string | undefined {
  return body.error?.name && body.response?.statusCode === status
    ? body.error.message
    : undefined;
}

function inShort({ method, path, headers, body }: RawRequest): string {
  const shorten = (text: string) =>
    text.length > 300
      ? `${text.slice(0, 300)}… (${text.length} characters)`
      : text;
  return shorten(
    `${method} ${path} ${JSON.stringify(headers)} ${
      body === undefined ? '' : shorten(JSON.stringify(body))
    }`,
  );
}
