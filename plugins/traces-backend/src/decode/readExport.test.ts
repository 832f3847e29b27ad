import { randomBytes } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { exportOf, newTraceId, pair, span } from '../__testUtils__/payloads';
import { readExport } from './readExport';

const NOW = Date.now();

function read(payload: unknown, options: { keepsContent?: boolean } = {}) {
  const result = readExport({
    format: 'json',
    body: Buffer.from(
      typeof payload === 'string' ? payload : JSON.stringify(payload),
    ),
    keepsContent: false,
    maxSpans: 1_000,
    earliestUs: (NOW - 86_400_000) * 1_000,
    latestUs: (NOW + 600_000) * 1_000,
    ...options,
  });
  const spans = result.traces.flatMap(trace => trace.spans);
  const details = Object.assign(
    {},
    ...result.traces.map(trace =>
      JSON.parse(zstdDecompressSync(trace.details).toString()),
    ),
  );
  return { ...result, spans, details };
}

/** The facts of one span with these attributes. */
function facts(attributes: Record<string, unknown>, name?: string) {
  return read(exportOf([span({ attributes, name })])).spans[0];
}

describe('spans of every convention', () => {
  it.each([
    [
      'GenAI of today',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5',
        'gen_ai.response.model': 'gpt-5-2026',
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.output_tokens': 20,
        'gen_ai.usage.cache_read.input_tokens': 60,
        'gen_ai.usage.cache_write.input_tokens': 10,
        'gen_ai.conversation.id': 'c1',
      },
      {
        kind: 'model',
        model: 'gpt-5-2026',
        provider: 'openai',
        inputTokens: 100,
        outputTokens: 20,
        cacheReadTokens: 60,
        cacheWriteTokens: 10,
        session: 'c1',
      },
    ],
    [
      'GenAI of before',
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.system': 'Anthropic',
        'gen_ai.request.model': 'claude',
        'gen_ai.usage.prompt_tokens': 7,
        'gen_ai.usage.completion_tokens': 3,
        'gen_ai.usage.cache_creation.input_tokens': 2,
      },
      {
        kind: 'model',
        provider: 'anthropic',
        inputTokens: 7,
        outputTokens: 3,
        cacheWriteTokens: 2,
      },
    ],
    [
      'OpenInference',
      {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'gpt-5',
        'llm.provider': 'openai',
        'llm.token_count.prompt': 12,
        'llm.token_count.completion': 4,
        'llm.token_count.prompt_details.cache_read': 8,
        'llm.cost.total': 0.00025,
        'session.id': 's1',
        'user.id': 'user:default/dana',
      },
      {
        kind: 'model',
        model: 'gpt-5',
        inputTokens: 12,
        outputTokens: 4,
        cacheReadTokens: 8,
        costNanoUsd: 250_000,
        session: 's1',
        claimedUser: 'user:default/dana',
      },
    ],
    [
      'OpenLLMetry, a tool of CrewAI',
      {
        'traceloop.span.kind': 'tool',
        'traceloop.entity.name': 'search',
        'traceloop.association.properties.session_id': 's2',
      },
      { kind: 'tool', tool: 'search', session: 's2' },
    ],
    [
      'OpenLLMetry, a model before it had operations',
      {
        'llm.request.type': 'chat',
        'llm.request.model': 'llama',
        'llm.usage.prompt_tokens': 5,
        'llm.usage.completion_tokens': 6,
      },
      { kind: 'model', model: 'llama', inputTokens: 5, outputTokens: 6 },
    ],
    [
      'the Vercel AI SDK, a call',
      {
        'ai.operationId': 'ai.streamText.doStream',
        'ai.model.id': 'gpt-5',
        'ai.model.provider': 'openai.chat',
        'ai.usage.promptTokens': 9,
        'ai.usage.completionTokens': 1,
        'ai.usage.cachedInputTokens': 4,
      },
      {
        kind: 'model',
        model: 'gpt-5',
        provider: 'openai.chat',
        inputTokens: 9,
        outputTokens: 1,
        cacheReadTokens: 4,
      },
    ],
    [
      'the Vercel AI SDK, round its calls',
      {
        'ai.operationId': 'ai.streamText',
        'ai.telemetry.functionId': 'helper',
      },
      { kind: 'agent', agentName: 'helper' },
    ],
    [
      'the Vercel AI SDK, a tool',
      { 'ai.operationId': 'ai.toolCall', 'ai.toolCall.name': 'weather' },
      { kind: 'tool', tool: 'weather' },
    ],
    [
      'LangSmith',
      { 'langsmith.span.kind': 'retriever', 'langsmith.trace.session_id': 'x' },
      { kind: 'retrieval', session: 'x' },
    ],
    [
      'a guard',
      { 'gen_ai.operation.name': 'run_guardrail' },
      { kind: 'guard' },
    ],
    [
      'an agent of this portal',
      {
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.agent.id': 'agent:default/Desk',
        'gen_ai.agent.name': 'desk',
      },
      {
        kind: 'agent',
        claimedAgentRef: 'agent:default/desk',
        agentName: 'desk',
      },
    ],
    ['anything else', { 'http.method': 'GET' }, { kind: 'other' }],
  ])('%s', (_, attributes, expected) => {
    expect(facts(attributes)).toMatchObject(expected);
  });

  it('counts cached tokens once, whether the sender counts them as input or not', () => {
    const tokens = (input: number) =>
      facts({
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': input,
        'gen_ai.usage.cache_read_input_tokens': 90,
      }).inputTokens;
    expect(tokens(100)).toBe(100);
    expect(tokens(10)).toBe(100);
  });

  it.each([-5, 1e300, 0.5, 'many'])('takes no cost or tokens from %p', bad => {
    const found = facts({
      'gen_ai.operation.name': 'chat',
      'agentportal.cost_nano_usd': bad,
      'gen_ai.usage.output_tokens':
        typeof bad === 'number' && bad > 0 && bad < 1 ? 'x' : bad,
    });
    expect(found.costNanoUsd).toBeUndefined();
    expect(found.outputTokens).toBeUndefined();
  });

  it.each([
    'openinference.span.kind',
    'traceloop.span.kind',
    'gen_ai.operation.name',
  ])('takes no kind from what every object has, in %s', name => {
    expect(facts({ [name]: 'constructor' }).kind).toBe('other');
    expect(facts({ [name]: '__proto__' }).kind).toBe('other');
  });

  it('has no more tokens than what a column takes', () => {
    const { inputTokens = 0 } = facts({
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 4e8,
      'gen_ai.usage.cache_read_input_tokens': 9e8,
      'gen_ai.usage.cache_creation_input_tokens': 9e8,
    });
    expect(inputTokens).toBeLessThan(2 ** 31);
  });

  it('says what a span failed of', () => {
    const failed = read(
      exportOf([
        {
          ...span({ failed: true }),
          events: [
            {
              name: 'exception',
              timeUnixNano: `${NOW}000000`,
              attributes: [pair('exception.type', 'TimeoutError')],
            },
          ],
        },
        span({ attributes: { 'error.type': 'rate_limit' } }),
        span({ failed: true }),
      ]),
    ).spans.map(({ error }) => error);
    expect(failed).toEqual(['TimeoutError', 'rate_limit', 'error']);
  });
});

