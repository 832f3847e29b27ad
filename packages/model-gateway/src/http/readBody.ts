import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors';

/**
 * Reads a request body as text, up to a limit and within a time, so that nobody
 * can fill the memory or hold a connection for ever.
 */
export async function readBody(
  request: IncomingMessage,
  limits: { maxBytes: number; timeoutMs: number },
): Promise<string> {
  const tooLarge = () =>
    new GatewayError(
      413,
      'request_too_large',
      `The request is larger than ${limits.maxBytes} bytes; send fewer or smaller messages.`,
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
    const cleanUps: Array<() => void> = [];
    const done = (error?: Error) => {
      cleanUps.forEach(cleanUp => cleanUp());
      if (error) {
        request.resume();
        reject(error);
      } else {
        resolve(Buffer.concat(chunks).toString('utf8'));
      }
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.maxBytes) {
        done(tooLarge());
      } else {
        chunks.push(chunk);
      }
    };
    const onEnd = () => done();
    const onClose = () => done(brokenOff());
    const timer = setTimeout(
      () =>
        done(
          new GatewayError(
            408,
            'invalid_request',
            `The request did not arrive within ${limits.timeoutMs} ms; send it again.`,
          ),
        ),
      limits.timeoutMs,
    );
    cleanUps.push(
      () => clearTimeout(timer),
      () => request.off('data', onData).off('end', onEnd).off('close', onClose),
    );
    request.on('data', onData).on('end', onEnd).on('close', onClose);
    // A broken connection closes too; without a listener its error would throw.
    request.on('error', onClose);
  });
}
