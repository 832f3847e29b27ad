import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import path from 'node:path';
import { BackendProcess, freePort } from '../gateway/processes';
import { connect } from '../money/connect';
import { PortalClient } from '../portal/PortalClient';
import { PERSON } from './entities';
import { Gateways } from './gateways';

/** More than there are runs, so that nobody waits for room. */
const ROOM = 1_000;

/** A worker, and a person's way to it. */
export interface Worker {
  process: BackendProcess;
  client: OrchestrationClient;
}

/** Workers on one database, and the gateways, which nobody kills. */
export class Cluster {
  readonly gateways: Gateways;
  readonly workers: Worker[] = [];
  readonly #alive = new Set<Worker>();

  static async start(options: {
    folder: string;
    workers: number;
    /** A PostgreSQL server; left out, a SQLite file in the folder. */
    postgres?: string;
  }): Promise<Cluster> {
    const { folder, postgres, workers } = options;
    const gateways = await Gateways.start();
    const cluster = new Cluster(gateways);
    const database = postgres
      ? {
          client: 'pg',
          pluginDivisionMode: 'schema',
          connection: await emptyDatabase(postgres, workers),
        }
      : {
          client: 'better-sqlite3',
          connection: { directory: path.join(folder, 'database') },
        };
    for (let i = 1; i <= workers; i += 1) {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const process = new BackendProcess({
        program: 'worker',
        name: `worker-${i}`,
        folder,
        port,
        config: {
          app: { baseUrl: url },
          backend: {
            baseUrl: url,
            listen: { host: '127.0.0.1', port },
            database,
          },
          discovery: {
            endpoints: [
              {
                target: `${gateways.url}/{{pluginId}}`,
                plugins: ['models', 'tools'],
              },
            ],
          },
          auth: {
            environment: 'production',
            backstageTokenExpiration: { minutes: 10 },
            providers: { agent: {}, test: {} },
          },
          orchestration: {
            workers: ROOM,
            waiting: {
              perPerson: ROOM,
              perAgent: ROOM,
              perOwner: ROOM,
              total: ROOM,
            },
          },
        },
        variables: { CRASH_GATEWAYS: gateways.url },
      });
      cluster.workers.push({ process, client: signedIn(url) });
    }
    const [first, ...others] = cluster.workers;
    // Backstage's own plugins do not wait for the migrations of another process.
    await cluster.revive(first);
    await Promise.all(others.map(worker => cluster.revive(worker)));
    return cluster;
  }

  private constructor(gateways: Gateways) {
    this.gateways = gateways;
  }

  /** Those that have not been killed. */
  get alive(): Worker[] {
    return [...this.#alive];
  }

  /** kill -9. */
  async kill(...workers: Worker[]): Promise<void> {
    workers.forEach(worker => this.#alive.delete(worker));
    await Promise.all(workers.map(({ process }) => process.kill()));
  }

  async revive(worker: Worker): Promise<void> {
    await worker.process.start();
    this.#alive.add(worker);
  }

  async close(): Promise<void> {
    await this.kill(...this.workers);
    this.gateways.close();
  }
}

/** A client of a person, whose sign-in is renewed before it ends. */
function signedIn(url: string): OrchestrationClient {
  const portal = new PortalClient(url);
  let token: Promise<string> | undefined;
  let until = 0;
  return new OrchestrationClient({
    discoveryApi: { getBaseUrl: async id => `${url}/api/${id}` },
    fetchApi: {
      fetch: async (input, init) => {
        if (Date.now() > until) {
          until = Date.now() + 300_000;
          token = portal.signIn(PERSON);
          token.catch(() => {
            until = 0;
          });
        }
        const headers = new Headers(init?.headers);
        headers.set('authorization', `Bearer ${await token}`);
        return fetch(input, { ...init, headers });
      },
    },
  });
}

async function emptyDatabase(server: string, workers: number) {
  const name = `crash_${process.pid}_${workers}`;
  const admin = connect(server);
  await admin.raw(`create database ${name}`);
  await admin.destroy();
  const { hostname, port, username, password } = new URL(server);
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: name,
  };
}
