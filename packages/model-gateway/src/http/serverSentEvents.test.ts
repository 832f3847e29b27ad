import { readServerSentEvents } from './serverSentEvents';

const TEXT =
  ': comment\n\nevent: a\ndata: {"x":"é€😀"}\n\ndata: one\r\ndata:two\r\n\r\nid: 1\n\ndata: last';

async function read(pieces: Buffer[]) {
  async function* bytes() {
    yield* pieces;
  }
  const events = [];
  for await (const event of readServerSentEvents(bytes())) {
    events.push(event);
  }
  return events;
}

describe('readServerSentEvents', () => {
  it('reads the same events wherever the bytes are cut', async () => {
    const whole = Buffer.from(TEXT);
    for (let size = 1; size <= whole.length; size += 1) {
      const pieces = [];
      for (let at = 0; at < whole.length; at += size) {
        pieces.push(whole.subarray(at, at + size));
      }
      expect(await read(pieces)).toEqual([
        { event: 'a', data: '{"x":"é€😀"}' },
        { event: undefined, data: 'one\ntwo' },
        { event: undefined, data: 'last' },
      ]);
    }
  });

  it('takes time that grows with the size of an event, not with its square', async () => {
    // 6 MB in the pieces that sockets give, such as a picture in base64. The rest
    // of the process has to wait for all of it that is done at once.
    const piece = Buffer.from('x'.repeat(16 * 1024));
    const started = process.cpuUsage();
    const [event] = await read([
      Buffer.from('data: '),
      ...Array(375).fill(piece),
      Buffer.from('\n\n'),
    ]);
    const { user } = process.cpuUsage(started);
    expect(event.data).toHaveLength(375 * 16 * 1024);
    expect(user / 1000).toBeLessThan(1_000);
  });

  it('refuses an event that would fill the memory', async () => {
    const piece = Buffer.from(`data: ${'x'.repeat(1024 * 1024)}`);
    await expect(read(Array(9).fill(piece))).rejects.toMatchObject({
      code: 'provider_bad_answer',
    });
  });

  it('refuses an event that would take long to parse', async () => {
    const nested = (depth: number) =>
      Buffer.from(
        `data: ${'['.repeat(depth)}"${'x'.repeat(100_000)}"${']'.repeat(
          depth,
        )}\n\n`,
      );
    expect(await read([nested(200)])).toHaveLength(1);
    await expect(read([nested(201)])).rejects.toMatchObject({
      code: 'provider_bad_answer',
    });
  });
});
