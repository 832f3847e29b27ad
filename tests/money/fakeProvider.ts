import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Models of the fake, each with a habit of its own. */
export const MODELS = [
  'exact',
  'half',
  'rate-limited',
  'broken',
  'cut',
  'no-usage',
  'odd-usage',
  'absurd-usage',
  'late-usage',
  'cut-whole',
  'slow',
];

/** Only output costs, so that a bound can be met exactly: 10 nano-USD a token. */
export const PRICE = {
  input: { nanoUsdPerMillion: 0 },
  output: { nanoUsdPerMillion: 10_000_000 },
  version: 'test',
};

/** What the provider wrote down about one request. */
export interface ProviderEntry {
  attemptId: string;
  model: string;
  /** Tokens that it would send a bill for; unknown while it works. */
  billedTokens?: number;
}

/** A provider over HTTP with a log of its own, to compare the ledger with. */
export async function startFakeProvider() {
  const log: ProviderEntry[] = [];
  let atOnce = 0;
  let most = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    if (request.method === 'GET') {
      send(response, 200, { data: MODELS.map(id => ({ id })) });
      return;
    }
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const entry: ProviderEntry = {
      attemptId: String(request.headers['x-client-request-id']),
      model: body.model,
    };
    log.push(entry);
    atOnce += 1;
    most = Math.max(most, atOnce);
    response.once('close', () => {
      atOnce -= 1;
    });
    await answer(entry, body, response);
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    log,
    /** Counts anew how many requests are with it at once. */
    watch: () => {
      most = atOnce;
    },
    mostAtOnce: () => most,
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(
  entry: ProviderEntry,
  body: any,
  response: ServerResponse,
) {
  const { model, max_tokens: most, stream } = body;
  await sleep(5 + Math.random() * 40);
  if (model === 'rate-limited') {
    entry.billedTokens = 0;
    return send(response, 429, { error: { message: 'slow down' } });
  }
  if (model === 'broken') {
    entry.billedTokens = 0;
    return send(response, 500, { error: { message: 'boom' } });
  }
  const tokens = model === 'half' ? Math.floor(most / 2) : most;
  entry.billedTokens = tokens;
  if (model === 'cut-whole') {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': 1_000,
    });
    response.write('{"choices":');
    await sleep(20);
    return response.destroy();
  }
  const usage = {
    prompt_tokens: 5,
    completion_tokens: model === 'absurd-usage' ? -tokens : tokens,
  };
  if (!stream) {
    return send(response, 200, {
      id: 'x',
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' } }],
      ...(model !== 'no-usage' && { usage }),
    });
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = (part: object) =>
    response.write(`data: ${JSON.stringify({ id: 'x', ...part })}\n\n`);
  const words = (content: string) =>
    event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
  words('Hello');
  if (model === 'cut') {
    await sleep(20);
    return response.destroy();
  }
  if (model === 'slow') {
    for (let i = 0; i < 200 && !response.destroyed; i += 1) {
      await sleep(20);
      words(' and more');
    }
  }
  event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  if (model === 'late-usage') {
    await sleep(300);
  }
  if (model === 'odd-usage') {
    event({ choices: [{}], usage: { prompt_tokens: 1, completion_tokens: 1 } });
    event({ choices: [{}], usage });
    event({ choices: [], usage: null });
  } else if (model !== 'no-usage') {
    event({ choices: [], usage });
  }
  return response.end('data: [DONE]\n\n');
}

function send(response: ServerResponse, status: number, body: unknown) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
