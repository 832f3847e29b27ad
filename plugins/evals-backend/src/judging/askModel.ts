import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import type { z } from 'zod/v4';

const TIMEOUT_MS = 60_000;
const MAX_REPLY = 64_000;
const COST_HEADER = 'x-agent-portal-cost-nano-usd';

/** What a model is asked. */
export interface ModelQuestion {
  /** Entity ref of the model or route. */
  model: string;
  system: string;
  user: string;
  maxTokens: number;
}

/** Asks a model through its service, as this plugin. Gives its words, and what they cost in nano-USD also where it failed. */
export async function askModel(
  { auth, discovery }: { auth: AuthService; discovery: DiscoveryService },
  { maxTokens, model, system, user }: ModelQuestion,
  signal: AbortSignal,
): Promise<{ costNanoUsd: number; reply: () => string }> {
  const [{ token }, baseUrl] = await Promise.all([
    auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'models',
    }),
    discovery.getBaseUrl('models'),
  ]);
  const response = await fetch(`${baseUrl}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      model,
      temperature: 0,
      max_tokens: maxTokens,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: user },
      ],
    }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const cost = Number(response.headers.get(COST_HEADER));
  const text = (await response.text()).slice(0, MAX_REPLY);
  return {
    costNanoUsd: Number.isSafeInteger(cost) ? cost : 0,
    reply: () => {
      if (!response.ok) {
        throw new Error(`the model service answered ${response.status}`);
      }
      const completion = JSON.parse(text);
      return String(completion?.choices?.[0]?.message?.content ?? '');
    },
  };
}

/** A text that is data, between the lines of a tag; nothing in it ends or begins such a part. */
export function asData(tag: string, text: string, longest: number): string {
  return `<${tag}>\n${text
    .slice(0, longest)
    .replace(
      /<(?=[\s/]|answer|question|failure|instructions)/gi,
      '[',
    )}\n</${tag}>`;
}

/** The JSON in a reply, if it is of the form that was asked for. */
export function readJson<T extends z.ZodType>(
  reply: string,
  schema: T,
): z.output<T> | undefined {
  const from = reply.indexOf('{');
  const to = reply.lastIndexOf('}');
  if (from < 0 || to < from) {
    return undefined;
  }
  try {
    return schema.safeParse(JSON.parse(reply.slice(from, to + 1))).data;
  } catch {
    return undefined;
  }
}