describe('what is kept of what was said', () => {
  const said = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.input.messages': JSON.stringify([
      { role: 'user', content: 'My salary is secret', password: 'hunter22' },
    ]),
    'gen_ai.usage.input_tokens': 5,
    'input.value': 'use sk-abcdefghijklmnopqrstuvwx please',
    'llm.output_messages.0.message.content': 'Dear Dana',
    custom: 'A long text that some program puts anywhere. '.repeat(10),
    short: 'eu-west-1',
  };

  it('is nothing unless it is allowed, whatever its name', () => {
    const { details, spans } = read(
      exportOf([span({ attributes: said, failed: true })]),
    );
    const text = JSON.stringify(details);
    expect(text).not.toMatch(/salary|sk-abc|Dana|some program|It broke/);
    expect(details[spans[0].spanId]).toMatchObject({
      attributes: { short: 'eu-west-1', 'gen_ai.usage.input_tokens': 5 },
      leftOut: expect.any(Number),
    });
    expect(details[spans[0].spanId].leftOut).toBeGreaterThan(500);
  });

  it('is all of it without secrets where it is allowed', () => {
    const { details } = read(exportOf([span({ attributes: said })]), {
      keepsContent: true,
    });
    const text = JSON.stringify(details);
    expect(text).toMatch(/My salary is secret.*Dear Dana.*some program/);
    expect(text).not.toMatch(/hunter22|sk-abc/);
  });

  it.each([
    [{ 'input.value': ' Where is\n my \u0007order? ' }, 'Where is my order?'],
    [
      {
        'gen_ai.input.messages': JSON.stringify([
          { role: 'system', parts: [{ type: 'text', content: 'Be kind' }] },
          { role: 'user', parts: [{ type: 'text', content: 'Refund it' }] },
          { role: 'assistant', parts: [] },
        ]),
      },
      'Refund it',
    ],
    [
      { 'ai.prompt': '{"messages":[{"role":"user","content":"Hi 😀"}]}' },
      'Hi 😀',
    ],
    [{ 'traceloop.entity.input': '{"inputs":{"question":"Why?"}}' }, 'Why?'],
    [{ 'input.value': `${'a'.repeat(118)}😀 b` }, `${'a'.repeat(118)}…`],
    [{ 'input.value': '[[[', 'gen_ai.prompt': '{}' }, '[[['],
    [{ 'gen_ai.request.model': 'gpt' }, undefined],
  ])('gives the trace of %j the title %j', (attributes, title) => {
    const payload = exportOf([span({ attributes })]);
    expect(read(payload, { keepsContent: true }).spans[0].title).toBe(title);
    expect(read(payload).spans[0].title).toBeUndefined();
    expect(read(payload).traces[0].words).toBeUndefined();
  });

  it('is found by its words, of which there are not too many, and by no secret', () => {
    const wordsOf = (value: string) =>
      read(
        exportOf([
          span({ attributes: { 'output.value': value, 'service.x': 'fact' } }),
        ]),
        { keepsContent: true },
      ).traces[0].words;
    expect(
      wordsOf('[{"role":"user","content":"ＰＡＲＣＥＬ, naïve parcel! 退货"}]'),
    ).toEqual(['user', 'parcel', 'naïve', '退货']);
    expect(wordsOf('key sk-abcdefghijklmnopqrstuvwx end')).toEqual([
      ...['key', 'end'],
    ]);
    const many = Array.from({ length: 9_000 }, (_, i) => `w${i}`).join(' ');
    expect(wordsOf(many)).toHaveLength(1_000);
  });

  it('has no secrets in lists and in names of events', () => {
    const headers = {
      'http.request.header.cookie': ['session=hunter22'],
      'http.request.header.x-api-key': ['hunter22'],
    };
    const { details } = read(
      exportOf([
        {
          ...span({ attributes: headers }),
          events: [{ name: 'sk-abcdefghijklmnopqrstuvwx' }],
        },
      ]),
    );
    expect(JSON.stringify(details)).not.toMatch(/hunter22|sk-abc/);
  });

  it('is the head and the tail of what is too long, and no Base64', () => {
    const { details, spans } = read(
      exportOf([
        span({
          attributes: {
            'input.value': `head ${'x y '.repeat(300_000)} tail`,
            image: randomBytes(30_000).toString('base64'),
          },
        }),
      ]),
      { keepsContent: true },
    );
    const { attributes, leftOut } = details[spans[0].spanId];
    expect(attributes['input.value']).toMatch(
      /^head .*\n… \d+ characters left out …\n.* tail$/s,
    );
    expect(attributes['input.value'].length).toBeLessThan(66_000);
    expect(attributes.image).toMatch(/^<40000 characters of Base64>$/);
    expect(leftOut).toBeGreaterThan(1_100_000);
  });
});

