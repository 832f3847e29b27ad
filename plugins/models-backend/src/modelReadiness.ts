import {
  coreServices,
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';

/** A database that takes longer is as good as away. */
const TIMEOUT_MS = 2_000;
/** Probes of a load balancer must not be a load. */
const REMEMBER_MS = 1_000;

/**
 * Whether this process can take model calls.
 *
 * @public
 */
export interface ModelReadiness {
  /** What is missing, as a sentence; `undefined` when nothing is. */
  problem(): Promise<string | undefined>;
  /** Called by the models plugin once it has its database. */
  setLedger(db: Knex): void;
}

/**
 * Asked by a process that serves nothing but model calls before it says that it
 * is ready. In the portal nobody asks: the rest of it may well be ready.
 *
 * @public
 */
export const modelReadinessServiceRef = createServiceRef<ModelReadiness>({
  id: 'agentportal.models.readiness',
  scope: 'root',
  defaultFactory: async service =>
    createServiceFactory({ service, deps: {}, factory: createReadiness }),
});

/**
 * The health of a process that serves nothing but model calls: it is ready when it
 * can take one, because a load balancer should send none that cannot be written
 * down.
 *
 * @public
 */
export const modelServiceHealth = createServiceFactory({
  service: coreServices.rootHealth,
  deps: {
    lifecycle: coreServices.rootLifecycle,
    readiness: modelReadinessServiceRef,
  },
  factory({ lifecycle, readiness }) {
    let state: string | undefined = 'This process has not started yet.';
    lifecycle.addStartupHook(() => {
      state = undefined;
    });
    lifecycle.addBeforeShutdownHook(() => {
      state = 'This process is ending.';
    });
    return {
      getLiveness: async () => ({ status: 200, payload: { status: 'ok' } }),
      async getReadiness() {
        const message = state ?? (await readiness.problem());
        return message
          ? { status: 503, payload: { message, status: 'error' } }
          : { status: 200, payload: { status: 'ok' } };
      },
    };
  },
});

function createReadiness(): ModelReadiness {
  let ledger: Knex | undefined;
  let known:
    | { until: number; problem: Promise<string | undefined> }
    | undefined;
  return {
    setLedger(db) {
      ledger = db;
    },
    problem() {
      if (!ledger) {
        return Promise.resolve('The model service has not started yet.');
      }
      if (!known || known.until < Date.now()) {
        const problem = check(ledger);
        known = { until: Date.now() + TIMEOUT_MS + REMEMBER_MS, problem };
        void problem.then(() => {
          known = { until: Date.now() + REMEMBER_MS, problem };
        });
      }
      return known.problem;
    },
  };
}

/** A call is made only when it can be written down. */
async function check(ledger: Knex): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      ledger.raw('select 1'),
      new Promise((_resolve, reject) => {
        timer = setTimeout(
          () => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)),
          TIMEOUT_MS,
        );
      }),
    ]);
    return undefined;
  } catch {
    return 'The database of the model ledger does not answer.';
  } finally {
    clearTimeout(timer);
  }
}
