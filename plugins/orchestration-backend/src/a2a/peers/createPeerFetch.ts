import { JsonMeter } from '@agentportal/model-gateway';
import {
  createGuardedAgent,
  isPrivateHost,
} from '@agentportal/plugin-agents-node';
import { fetch as undiciFetch } from 'undici';
import { NOT_SENT } from '../../execution/gateway';
import { findCause } from '../../execution/RunFailure';
import { findPeerError, PeerError } from './PeerError';

const CONNECT_TIMEOUT_MS = 5_000;
/** One answer; it is parsed where everybody is served. */
const MAX_BYTES = 2_000_000;
/** A stream, of which each event is parsed alone. */
const MAX_STREAM_BYTES = 10_000_000;
/** One line of a stream. Whoever splits it looks at all of it again with each piece. */
const MAX_LINE_BYTES = 1_000_000;
/** What is nested or in parts takes far longer to parse than its size says. */
const MOST = { depth: 100, members: 30_000, elements: 300_000 };
const MOST_OF_STREAM = { ...MOST, members: 300_000 };

/**
 * A fetch for one peer. It goes to no other origin and to no private address that was not
 * allowed, follows no redirects, waits for no answer for ever, and reads no more than a
 * peer may send. What goes wrong is a {@link PeerError}.
 */
export function createPeerFetch(options: {
  origin: string;
  privateAllowed: boolean;
  /** Sent with every request; secrets of this origin. */
  headers?: Record<string, string>;
  /** How long the peer may say nothing. */
  idleTimeoutMs: number;
}): { fetch: typeof fetch; close(): Promise<void> } {
  const { idleTimeoutMs, origin, privateAllowed } = options;
  const agent = createGuardedAgent({
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    idleTimeoutMs,
    ...(!privateAllowed && { privateHost: privatePeer }),
  });
  const guarded = async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) {
      throw new PeerError(
        `sends the portal to ${url.origin}, and only ${origin} was given for it`,
      );
    }
    if (!privateAllowed && isPrivateHost(url)) {
      throw privatePeer(url.host);
    }
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      headers.set(name, value);
    }
    let response;
    try {
      response = await undiciFetch(url, {
        method: init?.method,
        body: init?.body as string | undefined,
        signal: init?.signal,
        headers: [...headers],
        redirect: 'manual',
        dispatcher: agent,
      });
    } catch (error) {
      init?.signal?.throwIfAborted();
      throw toPeerError(error);
    }
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new PeerError(
        'redirects, and the portal follows no redirects; the final URL belongs into spec.a2a.cardUrl',
      );
    }
    if ([429, 502, 503, 504].includes(response.status)) {
      await response.body?.cancel();
      throw new PeerError(`answered with HTTP ${response.status}`, {
        notArrived: response.status !== 504 && response.status !== 502,
        isOutage: true,
      });
    }
    return limited(response as unknown as Response);
  };
  return { fetch: guarded as typeof fetch, close: () => agent.destroy() };
}

/** Why a private address is not called. */
function privatePeer(host: string): PeerError {
  return new PeerError(
    `is at ${host}, a private address, which is called only where orchestration.a2a.peers of app-config names its origin for this agent`,
  );
}

function toPeerError(error: unknown): PeerError {
  const code = findCause(error, each => (each as { code?: string }).code) ?? '';
  const away = /TIMEOUT/.test(code)
    ? 'did not answer in time'
    : `could not be reached (${code})`;
  return (
    findPeerError(error) ??
    new PeerError(code ? away : 'broke the connection off', {
      cause: error,
      notArrived: NOT_SENT.test(code),
      isOutage: true,
      isAbsent: code === 'ECONNREFUSED' || code === 'ENOTFOUND',
    })
  );
}

function limited(response: Response): Response {
  if (!response.body) {
    return response;
  }
  const isStream = response.headers
    .get('content-type')
    ?.startsWith('text/event-stream');
  const most = isStream ? MAX_STREAM_BYTES : MAX_BYTES;
  const meter = new JsonMeter(isStream ? MOST_OF_STREAM : MOST);
  let bytes = 0;
  let line = 0;
  const problemOf = (chunk: Uint8Array): string | undefined => {
    bytes += chunk.byteLength;
    const end = chunk.lastIndexOf(0x0a);
    line = end < 0 ? line + chunk.byteLength : chunk.byteLength - end - 1;
    if (bytes > most) {
      return `sent more than ${most} bytes`;
    }
    if (isStream && line > MAX_LINE_BYTES) {
      return `sent an event of more than ${MAX_LINE_BYTES} bytes`;
    }
    switch (meter.read(chunk)) {
      case 'depth':
        return `sent values that are nested more than ${MOST.depth} levels deep`;
      case 'parts':
        return 'sent values of too many parts';
      default:
        return undefined;
    }
  };
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const problem = problemOf(chunk);
      if (problem) {
        controller.error(new PeerError(problem));
      } else {
        controller.enqueue(chunk);
      }
    },
  });
  return new Response(response.body.pipeThrough(counter), {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers],
  });
}
