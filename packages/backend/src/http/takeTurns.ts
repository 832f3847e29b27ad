import type { RequestHandler } from 'express';
import type { Server } from 'node:net';

/** Connections that go before the next request, in a row. */
const CONNECTIONS_FIRST = 64;

/**
 * Begins requests one by one, and connections that wait outside go first.
 *
 * Node.js accepts one connection in a turn of its event loop. When forty people ask at once and each
 * question takes ten milliseconds, whoever comes next stands before a closed door for as long as all of
 * them together, even if all that is asked is whether the portal is alive. Here everybody comes in first,
 * which takes a moment, and is then served in the order of arrival.
 */
export function takeTurns(
  server: Pick<Server, 'on'>,
  connectionsFirst = CONNECTIONS_FIRST,
): RequestHandler {
  const waiting: (() => void)[] = [];
  let accepted = false;
  let letIn = 0;
  server.on('connection', () => {
    accepted = true;
  });
  const turn = () => {
    if (accepted && letIn < connectionsFirst) {
      letIn += 1;
    } else {
      letIn = 0;
      waiting.shift()?.();
    }
    accepted = false;
    if (waiting.length) {
      setImmediate(turn);
    }
  };
  return (_req, _res, next) => {
    waiting.push(next);
    if (waiting.length === 1) {
      setImmediate(turn);
    }
  };
}
