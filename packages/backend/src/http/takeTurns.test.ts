import express from 'express';
import { once } from 'node:events';
import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { takeTurns } from './takeTurns';

const QUESTIONS = 30;

/** Asks thirty slow questions at once and then whether the server is alive, and says in which order it answered. */
async function orderOfAnswers(
  use: (app: express.Express, server: Server) => void,
): Promise<string[]> {
  const app = express();
  const server = createServer(app);
  const served: string[] = [];
  app.get('/alive', (_req, res) => {
    served.push('alive');
    res.end();
  });
  use(app, server);
  app.get('/slow', (_req, res) => {
    const until = performance.now() + 5;
    while (performance.now() < until);
    served.push('slow');
    res.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: false });
  const ask = async (path: string) => {
    const [response] = await once(
      get({ host: '127.0.0.1', port, path, agent }),
      'response',
    );
    await once(response.resume(), 'end');
  };
  try {
    await Promise.all([
      ...Array.from({ length: QUESTIONS }, () => ask('/slow')),
      ask('/alive'),
    ]);
  } finally {
    server.close();
  }
  return served;
}

describe('takeTurns', () => {
  it('lets everybody in before it begins the work, and does all of it', async () => {
    const served = await orderOfAnswers((app, server) =>
      app.use(takeTurns(server)),
    );
    expect(served).toHaveLength(QUESTIONS + 1);
    expect(served.indexOf('alive')).toBeLessThan(QUESTIONS / 3);
  });

  it('is needed: without it the last one waits for the work of all others', async () => {
    const served = await orderOfAnswers(() => {});
    expect(served.indexOf('alive')).toBeGreaterThan(QUESTIONS / 2);
  });

  it('does the work while new connections keep coming', async () => {
    const onConnection: (() => void)[] = [];
    const middleware = takeTurns(
      {
        on: (_event: string, listener: () => void) =>
          onConnection.push(listener),
      } as never,
      2,
    );
    let begun = false;
    middleware({} as never, {} as never, () => {
      begun = true;
    });
    let turns = 0;
    while (!begun && turns < 20) {
      onConnection.forEach(listener => listener());
      turns += 1;
      await new Promise(setImmediate);
    }
    expect(begun).toBe(true);
    expect(turns).toBeLessThanOrEqual(5);
  });
});
