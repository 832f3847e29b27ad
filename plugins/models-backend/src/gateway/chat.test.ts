import OpenAI, { toFile } from 'openai';
import { mockCredentials } from '@backstage/backend-test-utils';
import { failureOf, lastCall } from '../__testUtils__/calls';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { SOUND } from '../__testUtils__/passedAnswers';
import { databases, route, startModels } from '../__testUtils__/startModels';

jest.setTimeout(120_000);

const messages = [{ role: 'user' as const, content: 'Hello' }];

/** Prices of what is not paid by tokens, or not only. */
const prices = [
  {
    model: 'fake/omni-moderation-latest',
    inputNanoUsdPerMillionTokens: 0,
    outputNanoUsdPerMillionTokens: 0,
  },
  { model: 'fake/rerank-v3.5', searchUnitNanoUsd: 2_000_000 },
  ...['dall-e-3', 'dall-e-many', 'dall-e-broken'].map(name => ({
    model: `fake/${name}`,
    imageNanoUsd: 40_000_000,
  })),
  {
    model: 'fake/gpt-image-1',
    inputNanoUsdPerMillionTokens: 5_000_000_000,
    inputImageNanoUsdPerMillionTokens: 10_000_000_000,
    outputNanoUsdPerMillionTokens: 0,
    outputImageNanoUsdPerMillionTokens: 40_000_000_000,
  },
  ...['tts-1', 'tts-cut', 'tts-page'].map(name => ({
    model: `fake/${name}`,
    characterNanoUsd: 15_000,
  })),
  { model: 'fake/whisper-1', audioMinuteNanoUsd: 6_000_000 },
  { model: 'fake/no-usage', gpuHourNanoUsd: 3_600_000 },
];

