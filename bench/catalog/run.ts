// How the portal bears 10,000 agents: what they cost the catalog, compared with
// as many Components in the same run, and how fast the Agents page is then.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/catalog/run.ts [count]
import type { Entity } from '@backstage/catalog-model';
import { type BenchBackend, startBackend } from './backend';
import { agent, component, surroundings } from './company';
import { measureList } from './measureList';

const MAX_INGESTION_MS = 20 * 60_000;
const count = Number(process.argv[2] ?? 10_000);

async function main(): Promise<void> {
  const backend = await startBackend();
  try {
    print('the backend is up');
    const headers = await signInWhenThere(backend);
    print('signed in');
    const range = Array.from({ length: count }, (_, i) => i);

    // Components first: what warms up with the first set favours the agents, so
    // the agents come in two halves around them.
    const half = Math.floor(count / 2);
    const firstHalf = range.slice(0, half).map(agent);
    const agentsFirst = await ingest(backend, headers, {
      set: 'agents',
      kind: 'agent',
      entities: firstHalf,
      expected: half,
    });
    const components = await ingest(backend, headers, {
      set: 'components',
      kind: 'component',
      entities: range.map(component),
      expected: count,
    });
    const agentsLast = await ingest(backend, headers, {
      set: 'agents',
      kind: 'agent',
      entities: range.map(agent),
      expected: count,
    });
    const agents = agentsFirst + agentsLast;
    const ratio = components / agents;
    print(
      `ingested ${count} agents in ${seconds(
        agents,
      )}, ${count} components in ${seconds(components)}`,
    );

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

/** Milliseconds until all entities are in the catalog and can be read. */
async function ingest(
  backend: BenchBackend,
  headers: Record<string, string>,
  options: { set: string; kind: string; entities: Entity[]; expected: number },
): Promise<number> {
  const start = performance.now();
  await backend.provide(options.set, options.entities);
  for (;;) {
    const response = await fetch(
      `${backend.baseUrl}/api/catalog/entities/by-query?filter=kind=${options.kind}&limit=0`,
      { headers },
    );
    const { totalItems } = (await response.json()) as { totalItems: number };
    if (totalItems >= options.expected) {
      const ms = performance.now() - start;
      print(
        `${options.expected} ${options.kind} entities after ${seconds(ms)}`,
      );
      return ms;
    }
    if (performance.now() - start > MAX_INGESTION_MS) {
      throw new Error(
        `Only ${totalItems} of ${options.expected} ${options.kind} entities came`,
      );
    }
    // Seldom enough that counting does not weigh in.
    await pause(500);
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
