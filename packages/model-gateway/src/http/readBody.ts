import type { IncomingMessage } from 'node:http';
import { GatewayError, invalidRequest } from '../errors';
import { JsonMeter } from '../formats/JsonMeter';

/** What JSON.parse and all that comes after it take in a moment. */
const MOST = { depth: 100, members: 60_000, elements: 1_000_000 };

/** How much of a request is read, and for how long. */
interface BodyLimits {
  maxBytes: number;
  timeoutMs: number;
}

/**
 * Reads a JSON body as text. It will be parsed where everybody is served, so what
 * would take long for its structure and not for its size is refused as it comes in.
 */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
): Promise<string> {
  const meter = new JsonMeter(MOST);
  const body = await readBytes(request, limits, chunk =>
    excessOf(meter.read(chunk)),
  );
  return body.toString('utf8');
}

/**
 * Reads a request body up to a limit and within a time, so that nobody can fill the
 * memory or hold a connection for ever.
 *
 * @param problemIn - what is wrong with the next bytes
 */
export async function readBytes(
  request: IncomingMessage,
  limits: BodyLimits,
  problemIn: (chunk: Buffer) => GatewayError | undefined = () => undefined,
): Promise<Buffer> {
  const tooLarge = () =>
    new GatewayError(
      413,
      'request_too_large',
      `The request is larger than ${limits.maxBytes} bytes; send fewer or smaller messages or files.`,
    );
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBytes) {
    request.resume();
    throw tooLarge();
  }
  const brokenOff = () =>
    new GatewayError(400, 'client_gone', 'The request was broken off.');
  if (request.destroyed) {
    throw brokenOff();
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isOver = false;
    const timer = setTimeout(
      () =>
        fail(
          new GatewayError(
            408,
            'invalid_request',
            `The request did not arrive within ${limits.timeoutMs} ms; send it again.`,
          ),
        ),
      limits.timeoutMs,
    );
    function fail(error: GatewayError): void {
      if (!isOver) {
        isOver = true;
        clearTimeout(timer);
        reject(error);
      }
    }
    // The listeners stay: what comes after a failure is thrown away.
    request.on('data', (chunk: Buffer) => {
      if (isOver) {
        return;
      }
      size += chunk.length;
      const problem = size > limits.maxBytes ? tooLarge() : problemIn(chunk);
      if (problem) {
        chunks.length = 0;
        fail(problem);
      } else {
        chunks.push(chunk);
      }
    });
    request.on('end', () => {
      if (!isOver) {
        isOver = true;
        clearTimeout(timer);
        resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks));
        // The request outlives this, and its bytes need not.
        chunks.length = 0;
      }
    });
    const onClose = () => {
      if (!isOver) {
        fail(brokenOff());
      }
    };
    request.on('close', onClose);
    // A broken connection closes too; without a listener its error would throw.
    request.on('error', onClose);
  });
}

function excessOf(
  excess: ReturnType<JsonMeter['read']>,
): GatewayError | undefined {
  if (excess === 'depth') {
    return invalidRequest(
      `The request body is nested more than ${MOST.depth} levels deep; send a flatter one.`,
    );
  }
  return (
    excess &&
    new GatewayError(
      413,
      'request_too_large',
      'The request body has too many parts; send fewer messages, tools or inputs at once.',
    )
  );
}
