import { OrchestrationClient } from '@agentportal/plugin-orchestration-common';
import path from 'node:path';
import { BackendProcess, freePort } from '../gateway/processes';
import { connect } from '../money/connect';
import { PortalClient } from '../portal/PortalClient';
import { PERSON } from './entities';
import { Gateways } from './gateways';
import { CALLS, WRITE_POINTS } from './points';

/** How many runs of a worker are each held in another call at once. */
export const IN_CALLS = CALLS.length;
/**
 * Room for its own runs and for those of a dead one. More at once would overload a Node process that has to go on
 * with all of them.
 */
const WORKERS = 2 * IN_CALLS;
const WAITING = 1_000;

/** A worker, and a person's way to it. */
export interface Worker {
  process: BackendProcess;
  /** Its configuration, which is read when it starts. */
  config: { orchestration: { workers: number; waiting: object } };
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
    /** How many runs a worker works on before the first kill; enough to stop at all writes unless given. */
    inFlight?: number;
    /** Of the environment of the workers. */
    variables?: Record<string, string>;
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
      const config = {
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
              plugins: ['models'],
            },
            {
              target: `${gateways.toolsUrl}/{{pluginId}}`,
              plugins: ['tools'],
            },
          ],
        },
        auth: {
          environment: 'production',
          backstageTokenExpiration: { minutes: 10 },
          providers: { agent: {}, test: {} },
        },
        orchestration: {
          // Before the first kill runs stop at their writes, and need no time of the process.
          workers: options.inFlight ?? WRITE_POINTS.length + 5,
          waiting: {
            perPerson: WAITING,
            perAgent: WAITING,
            perOwner: WAITING,
            total: WAITING,
          },
        },
      };
      const process = new BackendProcess({
        program: 'worker',
        name: `worker-${i}`,
        folder,
        port,
        config,
        variables: { ...options.variables, CRASH_GATEWAYS: gateways.url },
      });
      cluster.workers.push({ process, config, client: signedIn(url) });
    }
    const [first, ...others] = cluster.workers;
    cluster.survivors.forEach(({ config }) => {
      config.orchestration.workers = WORKERS;
    });
    // Backstage's own plugins do not wait for the migrations of another process.
    await cluster.revive(first);
    await Promise.all(others.map(worker => cluster.revive(worker)));
    return cluster;
  }

  private constructor(gateways: Gateways) {
    this.gateways = gateways;
  }

  /** Whether workers die while runs are started. */
  mayBeLost = false;

  /** When there was a worker again after all had been killed. */
  backAt = 0;

  /** Those that have not been killed. */
  get alive(): Worker[] {
    return [...this.#alive];
  }

  /** Half of the workers, or the only one. */
  get victims(): Worker[] {
    return this.workers.slice(0, Math.ceil(this.workers.length / 2));
  }

  get survivors(): Worker[] {
    return this.workers.slice(this.victims.length);
  }

  /** kill -9. */
  async kill(...workers: Worker[]): Promise<void> {
    workers.forEach(worker => this.#alive.delete(worker));
    await Promise.all(workers.map(({ process }) => process.kill()));
  }

  async revive(worker: Worker): Promise<void> {
    await worker.process.start();
    worker.config.orchestration.workers = WORKERS;
    this.backAt = this.#alive.size ? this.backAt : Date.now();
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
