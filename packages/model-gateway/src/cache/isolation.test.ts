import fc from 'fast-check';
import type { Caller } from '../ports';
import { chatCompletions } from '../formats/chatCompletions';
import { messages } from '../formats/anthropic/messages';
import { responses } from '../formats/responses/responses';
import type { JsonObject } from '../providers/ModelProvider';
import { AnswerCache } from './AnswerCache';
import type { AskedCall } from './recalled';
import { lexicalEmbeddings } from './lexicalEmbedding';
import { MemoryCacheStore } from './MemoryCacheStore';

const clock = { now: () => 1_000_000 };
const QUESTION = 'How do I reset my password?';
const PARAPHRASE = 'How can I reset my password?';

/** Everything that two calls can differ in. */
interface Situation {
  userRef: string;
  agentRef?: string;
  keyId?: string;
  ownerRef?: string;
  shared: boolean;
  dataClassification?: 'public' | 'internal' | 'confidential';
  tenant: string;
  version?: string;
  /** As the caller names it. */
  model: string;
  /** Ids that the name stands for and the caller may use. */
  models: string[];
  route?: JsonObject;
  format: 'chat' | 'messages' | 'responses';
  system?: string;
  history: Array<{ role: string; content: string }>;
  /** Further members of the body. */
  body: JsonObject;
}

const FORMATS = { chat: chatCompletions, messages, responses };

function callOf(situation: Situation, question: string): AskedCall {
  const { body, format, history, model, models, system } = situation;
  const turns = [...history, { role: 'user', content: question }];
  const said: Record<Situation['format'], JsonObject> = {
    chat: {
      messages: system
        ? [{ role: 'system', content: system }, ...turns]
        : turns,
    },
    messages: { messages: turns, max_tokens: 9, ...(system && { system }) },
    responses: { input: turns, ...(system && { instructions: system }) },
  };
  const text = JSON.stringify({ model, ...said[format], ...body });
  const caller: Caller = {
    grant: undefined,
    account: {
      userRef: situation.userRef,
      agentRef: situation.agentRef,
      keyId: situation.keyId,
      ownerRef: situation.ownerRef,
    },
    settings: {
      dataClassification: situation.dataClassification,
      cache: { mode: 'semantic', shared: situation.shared },
    },
  };
  return {
    callId: 'c',
    caller,
    headers: {},
    request: FORMATS[format].read({
      text,
      headers: {},
      callId: 'c',
      receivedAt: 0,
    }).request,
    target: {
      models: models.map(id => ({ id } as any)),
      route: situation.route as any,
      unknown: [],
      leftOut: [],
    },
    signal: new AbortController().signal,
  };
}

/** Remembers an answer to a question of one situation, then asks in another. */
async function recalls(
  store: MemoryCacheStore,
  first: Situation,
  second: Situation,
  question: string,
): Promise<string> {
  const cacheOf = ({ tenant, version }: Situation) =>
    new AnswerCache({
      store,
      tenant,
      version,
      embeddings: lexicalEmbeddings,
      secret: 'secret',
      clock,
      logger: { warn: fail, error: fail },
    });
  const missed = await cacheOf(first).recall(callOf(first, QUESTION), 'chat');
  missed!.listener?.whole({
    body: JSON.stringify({
      choices: [{ message: { content: 'Ask IT.' }, finish_reason: 'stop' }],
    }),
    textBytes: 7,
  });
  missed!.keep?.(first.models[0], {
    usage: {
      inputUncached: 1,
      cacheRead: 0,
      cacheWrite: 0,
      outputText: 1,
      reasoning: 0,
    },
    costNanoUsd: 5,
    estimated: false,
  });
  await new Promise(setImmediate);
  const asked = await cacheOf(second).recall(callOf(second, question), 'chat');
  return asked!.headers['x-agent-portal-cache'].split(';')[0];
}

function fail(message: string, meta?: object): never {
  throw new Error(`${message} ${JSON.stringify(meta)}`);
}

const word = fc.stringMatching(/^[a-z]{1,6}$/);
const situations: fc.Arbitrary<Situation> = fc.record(
  {
    userRef: word.map(name => `user:default/${name}`),
    agentRef: word.map(name => `agent:default/${name}`),
    ownerRef: word,
    shared: fc.constant(false),
    dataClassification: fc.constantFrom('public', 'internal', 'confidential'),
    tenant: word,
    version: word,
    model: word,
    models: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
    format: fc.constantFrom('chat', 'messages', 'responses'),
    system: fc.string({ minLength: 1, maxLength: 20 }),
    history: fc.array(fc.tuple(word, word), { maxLength: 2 }).map(pairs =>
      pairs.flatMap(([asked, said]) => [
        { role: 'user', content: asked },
        { role: 'assistant', content: said },
      ]),
    ),
    body: fc.dictionary(
      word.map(name => `x_${name}`),
      fc.jsonValue({ maxDepth: 2 }).filter(isExact),
      { maxKeys: 3 },
    ),
  },
  {
    requiredKeys: [
      'userRef',
      'shared',
      'tenant',
      'model',
      'models',
      'format',
      'history',
      'body',
    ],
  },
) as fc.Arbitrary<Situation>;

/** Numbers that every parser reads alike; others are never remembered. */
function isExact(value: unknown): boolean {
  return !/\d{16}/.test(JSON.stringify(value));
}

