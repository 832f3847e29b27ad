import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { connect } from '../money/connect';
import { MODELS, startFakeProvider } from '../money/fakeProvider';
import { BackendProcess, freePort } from './processes';

const GATEWAYS = 3;
const TOKEN = 'a-token-of-the-test-that-is-long-enough';
/** Longer than a process may not know of a new budget. */
const KNOWN_AFTER_MS = 3_500;
/** What one token of output costs, in nano-USD; input is free. */
export const TOKEN_NANO_USD = 10;

export type Scene = Awaited<ReturnType<typeof openScene>>;

/** A portal and gateways beside it, on one database, and one provider. */
export async function openScene(address: string, folder: string) {
  const provider = await startFakeProvider();
  const ports = await Promise.all(
    Array.from({ length: GATEWAYS + 1 }, () => freePort()),
  );
  const [portalPort, ...gatewayPorts] = ports;
  const database = new URL(address);
  const config = {
    app: { baseUrl: `http://127.0.0.1:${portalPort}` },
    backend: {
      baseUrl: `http://127.0.0.1:${portalPort}`,
      listen: { host: '127.0.0.1', port: portalPort },
      // For which a process that ends still takes calls.
      lifecycle: { serverShutdownDelay: { milliseconds: 500 } },
      auth: {
        externalAccess: [
          { type: 'static', options: { token: TOKEN, subject: 'test' } },
        ],
      },
      database: {
        client: 'pg',
        pluginDivisionMode: 'schema',
        connection: {
          host: database.hostname,
          port: Number(database.port),
          user: database.username,
          password: database.password,
          database: database.pathname.slice(1),
        },
      },
    },
    permission: { enabled: false },
    models: {
      detectOllama: false,
      providers: [
        {
          id: 'fake',
          type: 'openai',
          baseUrl: `${provider.url}/v1`,
          models: MODELS,
        },
      ],
      prices: MODELS.map(model => ({
        model: `fake/${model}`,
        inputNanoUsdPerMillionTokens: 0,
        outputNanoUsdPerMillionTokens: TOKEN_NANO_USD * 1_000_000,
      })),
    },
  };
  const portal = new BackendProcess({
    program: 'portal',
    name: 'portal',
    folder,
    port: portalPort,
    portalPort,
    config,
  });
  const gateways = gatewayPorts.map(
    (port, index) =>
      new BackendProcess({
        program: 'gateway',
        name: `gateway-${index + 1}`,
        folder,
        port,
        portalPort,
        config,
      }),
  );
  // The first one makes the tables.
  await portal.start();
  await Promise.all(gateways.map(gateway => gateway.start()));
  const db: Knex = connect(address);

  const manage = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${portal.url}/api/models${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${await response.text()}`);
    }
    return response.json() as Promise<any>;
  };

  return {
    address,
    portal,
    gateways,
    db,
    /** A budget for a model, set in the portal and known to everybody. */
    async budget(model: string, limitNanoUsd: number) {
      const { id } = await manage('POST', '/budgets', {
        scope: { type: 'model', ref: `fake/${model}` },
        window: 'total',
        limitNanoUsd,
      });
      await sleep(KNOWN_AFTER_MS);
      return {
        usage: async () => (await manage('GET', `/budgets/${id}`)).usage,
        take: () => fetchDelete(`${portal.url}/api/models/budgets/${id}`),
      };
    },
    check: () => manage('GET', '/budgets/check'),
    /** Calls a model; status 0 when the connection broke. */
    async call(process: BackendProcess, body: object) {
      try {
        const response = await fetch(
          `${process.url}/api/models/openai/v1/chat/completions`,
          {
            method: 'POST',
            headers: { authorization: `Bearer ${TOKEN}` },
            body: JSON.stringify({
              messages: [{ role: 'user', content: 'Hello' }],
              max_tokens: 100,
              ...body,
            }),
          },
        );
        const text = await response.text();
        return {
          status: response.status,
          text,
          code: response.ok ? undefined : JSON.parse(text).error?.code,
          callId: response.headers.get('x-agent-portal-call-id'),
        };
      } catch (error) {
        return { status: 0, text: String(error), code: undefined };
      }
    },
    async close() {
      await db.destroy();
      await Promise.all([portal, ...gateways].map(one => one.kill()));
      provider.close();
    },
  };
}

async function fetchDelete(url: string): Promise<void> {
  await fetch(url, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${TOKEN}` },
  });
}
