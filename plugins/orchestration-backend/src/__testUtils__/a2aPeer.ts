import { AgentCard, TaskState, taskStateToJSON } from '@a2a-js/sdk';
import canonicalize from 'canonicalize';
import {
  calculateJwkThumbprint,
  exportJWK,
  FlattenedSign,
  generateKeyPair,
} from 'jose';
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

type Rpc = { method: string; params: any };

/** What a peer does with a request; `undefined` when it has written an answer itself. */
export type PeerBehaviour = (
  rpc: Rpc,
  response: ServerResponse,
  request: IncomingMessage,
) => unknown;

/** A task as JSON, with an answer if there is one. */
export function taskJson(
  state: TaskState,
  text?: string,
  id = 'task-1',
): Record<string, unknown> {
  const said = { parts: [{ text }] };
  const isAnswer = state === TaskState.TASK_STATE_COMPLETED;
  return {
    id,
    contextId: 'context-1',
    status: {
      state: taskStateToJSON(state),
      ...(text !== undefined &&
        !isAnswer && {
          message: { messageId: 'm', role: 'ROLE_AGENT', ...said },
        }),
    },
    ...(isAnswer && { artifacts: [{ artifactId: 'a', ...said }] }),
  };
}

/** An A2A agent that does what a test wants, over real HTTP. */
export async function startPeer(behave: PeerBehaviour) {
  const requests: Array<{ rpc: Rpc; headers: IncomingMessage['headers'] }> = [];
  const server = createServer();
  const peer = {
    url: '',
    requests,
    behave,
    /** What its card has beside what all have. */
    card: {} as Record<string, unknown>,
    /** Whoever signs its card; nobody unless given. */
    key: undefined as Awaited<ReturnType<typeof peerKey>> | undefined,
    /** Answers instead of it where it gives something. */
    intercept: undefined as
      | ((request: IncomingMessage, response: ServerResponse) => boolean)
      | undefined,
    methods: () => requests.map(({ rpc }) => rpc.method),
    listen: async (port = 0) => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
  const cardJson = async () => {
    const bare = {
      name: 'Peer',
      description: 'A peer',
      version: '1',
      supportedInterfaces: [
        {
          url: `${peer.url}/`,
          protocolBinding: 'JSONRPC',
          protocolVersion: '1.0',
        },
      ],
      capabilities: { streaming: false },
      defaultInputModes: ['text/plain'],
      defaultOutputModes: ['text/plain'],
      skills: [{ id: 's', name: 'S', description: 'S', tags: ['s'] }],
      ...peer.card,
    };
    return peer.key
      ? { ...bare, signatures: [await peer.key.sign(bare)] }
      : bare;
  };
  server.on('request', async (request, response) => {
    if (peer.intercept?.(request, response)) {
      return;
    }
    const json = (value: unknown) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    };
    if (request.url?.endsWith('jwks.json')) {
      json({ keys: peer.key ? [peer.key.jwk] : [] });
    } else if (request.method === 'GET') {
      json(await cardJson());
    } else {
      let body = '';
      for await (const chunk of request) {
        body += chunk;
      }
      const { id, ...rpc } = JSON.parse(body);
      requests.push({ rpc, headers: request.headers });
      const result = await peer.behave(rpc, response, request);
      if (result !== undefined) {
        json({ jsonrpc: '2.0', id, result });
      }
    }
  });
  await peer.listen();
  peer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return peer;
}

/** A key with which a peer signs its card as the specification says. */
export async function peerKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid };
  return {
    jwk,
    thumbprint: await calculateJwkThumbprint(jwk),
    sign: (card: object) =>
      new FlattenedSign(
        new TextEncoder().encode(
          canonicalize(AgentCard.toJSON(AgentCard.fromJSON(card)))!,
        ),
      )
        .setProtectedHeader({ alg: 'ES256', kid, typ: 'JOSE' })
        .sign(privateKey)
        .then(({ protected: header, signature }) => ({
          protected: header,
          signature,
        })),
  };
}
