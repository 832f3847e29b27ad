import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { lastCall } from './calls';
import { FakeProvider } from './FakeProvider';
import { MeteredProvider } from './MeteredProvider';
import { startModels } from './startModels';

/** Header with the id of a call. */
export const CALL_ID = 'x-agent-portal-call-id';

/** Waits for what is true soon. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise(resolve => {
      setTimeout(resolve, 50);
    });
  }
}

/** Providers that may outlive several starts of the plugin. */
export async function createMetered() {
  const fake = await FakeProvider.create();
  const metered = await MeteredProvider.create();
  const close = async () => {
    await metered.close();
    await fake.close();
  };
  return { fake, metered, close };
}

/** Starts the real plugin in front of providers that say what they used. */
export async function startMetered(
  { fake, metered }: { fake: FakeProvider; metered: MeteredProvider },
  config: object = {},
  knex?: Knex,
) {
  const models = await startModels({
    fake,
    knex,
    models: {
      providers: [
        { id: 'fake', type: 'openai', baseUrl: `${fake.url}/v1` },
        { id: 'claude', type: 'anthropic', baseUrl: `${fake.url}/anthropic` },
        ...metered.providers,
      ],
      ...config,
    },
  });
  for (const id of [
    'metered/gpt-5.1',
    'google/gemini-2.5-flash',
    'sonnet/claude-sonnet-4-5',
  ]) {
    await until(async () => {
      const { body } = await models.get(`/models/${encodeURIComponent(id)}`);
      return body.status === 'available';
    });
  }
  const apiKey = mockCredentials.user.token();
  const openai = new OpenAI({
    baseURL: `${models.url}/openai/v1`,
    apiKey,
    maxRetries: 0,
  });
  const anthropic = new Anthropic({
    baseURL: `${models.url}/anthropic`,
    apiKey,
    maxRetries: 0,
  });
  /** Makes a call; returns its answer and its row in the ledger. */
  const ask = async (
    model: string,
    more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {},
  ) => {
    const { data, response } = await openai.chat.completions
      .create({
        model,
        messages: [{ role: 'user', content: 'Hello?' }],
        ...more,
      })
      .withResponse();
    const call = await lastCall(models, response.headers.get(CALL_ID));
    return { data, response, call };
  };
  return { models, openai, anthropic, ask };
}