describe('broken exports', () => {
  it.each(['', 'hello', '{"resourceSpans":', '[1]', '{"resourceSpans":[7]}'])(
    'say what is wrong with %p',
    body => {
      expect(read(body)).toMatchObject({
        problem: expect.stringMatching(/ExportTraceServiceRequest in json/),
      });
    },
  );

  it('say what is wrong with protobuf that is none', () => {
    const result = readExport({
      format: 'protobuf',
      body: Buffer.from('ffffffffffffff', 'hex'),
      keepsContent: false,
      ...{ maxSpans: 10, earliestUs: 0, latestUs: 1e18 },
    });
    expect(result.problem).toMatch(/in protobuf: /);
  });

  it('are taken in part, with counts and reasons', () => {
    const good = span();
    const { rejected, spans } = read(
      exportOf([
        good,
        // The same once more.
        good,
        { ...span(), traceId: 'nonsense' },
        { ...span(), spanId: '0000000000000000' },
        { body: 'a log and no span' },
        null as never,
        span({ start: NOW - 2 * 86_400_000 }),
        span({ start: NOW + 3_600_000 }),
        { ...span(), startTimeUnixNano: 'yesterday' },
        { ...span(), attributes: 'none', name: 7, events: { a: 1 } },
      ]),
    );
    expect(rejected).toEqual({
      'no valid trace id and span id': 4,
      'older than what is kept': 1,
      'starts in the future': 1,
      'no start time': 1,
    });
    expect(spans.map(({ name }) => name)).toEqual(['work', 'unnamed']);
  });

  it('have the duration 0 where a clock was turned back', () => {
    const { details, spans } = read(exportOf([span({ ms: -50 })]));
    expect(spans[0]).toMatchObject({ durationUs: 0, clockSkewed: true });
    expect(details[spans[0].spanId].clockSkewed).toBe(true);
  });

  it('cost no more than one span, however deep and many their values are', () => {
    let deep: object = { stringValue: 'x' };
    for (let i = 0; i < 1_000; i += 1) {
      deep = { arrayValue: { values: [deep] } };
    }
    const { spans } = read(
      exportOf([
        { ...span(), attributes: [{ key: 'deep', value: deep }] },
        {
          ...span(),
          attributes: Array.from({ length: 50_000 }, (_, i) =>
            pair(`k${i}`, i),
          ),
        },
        { ...span(), attributes: [pair('__proto__', { polluted: true })] },
      ]),
    );
    expect(spans).toHaveLength(3);
    expect(({} as any).polluted).toBeUndefined();
  });

  it('have names that every database gives back as it got them', () => {
    const { spans } = read(
      exportOf([
        span({ name: `${'n'.repeat(199)}\u{1f600}` }),
        span({ attributes: { 'gen_ai.system': '\u0130'.repeat(200) } }),
      ]),
    );
    expect(spans[0].name.isWellFormed()).toBe(true);
    expect(spans[1].provider!.length).toBeLessThanOrEqual(200);
  });

  it('have costs that can be added up', () => {
    expect(
      facts({ 'agentportal.cost_nano_usd': Number.MAX_SAFE_INTEGER }),
    ).not.toHaveProperty('costNanoUsd');
  });

  it('become no more than they were, whatever all of their spans share', () => {
    const traceId = newTraceId();
    const names = Array.from({ length: 200 }, (_, i) => `${i}`.repeat(700));
    const resource = Object.fromEntries([
      ...names.map(name => [name, 'x']),
      ...names.map((_, i) => [`a.${i}`, 'x'.repeat(250)]),
    ]);
    const { details } = read(
      exportOf(
        Array.from({ length: 50 }, () => ({
          ...span({ traceId }),
          events: [{ name: 'n'.repeat(50_000), timeUnixNano: '1' }],
        })),
        resource,
      ),
    );
    expect(JSON.stringify(details).length).toBeLessThan(600_000);
  });

  it('are cut at the number of spans that one request may have', () => {
    const traceId = newTraceId();
    const { rejected, traces } = read(
      exportOf(Array.from({ length: 1_200 }, () => span({ traceId }))),
    );
    expect(rejected).toEqual({ 'more than 1000 spans in one request': 200 });
    expect(traces.map(({ spans }) => spans.length)).toEqual([500, 500]);
  });
});
