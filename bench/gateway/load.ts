import { connect, type Socket } from 'node:net';

/** Whom to ask and with what. */
export interface Target {
  port: number;
  path: string;
  headers: Record<string, string>;
  model: string;
}

/** What came of a run of load, times in milliseconds. */
export interface LoadResult {
  calls: number;
  failures: number;
  /** The first answer that was not good. */
  firstFailure?: string;
  seconds: number;
  durations: number[];
  /** From the request to the first byte of the answer's body. */
  firstBytes: number[];
}

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * Keeps `concurrency` calls under way for a time, each connection asking again
 * as soon as it has its answer. It speaks HTTP on bare sockets: an HTTP client
 * would cost more than the proxies that are measured with it.
 */
export async function load(
  target: Target,
  options: { concurrency: number; stream: boolean; seconds: number },
): Promise<LoadResult> {
  const result: LoadResult = {
    calls: 0,
    failures: 0,
    seconds: 0,
    durations: [],
    firstBytes: [],
  };
  const request = requestBytes(target, options.stream);
  const started = performance.now();
  const until = started + options.seconds * 1000;
  await Promise.all(
    Array.from({ length: options.concurrency }, () =>
      callUntil(until, target.port, request, options.stream, result),
    ),
  );
  result.seconds = (performance.now() - started) / 1000;
  return result;
}

function requestBytes(target: Target, stream: boolean): Buffer {
  const body = JSON.stringify({
    model: target.model,
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
    temperature: 0.2,
    max_tokens: 400,
    messages: [
      {
        role: 'system',
        content:
          'You help the customers of a shop. Answer from the facts that you are given and say so when you do not know. '.repeat(
            8,
          ),
      },
      { role: 'user', content: 'Where is my order 4711?' },
      { role: 'assistant', content: 'Let me look that up for you.' },
      { role: 'user', content: 'Thanks. And when will it be here? '.repeat(6) },
    ],
  });
  const headers = {
    host: `127.0.0.1:${target.port}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...target.headers,
  };
  const lines = Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`);
  return Buffer.from(
    `POST ${target.path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`,
  );
}

async function callUntil(
  until: number,
  port: number,
  request: Buffer,
  stream: boolean,
  result: LoadResult,
): Promise<void> {
  let socket: Socket | undefined;
  while (performance.now() < until) {
    socket ??= await open(port);
    const answer = await call(socket, request);
    const good =
      answer.status === 200 &&
      answer.body.includes(stream ? '[DONE]' : '"usage"');
    if (good) {
      result.calls += 1;
      result.durations.push(answer.duration);
      result.firstBytes.push(answer.firstByte);
    } else {
      result.failures += 1;
      result.firstFailure ??= `${answer.status} ${answer.body
        .toString()
        .slice(0, 300)}`;
    }
    if (answer.closed) {
      socket.destroy();
      socket = undefined;
    }
  }
  socket?.destroy();
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

interface Answer {
  status: number;
  body: Buffer;
  duration: number;
  firstByte: number;
  closed: boolean;
}

function call(socket: Socket, request: Buffer): Promise<Answer> {
  return new Promise(resolve => {
    const started = performance.now();
    let chunks: Buffer[] = [];
    let size = 0;
    let status = 0;
    let firstByte = 0;
    let bodyAt = -1;
    /** Bytes of head and body; -1 for a chunked body. */
    let length = -1;
    const finish = (closed: boolean) => {
      socket.off('data', onData).off('close', onClose).off('error', onClose);
      const all = Buffer.concat(chunks);
      resolve({
        status,
        body: all.subarray(Math.max(bodyAt, 0)),
        duration: performance.now() - started,
        firstByte,
        closed,
      });
    };
    const onClose = () => finish(true);
    const onData = (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (bodyAt < 0) {
        const all = chunks.length === 1 ? chunk : Buffer.concat(chunks);
        chunks = [all];
        const end = all.indexOf(HEAD_END);
        if (end < 0) {
          return;
        }
        const head = all.toString('latin1', 0, end);
        status = Number(head.slice(9, 12));
        bodyAt = end + 4;
        const found = /content-length: *(\d+)/i.exec(head);
        length = found ? bodyAt + Number(found[1]) : -1;
      }
      if (firstByte === 0 && size > bodyAt) {
        firstByte = performance.now() - started;
      }
      const whole =
        length >= 0
          ? size >= length
          : size > bodyAt && endsWithLastChunk(chunks);
      if (whole) {
        finish(false);
      }
    };
    socket.on('data', onData).on('close', onClose).on('error', onClose);
    socket.write(request);
  });
}

function endsWithLastChunk(chunks: Buffer[]): boolean {
  const last = chunks[chunks.length - 1];
  const tail =
    last.length >= LAST_CHUNK.length || chunks.length === 1
      ? last
      : Buffer.concat(chunks.slice(-5));
  return tail.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK);
}
