import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { createBackend } from '@backstage/backend-defaults';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { Router } from 'express';
import { maskedPluginLogger } from './maskedLogs';
import { portalRootHttpRouter } from './portalRootHttpRouter';

const logged: string[] = [];

/** Says how it sees a request, and has it audited. */
const echoPlugin = createBackendPlugin({
  pluginId: 'echo',
  register(env) {
    env.registerInit({
      deps: {
        auditor: coreServices.auditor,
        httpRouter: coreServices.httpRouter,
      },
      async init({ auditor, httpRouter }) {
        httpRouter.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
        const router = Router();
        router.get('/', async (req, res) => {
          const event = await auditor.createEvent({
            eventId: 'asked',
            severityLevel: 'high',
            request: req,
          });
          await event.fail({ error: new Error('no') });
          res.json({
            query: req.query,
            url: req.originalUrl,
            referer: req.headers.referer,
          });
        });
        httpRouter.use(router);
      },
    });
  },
});

function logger() {
  const log = (...line: unknown[]) => void logged.push(JSON.stringify(line));
  const service = mockServices.rootLogger.mock({ info: log, error: log });
  service.child.mockImplementation(fields => {
    log(fields);
    return service;
  });
  return service;
}

describe('the web server of the portal', () => {
  let backend: ReturnType<typeof createBackend>;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    backend = createBackend();
    backend.add(portalRootHttpRouter);
    backend.add(maskedPluginLogger);
    backend.add(echoPlugin);
    backend.add(logger().factory);
    backend.add(
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'https://portal.acme.example' },
          backend: {
            baseUrl: 'http://backend.acme.example:7007',
            listen: { host: '127.0.0.1', port },
            allowedHosts: ['portal', '*.svc.cluster.local'],
            database: { client: 'better-sqlite3', connection: ':memory:' },
          },
        },
      }),
    );
    await backend.start();
  });

  afterAll(() => backend.stop());

  /** As a browser or a probe asks; `fetch` would not let us choose the host. */
  const ask = (host: string, path = '/.backstage/health/v1/liveness') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const call = request(
        {
          host: '127.0.0.1',
          port,
          path,
          headers: { host, referer: `http://localhost${path}` },
        },
        response => {
          let text = '';
          response.setEncoding('utf8').on('data', part => {
            text += part;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode!, text }),
          );
        },
      );
      call.once('error', reject);
      call.end();
    });

  it.each([
    'localhost:7007',
    '127.0.0.1',
    '[::1]:7007',
    '10.1.2.3:7007',
    'portal.acme.example',
    'PORTAL.acme.example.',
    'backend.acme.example:7007',
    'portal',
    'a.b.svc.cluster.local:80',
  ])('answers to %s', async host => {
    expect((await ask(host)).status).toBe(200);
  });

  it.each([
    'evil.test',
    'evil.test:7007',
    'localhost.evil.test',
    'acme.example',
    'svc.cluster.local',
    'evil.test/localhost',
    'evil@localhost',
    '127.0.0.1.evil.test',
    '[oops',
  ])('does not answer to %s', async host => {
    const { status, text } = await ask(host);
    expect(status).toBe(403);
    expect(JSON.parse(text).error).toMatchObject({
      name: 'NotAllowedError',
      message: expect.stringContaining('backend.allowedHosts'),
    });
  });

  it('writes no secret of an address into its logs, and changes no request for it', async () => {
    logged.length = 0;
    const url =
      '/api/echo?limit=5&access_token=hunter2&x=eyJhbGciOi.J9.abc&apiKey=hunter3&q=a%20b';
    const { text } = await ask('localhost', url);
    expect(JSON.parse(text)).toEqual({
      query: {
        limit: '5',
        access_token: 'hunter2',
        x: 'eyJhbGciOi.J9.abc',
        apiKey: 'hunter3',
        q: 'a b',
      },
      url,
      referer: `http://localhost${url}`,
    });
    // When it began and failed, and twice with its referrer when it was answered.
    expect(logged.join().match(/access_token=\*\*\*&x=/g)).toHaveLength(6);
    expect(logged.join()).not.toMatch(/hunter|eyJ/);
  });

  it('says that there is nothing where nobody answers', async () => {
    const { status, text } = await ask('localhost', '/api/nothing/here?a=b');
    expect(status).toBe(404);
    expect(JSON.parse(text)).toEqual({
      error: {
        name: 'NotFoundError',
        message: 'There is nothing at GET /api/nothing/here here',
      },
      request: { method: 'GET', url: '/api/nothing/here?a=b' },
      response: { statusCode: 404 },
    });
  });
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
