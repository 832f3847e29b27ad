import { createServer, type Server, type Socket } from 'node:net';

/** A provider that answers at once, so that what is measured is the gateway. */
export interface FakeProvider {
  port: number;
  /** Requests that it has answered. */
  served(): number;
  stop(): Promise<void>;
}

const STREAM_CHUNKS = 24;

const answer = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'gpt-bench',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content:
          'Order 4711 left the warehouse on Tuesday and is with the carrier. ' +
          'It should arrive on Thursday before noon. '.repeat(8),
      },
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 412,
    completion_tokens: 96,
    total_tokens: 508,
    prompt_tokens_details: { cached_tokens: 128 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
});

const whole = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(
    answer,
  )}\r\n\r\n${answer}`,
);

const models = (() => {
  const body = JSON.stringify({
    object: 'list',
    data: [{ id: 'gpt-bench', object: 'model' }],
  });
  return Buffer.from(
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
})();

const streamParts = (() => {
  const chunk = (fields: object) => {
    const event = `data: ${JSON.stringify({
      id: 'chatcmpl-bench',
      object: 'chat.completion.chunk',
      created: 1_790_000_000,
      model: 'gpt-bench',
      ...fields,
    })}\n\n`;
    return `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`;
  };
  const piece = (delta: object, finish: string | null = null) =>
    chunk({ choices: [{ index: 0, delta, finish_reason: finish }] });
  const done = 'data: [DONE]\n\n';
  return [
    `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${piece(
      { role: 'assistant', content: '' },
    )}`,
    ...Array.from({ length: STREAM_CHUNKS }, (_, i) =>
      piece({ content: ` word${i} of the answer` }),
    ),
    `${piece({}, 'stop')}${chunk({
      choices: [],
      usage: { prompt_tokens: 412, completion_tokens: 96, total_tokens: 508 },
    })}${done.length.toString(16)}\r\n${done}\r\n0\r\n\r\n`,
  ].map(text => Buffer.from(text));
})();

/**
 * Starts a provider in OpenAI's wire format. It is written on bare sockets, so
 * that it shares a core with the load and still leaves the gateway the slowest
 * part. A stream's chunks are written one by one, each in a turn of its own.
 */
export async function startFakeProvider(): Promise<FakeProvider> {
  let served = 0;
  const sockets = new Set<Socket>();
  const reply = (socket: Socket, head: string, body: string) => {
    served += 1;
    if (head.startsWith('GET')) {
      socket.write(models);
    } else if (body.includes('"stream":true')) {
      writeParts(socket, 0);
    } else {
      socket.write(whole);
    }
  };
  const server: Server = createServer(socket => {
    sockets.add(socket);
    socket.setNoDelay(true);
    let pending = '';
    socket.on('data', bytes => {
      pending += bytes.toString('latin1');
      for (;;) {
        const end = pending.indexOf('\r\n\r\n');
        if (end < 0) {
          return;
        }
        const head = pending.slice(0, end);
        const total = end + 4 + contentLength(head);
        if (pending.length < total) {
          return;
        }
        const body = pending.slice(end + 4, total);
        pending = pending.slice(total);
        reply(socket, head, body);
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  return {
    port,
    served: () => served,
    async stop() {
      sockets.forEach(socket => socket.destroy());
      await new Promise(resolve => {
        server.close(resolve);
      });
    },
  };
}

function writeParts(socket: Socket, index: number): void {
  if (socket.destroyed) {
    return;
  }
  socket.write(streamParts[index]);
  if (index + 1 < streamParts.length) {
    setImmediate(writeParts, socket, index + 1);
  }
}

function contentLength(head: string): number {
  const found = /content-length: *(\d+)/i.exec(head);
  return found ? Number(found[1]) : 0;
}