/** A form with a boundary of one letter. */
function form(...fields: ReadonlyArray<readonly [string, string]>): string {
  const parts = fields.map(
    ([name, value]) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"${
        name === 'file' ? '; filename="a.wav"' : ''
      }\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--b--\r\n`;
}

/** Silence at 8 kHz that says how long it is. */
function wave(seconds: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt16LE(8, 34);
  return Buffer.concat([head, Buffer.alloc(8_000 * seconds - head.length)]);
}

describe.each(databases.eachSupportedId())(
  'chat and embeddings on %s',
  databaseId => {
    let fake: FakeProvider;
    let models: Awaited<ReturnType<typeof startModels>>;
    let client: OpenAI;

    beforeAll(async () => {
      fake = await FakeProvider.create();
      models = await startModels({
        fake,
        databaseId,
        models: { prices },
        entities: [route('painters', ['fake/dall-e-broken', 'fake/dall-e-3'])],
      });
      client = new OpenAI({
        baseURL: `${models.url}/openai/v1`,
        apiKey: mockCredentials.user.token(),
        maxRetries: 0,
      });
    });

    afterAll(async () => {
      await models?.stop();
      await fake?.close();
    });

    it('answers a chat and books it with the price of the catalog', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'fake/good', messages })
        .withResponse();
      expect(data.choices[0].message.content).toBe('Hello there');
      // 600 uncached at 1 USD, 400 cached at 0.1 USD, 200 out at 10 USD a million
      const cost = 600_000 + 40_000 + 2_000_000;
      expect(response.headers.get('x-agent-portal-cost-nano-usd')).toBe(
        String(cost),
      );
      expect(response.headers.get('x-agent-portal-model')).toBe('fake/good');
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call).toMatchObject({
        status: 'succeeded',
        provider: 'fake',
        model: 'fake/good',
        userRef: 'user:default/mock',
        usage: {
          inputUncached: 600,
          cacheRead: 400,
          cacheWrite: 0,
          outputText: 150,
          reasoning: 50,
        },
        costNanoUsd: cost,
        estimated: false,
        attempt: 1,
      });
      expect(call.priceVersion).toMatch(/^catalog /);
      expect(call.ttfbMs).toBeLessThanOrEqual(call.durationMs);
    });

    it('passes fields that it does not know through unchanged, both ways', async () => {
      const body =
        '{ "model" : "fake/good","messages":[{"role":"user","content":"model"}], "seed": 12345678901234567890, "x": {"model":"inner"} }';
      const response = await fetch(`${models.url}/openai/v1/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${mockCredentials.user.token()}`,
          'content-type': 'application/json',
        },
        body,
      });
      expect(await response.text()).toContain(
        '"vendor_field":12345678901234567890',
      );
      expect(fake.last.text).toBe(body.replace('"fake/good"', '"good"'));
      expect(fake.last.headers.authorization).toBe('Bearer sk-test-secret');
      expect(
        Object.keys(fake.last.headers).filter(name =>
          name.startsWith('x-agent'),
        ),
      ).toEqual([]);
    });

    it('streams chunk by chunk and hides the usage chunk nobody asked for', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'fake/good', messages, stream: true })
        .withResponse();
      const chunks = [];
      for await (const chunk of data) {
        chunks.push(chunk);
      }
      expect(
        chunks.map(chunk => chunk.choices[0].delta.content ?? '').join(''),
      ).toBe('Hello');
      expect(chunks.every(chunk => !chunk.usage)).toBe(true);
      expect(fake.last.json.stream_options).toEqual({ include_usage: true });
      const call = await lastCall(
        models,
        response.headers.get('x-agent-portal-call-id'),
      );
      expect(call).toMatchObject({ costNanoUsd: 2_640_000, estimated: false });
    });

    it('tells the cost in the usage chunk of a caller who asked for it', async () => {
      const stream = await client.chat.completions.create({
        model: 'fake/good',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      let usage;
      for await (const chunk of stream) {
        usage = chunk.usage ?? usage;
      }
      expect(usage).toMatchObject({
        prompt_tokens: 1000,
        cost_nano_usd: 2_640_000,
      });
    });

    it('passes tool calls, whole and streamed', async () => {
      const whole = await client.chat.completions.create({
        model: 'fake/tools',
        messages,
      });
      expect(whole.choices[0].message.tool_calls).toHaveLength(1);
      const stream = client.chat.completions.stream({
        model: 'fake/tools',
        messages,
      });
      const final = await stream.finalMessage();
      expect(final.tool_calls?.[0]).toMatchObject({
        function: { name: 'find_order', arguments: '{"orderId":"A-1"}' },
      });
    });

    it('embeds at a provider and with the built-in model', async () => {
      const remote = await client.embeddings.create({
        model: 'fake/text-embedding-good',
        input: 'x',
        encoding_format: 'float',
      });
      expect(remote.data[0].embedding).toEqual([0.5, -0.5]);
      const builtIn = await client.embeddings.create({
        model: 'builtin/hashed-ngrams',
        input: 'where is my order',
      });
      expect(builtIn.data[0].embedding).toHaveLength(384);
    });

    const callOf = (response: { headers: Headers }) =>
      lastCall(models, response.headers.get('x-agent-portal-call-id'));

    it('books the time of a call on a machine that is paid by the hour', async () => {
      fake.moods.set('no-usage', { delayMs: 1_100 });
      const { response } = await client.chat.completions
        .create({ model: 'fake/no-usage', messages })
        .withResponse();
      const { costNanoUsd, durationMs, usage } = await callOf(response);
      expect(durationMs).toBeGreaterThanOrEqual(1_100);
      expect(usage.computeSeconds).toBe(Math.ceil(durationMs / 1_000));
      expect(costNanoUsd).toBe(usage.computeSeconds * 1_000);
    });

    const costOf = (response: { headers: Headers }) =>
      response.headers.get('x-agent-portal-cost-nano-usd');

    it('passes moderation and ranking on', async () => {
      const { flagged } = (
        await client.moderations.create({
          model: 'fake/omni-moderation-latest',
          input: 'I will hurt you',
        })
      ).results[0];
      expect(flagged).toBe(true);
      expect(fake.last.json).toEqual({
        model: 'omni-moderation-latest',
        input: 'I will hurt you',
      });
      const { data, response } = await client
        .post('/rerank', {
          body: {
            model: 'fake/rerank-v3.5',
            query: 'Where is my order?',
            documents: ['Sums', 'Orders'],
            top_n: 1,
          },
        })
        .withResponse();
      expect(data).toMatchObject({ results: [{ index: 1 }] });
      expect(costOf(response)).toBe('2000000');
      expect(await callOf(response)).toMatchObject({
        usage: { searchUnits: 1 },
        costNanoUsd: 2_000_000,
        estimated: false,
      });
    });

    it('books pictures by the piece or by their tokens, whichever the price says', async () => {
      const byPiece = await client.images
        .generate({ model: 'fake/dall-e-3', prompt: 'A lighthouse', n: 2 })
        .withResponse();
      expect(byPiece.data.data).toHaveLength(2);
      expect(costOf(byPiece.response)).toBe('80000000');
      expect(await callOf(byPiece.response)).toMatchObject({
        usage: { images: 2 },
        estimated: false,
      });
      const byOtherName = await client
        .post('/images/generations', {
          body: { model: 'fake/dall-e-3', prompt: 'A pier', batch_size: 3 },
        })
        .withResponse();
      expect(costOf(byOtherName.response)).toBe('120000000');
      const picture = Buffer.from('\r\n--picture\u00ff\r\n\r\n', 'latin1');
      const byToken = await client.images
        .edit({
          model: 'fake/gpt-image-1',
          prompt: 'At night',
          image: await toFile(picture, 'day.png', { type: 'image/png' }),
        })
        .withResponse();
      // 10 of text at 5 USD, 40 read at 10 USD, 4,160 made at 40 USD a million
      expect(costOf(byToken.response)).toBe(
        String(50_000 + 400_000 + 166_400_000),
      );
      expect(fake.last.text).toContain(picture.toString('latin1'));
      expect(fake.last.text).not.toContain('fake/');
    });

    it('speaks, by the character, while the sound is made', async () => {
      const response = await client.audio.speech.create({
        model: 'fake/tts-1',
        voice: 'alloy',
        input: 'Good morning 🌞',
      });
      expect(response.headers.get('content-type')).toBe('audio/mpeg');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(Buffer.from(await response.arrayBuffer())).toEqual(
        Buffer.concat(SOUND),
      );
      expect(await callOf(response)).toMatchObject({
        usage: { characters: 14 },
        costNanoUsd: 14 * 15_000,
        estimated: false,
      });
    });

    it('listens, by the minute that is told, else by how long the recording is', async () => {
      const file = await toFile(wave(60), 'call.wav', { type: 'audio/wav' });
      const told = await client.audio.transcriptions
        .create({ model: 'fake/whisper-1', file, language: 'en' })
        .withResponse();
      expect(told.data.text).toBe('Hello there');
      // 8.2 seconds are told, and begun ones count.
      expect(costOf(told.response)).toBe('900000');
      expect(fake.last.text).toContain('name="model"\r\n\r\nwhisper-1\r\n');
      expect(fake.last.text).toContain(wave(60).toString('latin1'));
      const { data, response } = await client.audio.transcriptions
        .create({ model: 'fake/whisper-1', file, response_format: 'text' })
        .withResponse();
      expect(data).toBe('Hello there');
      expect(await callOf(response)).toMatchObject({
        usage: { inputUncached: 0, outputText: 0, audioSeconds: 60 },
        costNanoUsd: 6_000_000,
        estimated: true,
      });
      // What has such a head may be read as what lies behind it.
      const other = await client.audio.transcriptions
        .create({
          model: 'fake/whisper-1',
          file: await toFile(wave(60), 'call.mp3', { type: 'audio/mpeg' }),
          response_format: 'text',
        })
        .withResponse();
      expect(await callOf(other.response)).toMatchObject({
        usage: { audioSeconds: 120 },
      });
    });

    it('goes on to the next painter, and never to a model of another kind', async () => {
      const { response } = await client.images
        .generate({ model: 'painters', prompt: 'A lighthouse' })
        .withResponse();
      expect(response.headers.get('x-agent-portal-model')).toBe(
        'fake/dall-e-3',
      );
      const { code } = await failureOf(
        client.images.generate({ model: 'fake/good', prompt: 'A lighthouse' }),
      );
      expect(code).toBe('operation_not_supported');
    });

    it('holds the most before it asks, and believes no more than that', async () => {
      const limit = async (model: string, limitNanoUsd: number) => {
        const { status } = await fetch(`${models.url}/budgets`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${mockCredentials.user.token()}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            scope: { type: 'model', ref: model },
            window: 'day',
            limitNanoUsd,
          }),
        });
        expect(status).toBe(201);
      };
      await limit('fake/tts-cut', 1_000_000);
      await limit('fake/dall-e-many', 100_000_000);
      const before = fake.received.length;
      const { code } = await failureOf(
        client.audio.speech.create({
          model: 'fake/tts-cut',
          voice: 'alloy',
          input: 'x'.repeat(67),
        }),
      );
      expect(code).toBe('budget_exceeded');
      expect(fake.received).toHaveLength(before);
      const cut = await client.audio.speech.create({
        model: 'fake/tts-cut',
        voice: 'alloy',
        input: 'x'.repeat(20),
      });
      await expect(cut.arrayBuffer()).rejects.toThrow();
      // The provider takes as much for half of it.
      expect(await callOf(cut)).toMatchObject({
        status: 'failed',
        errorCode: 'provider_stream_cut',
        costNanoUsd: 300_000,
      });
      const many = await client.images
        .generate({ model: 'fake/dall-e-many', prompt: 'x', n: 2 })
        .withResponse();
      expect(await callOf(many.response)).toMatchObject({
        costNanoUsd: 80_000_000,
        estimated: true,
      });
    });

    it('never gives a page of a provider to a browser as one of the portal', async () => {
      const { code, status } = await failureOf(
        client.audio.speech.create({
          model: 'fake/tts-page',
          voice: 'alloy',
          input: 'x',
        }),
      );
      expect({ code, status }).toEqual({
        code: 'provider_bad_answer',
        status: 502,
      });
    });

    it('takes a file for one that says its name in other letters only', async () => {
      const response = await fetch(
        `${models.url}/openai/v1/audio/transcriptions`,
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${mockCredentials.user.token()}`,
            'content-type': 'multipart/form-data; boundary=b',
          },
          body: form(['model', 'fake/whisper-1'], ['file', 'a']).replace(
            'filename="a.wav"',
            "filename*=UTF-8''%C3%A4.wav",
          ),
        },
      );
      expect(response.status).toBe(200);
    });

    it.each([
      ['no boundary', 'multipart/form-data', 'x'],
      ['another type', 'application/json', '{"model":"fake/whisper-1"}'],
      ['no end', 'multipart/form-data; boundary=b', '--b\r\n'],
      [
        'two models',
        'multipart/form-data; boundary=b',
        form(['model', 'fake/whisper-1'], ['model', 'fake/good'], ['file', '']),
      ],
      [
        'a model in other letters',
        'multipart/form-data; boundary=b',
        form(['model', 'fake/whisper-1'], ['Model', 'fake/good'], ['file', '']),
      ],
      [
        'too many parts',
        'multipart/form-data; boundary=b',
        form(...Array.from({ length: 65 }, (_, i) => [`f${i}`, 'x'] as const)),
      ],
      [
        'no file',
        'multipart/form-data; boundary=b',
        form(['model', 'fake/whisper-1']),
      ],
      [
        'a file that some take for a field',
        'multipart/form-data; boundary=b',
        form(['model', 'fake/whisper-1'], ['file', 'a']).replace('a.wav', ''),
      ],
      [
        'a recording that lies elsewhere',
        'multipart/form-data; boundary=b',
        form(
          ['model', 'fake/whisper-1'],
          ['url', 'https://example.com/a.wav'],
          ['file', 'a'],
        ),
      ],
      [
        'two files, of which one is longer',
        'multipart/form-data; boundary=b',
        form(['model', 'fake/whisper-1'], ['file', 'a'], ['file', 'b']),
      ],
      [
        'two values for one name',
        'multipart/form-data; boundary=b',
        form(
          ['model', 'fake/whisper-1'],
          ['prompt', 'a'],
          ['prompt', 'b'],
          ['file', 'a'],
        ),
      ],
      [
        'something after its end',
        'multipart/form-data; boundary=b',
        `${form(['model', 'fake/whisper-1'], ['file', 'a'])}\r\n${form([
          'model',
          'fake/good',
        ])}`,
      ],
      [
        'a stream in other words',
        'multipart/form-data; boundary=b',
        form(['model', 'fake/whisper-1'], ['stream', 'True'], ['file', 'a']),
      ],
    ])('refuses a form with %s', async (_what, contentType, body) => {
      const before = fake.received.length;
      const response = await fetch(
        `${models.url}/openai/v1/audio/transcriptions`,
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${mockCredentials.user.token()}`,
            'content-type': contentType,
          },
          body,
        },
      );
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { code: 'invalid_request' },
      });
      expect(fake.received).toHaveLength(before);
    });
  },
);
