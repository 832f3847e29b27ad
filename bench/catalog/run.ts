// How the portal bears 10,000 agents: what they cost the catalog, compared with
// as many Components in the same run, and how fast the Agents page is then.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/catalog/run.ts [count]
import { type BenchBackend, startBackend } from './backend';
import { agent, component, surroundings } from './company';
import { measureList } from './measureList';

const BATCH = 1_000;
const WARM_UP = 250;
const MAX_BATCH_MS = 10 * 60_000;
const count = Number(process.argv[2] ?? 10_000);

const KINDS = {
  agents: { kind: 'agent', make: agent },
  components: { kind: 'component', make: component },
};
type Kind = keyof typeof KINDS;

async function main(): Promise<void> {
  const backend = await startBackend();
  try {
    print(`the backend is up, with SQLite files in ${backend.folder}`);
    const headers = await signInWhenThere(backend);
    await untilThere(backend, headers, '', surroundings().length);
    print('signed in, and what agents and components refer to is there');
    const ms = await ingestBoth(backend, headers);
    print(
      `ingested ${count} agents in ${seconds(
        ms.agents,
      )}, ${count} components in ${seconds(ms.components)}`,
    );
    const ratio = ms.components / ms.agents;

    const p95 = await measureList(backend.baseUrl, headers, print);
    print(`catalog: p95 ${Math.round(p95)} ms, ingestion x${ratio.toFixed(2)}`);
  } finally {
    await backend.stop();
  }
}

/** The guest has to be in the catalog before signing in. */
async function signInWhenThere(backend: BenchBackend) {
  await backend.provide('surroundings', surroundings());
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await backend.signIn();
    } catch (error) {
      if (Date.now() > deadline) {
        throw error;
      }
      await pause(500);
    }
  }
}

/**
 * Both kinds in turns, batch by batch, so that a growing catalog slows down both
 * alike; every second turn the other kind begins, and what warms up comes before
 * the count. Returns how long each took, in milliseconds.
 */
async function ingestBoth(
  backend: BenchBackend,
  headers: Record<string, string>,
): Promise<{ agents: number; components: number }> {
  const ingest = async (set: Kind, from: number, to: number) => {
    const { kind, make } = KINDS[set];
    const entities = Array.from({ length: to - from }, (_, i) =>
      make(from + i),
    );
    const start = performance.now();
    await backend.provide(set, entities);
    await untilThere(backend, headers, `filter=kind=${kind}`, to);
    return performance.now() - start;
  };
  await ingest('components', 0, WARM_UP);
  await ingest('agents', 0, WARM_UP);

  const total = { agents: 0, components: 0 };
  const end = WARM_UP + count;
  for (let from = WARM_UP, turn = 0; from < end; from += BATCH, turn++) {
    const to = Math.min(from + BATCH, end);
    const sets: Kind[] = ['agents', 'components'];
    for (const set of turn % 2 ? sets.reverse() : sets) {
      total[set] += await ingest(set, from, to);
    }
    print(
      `${to - WARM_UP} of each kind after ${seconds(
        total.agents,
      )} for agents and ${seconds(total.components)} for components`,
    );
  }
  return total;
}

/** Waits until as many entities are in the catalog and can be read. */
async function untilThere(
  backend: BenchBackend,
  headers: Record<string, string>,
  filter: string,
  expected: number,
): Promise<void> {
  const deadline = performance.now() + MAX_BATCH_MS;
  for (;;) {
    const response = await fetch(
      `${backend.baseUrl}/api/catalog/entities/by-query?${filter}&limit=0`,
      { headers },
    );
    const { totalItems } = (await response.json()) as { totalItems: number };
    if (totalItems >= expected) {
      return;
    }
    if (performance.now() > deadline) {
      throw new Error(`Only ${totalItems} of ${expected} entities came`);
    }
    // Seldom enough that counting does not weigh in.
    await pause(250);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().then(
  () => process.exit(0),
  error => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
