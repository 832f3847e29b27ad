import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { parseBody } from '../formats/readJson';
import { readBody } from './readBody';

const CHUNK = 65_536;
const LIMITS = { maxBytes: 40_000_000, timeoutMs: 10_000 };

/** A request that comes in pieces as those of a socket, and how many of them were fetched. */
function arriving(text: string): { request: IncomingMessage; sent(): number } {
  let sent = 0;
  const pieces = async function* pieces() {
    for (let at = 0; at < text.length; at += CHUNK) {
      sent += 1;
      await new Promise(setImmediate);
      yield Buffer.from(text.slice(at, at + CHUNK));
    }
  };
  const stream = Readable.from(pieces(), { objectMode: false });
  return {
    request: Object.assign(stream, { headers: {} }) as never,
    sent: () => sent,
  };
}

const read = (text: string) => readBody(arriving(text).request, LIMITS);

describe('the body of a request', () => {
  it.each([
    ['brackets', '['.repeat(9_000_000)],
    ['members', `{${'"a":1,'.repeat(1_500_000)}"b":1}`],
    ['objects', `[${'{"role":"user"},'.repeat(500_000)}1]`],
    ['elements', `[${'1,'.repeat(9_000_000)}1]`],
  ])('is refused before it has come for too many %s', async (_what, text) => {
    const { request, sent } = arriving(text);
    let before: number | undefined;
    const refused = readBody(request, LIMITS).catch(error => {
      before = sent();
      throw error;
    });
    await expect(refused).rejects.toThrow(/levels deep|too many parts/);
    expect(before).toBeLessThan(text.length / CHUNK / 2);
  });

  it('is refused in words when it is nested too deep', async () => {
    await expect(
      read(`{"messages":${'['.repeat(101)}${']'.repeat(101)}}`),
    ).rejects.toThrow('100 levels');
  });

  it('is refused in words when it is too large', async () => {
    await expect(
      readBody(arriving('x'.repeat(300_000)).request, {
        ...LIMITS,
        maxBytes: 100_000,
      }),
    ).rejects.toThrow('larger than 100000 bytes');
  });

  it('may be long, and may say anything in its strings', async () => {
    const said = `\\"[{:,${'[{"a":1,'.repeat(500_000)}\\`;
    const text = JSON.stringify({ said, next: ['"', '\\', '\\"', 'é😀'] });
    expect(await read(text)).toBe(text);
    const tokens = Array.from({ length: 300_000 }, (_, i) => i);
    const input = JSON.stringify({ input: tokens });
    expect(await read(input)).toBe(input);
  });
});

describe('parseBody', () => {
  it('says what to send instead of what is no JSON', () => {
    expect(() => parseBody('{"model":', 'a request')).toThrow(
      'is not JSON; send a request',
    );
  });
});