const CHANGES: Record<string, (situation: Situation) => Situation> = {
  person: s => ({ ...s, userRef: `${s.userRef}x` }),
  agent: s => ({ ...s, agentRef: `${s.agentRef ?? 'agent:default/'}x` }),
  key: s => ({ ...s, keyId: `${s.keyId ?? 'key'}x` }),
  owner: s => ({ ...s, ownerRef: `${s.ownerRef ?? ''}x` }),
  classification: s => ({
    ...s,
    dataClassification:
      s.dataClassification === 'public' ? 'internal' : 'public',
  }),
  tenant: s => ({ ...s, tenant: `${s.tenant}x` }),
  'guard version': s => ({ ...s, version: `${s.version ?? ''}x` }),
  'model name': s => ({ ...s, model: `${s.model}x` }),
  'models behind the name': s => ({ ...s, models: [...s.models, 'another'] }),
  'rules of the route': s => ({ ...s, route: { name: 'r', retries: 2 } }),
  format: s => ({ ...s, format: s.format === 'chat' ? 'responses' : 'chat' }),
  'system prompt': s => ({ ...s, system: `${s.system ?? ''}.` }),
  'history, its last words': s => ({
    ...s,
    history: [
      ...s.history,
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ],
  }),
  'history, its first words': s => ({
    ...s,
    history: [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      ...s.history,
    ],
  }),
  'answer format': s => ({
    ...s,
    body: { ...s.body, response_format: { type: 'json_object' } },
  }),
  'length of the answer': s => ({ ...s, body: { ...s.body, max_tokens: 17 } }),
  temperature: s => ({ ...s, body: { ...s.body, temperature: 0.1 } }),
  seed: s => ({ ...s, body: { ...s.body, seed: 7 } }),
  'effort of reasoning': s => ({
    ...s,
    body: { ...s.body, reasoning_effort: 'high' },
  }),
  'member that nobody knows': s => ({
    ...s,
    body: { ...s.body, whatever_comes: { next: true } },
  }),
  sharing: s => ({ ...s, shared: !s.shared }),
};

describe('isolation of answers from memory', () => {
  it('finds the answer again where nothing differs but the wording', async () => {
    await fc.assert(
      fc.asyncProperty(situations, async situation => {
        const store = new MemoryCacheStore();
        await expect(
          recalls(store, situation, situation, QUESTION),
        ).resolves.toBe('exact');
        await expect(
          recalls(new MemoryCacheStore(), situation, situation, PARAPHRASE),
        ).resolves.toBe('semantic');
      }),
      { numRuns: 60 },
    );
  });

  it.each(Object.keys(CHANGES))('never crosses a change of %s', async name => {
    await fc.assert(
      fc.asyncProperty(
        situations,
        fc.constantFrom(QUESTION, PARAPHRASE),
        async (situation, question) => {
          const other = CHANGES[name](situation);
          await expect(
            recalls(new MemoryCacheStore(), situation, other, question),
          ).resolves.toMatch(/miss|bypass/);
          await expect(
            recalls(new MemoryCacheStore(), other, situation, question),
          ).resolves.toMatch(/miss|bypass/);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('never crosses any two situations that are not the same', async () => {
    await fc.assert(
      fc.asyncProperty(situations, situations, async (one, other) => {
        fc.pre(
          JSON.stringify(callOf(one, QUESTION)) !==
            JSON.stringify(callOf(other, QUESTION)),
        );
        await expect(
          recalls(new MemoryCacheStore(), one, other, QUESTION),
        ).resolves.toMatch(/miss|bypass/);
      }),
      { numRuns: 150 },
    );
  });

  it('shares between people only where the agent says so, and nothing personal', async () => {
    const dana: Situation = {
      userRef: 'user:default/dana',
      agentRef: 'agent:default/help',
      shared: true,
      tenant: 't',
      model: 'm',
      models: ['p/m'],
      format: 'chat',
      history: [],
      body: {},
    };
    const finn = { ...dana, userRef: 'user:default/finn' };
    const store = new MemoryCacheStore();
    // "my password" is somebody's.
    await expect(recalls(store, dana, finn, QUESTION)).resolves.toBe('bypass');

    const cache = new AnswerCache({
      store,
      tenant: 't',
      embeddings: lexicalEmbeddings,
      secret: 'secret',
      clock,
      logger: { warn: fail, error: fail },
    });
    const ask = async (situation: Situation) => {
      const call = callOf(situation, 'What is a purchase order?');
      const recalled = (await cache.recall(call, 'chat'))!;
      recalled.listener?.whole({
        body: JSON.stringify({
          choices: [{ message: { content: 'A form.' }, finish_reason: 'stop' }],
        }),
        textBytes: 7,
      });
      recalled.keep?.('p/m', {
        usage: {
          inputUncached: 1,
          cacheRead: 0,
          cacheWrite: 0,
          outputText: 1,
          reasoning: 0,
        },
        costNanoUsd: 5,
        estimated: false,
      });
      await new Promise(setImmediate);
      return recalled.headers['x-agent-portal-cache'];
    };
    expect(await ask(dana)).toBe('miss');
    expect(await ask(finn)).toBe('exact');
    expect(await ask({ ...finn, shared: false })).toBe('miss');
    // Without an agent or a key everybody is alone, whatever was agreed.
    const alone = { ...dana, agentRef: undefined };
    expect(await ask(alone)).toBe('miss');
    expect(await ask({ ...alone, userRef: finn.userRef })).toBe('miss');
  });
});
