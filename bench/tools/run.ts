// What the tool gateway costs a call: the same tool called directly, through a
// bare proxy and through the gateway, in one run and in turns.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/tools/run.ts [calls]
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { start } from './processes';

const ROUNDS = 4;
const CONCURRENCY = [1, 16];
const calls = Number(process.argv[2] ?? 400);

interface Way {
  name: string;
  call(i: number): Promise<void>;
}

interface Measured {
  p50: number;
  p95: number;
  perSecond: number;
}

async function main(): Promise<void> {
  const server = await start('server');
  const [proxy, gateway] = await Promise.all([
    start('proxy', server.url),
    start('gateway', server.url),
  ]);
  print('the server, the bare proxy and the gateway are up');
  const ways = [
    await wayTo('direct', server.url, 'find_order'),
    await wayTo('bare proxy', proxy.url, 'find_order'),
    await wayTo('gateway', gateway.url, 'orders.find_order', gateway.token),
  ];
  for (const way of ways) {
    await measure([way], 16, 200, 1);
  }

  const alone = await measure(ways, 1, calls, ROUNDS);
  const crowded = await measure(ways, 16, calls, ROUNDS);
  for (const [i, results] of [alone, crowded].entries()) {
    for (const [j, { p50, p95, perSecond }] of results.entries()) {
      print(
        `${ways[j].name.padEnd(10)}  ${String(CONCURRENCY[i]).padStart(
          2,
        )} at a time  p50 ${ms(p50)}  p95 ${ms(p95)}  ${Math.round(
          perSecond,
        )} calls/s`,
      );
    }
  }
  const [direct, bare, ours] = crowded.map(({ perSecond }) => perSecond);
  const added = alone[2].p50 - alone[0].p50;
  print(
    `tools: direct x${(ours / direct).toFixed(2)} bare-proxy x${(
      ours / bare
    ).toFixed(2)} added-p50 ${added.toFixed(1)} ms`,
  );
}

async function wayTo(
  name: string,
  url: string,
  tool: string,
  token?: string,
): Promise<Way> {
  const client = new Client(
    { name: 'bench', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), {
      requestInit: token
        ? { headers: { Authorization: `Bearer ${token}` } }
        : undefined,
    }),
  );
  return {
    name,
    async call(i) {
      const result = await client.callTool({
        name: tool,
        arguments: { orderId: `NH-${i}` },
      });
      const text = JSON.stringify(result.content);
      if (result.isError || !text.includes(`NH-${i}:`)) {
        throw new Error(`${name} answered ${text}`);
      }
    },
  };
}

/** All ways in turns, so that what else the machine does falls on each of them. */
async function measure(
  ways: Way[],
  concurrency: number,
  count: number,
  rounds: number,
): Promise<Measured[]> {
  const times = ways.map(() => [] as number[]);
  const seconds = ways.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [w, way] of ways.entries()) {
      let next = 0;
      const begun = performance.now();
      await Promise.all(
        Array.from({ length: concurrency }, async () => {
          while (next < count) {
            const i = next;
            next += 1;
            const asked = performance.now();
            await way.call(i);
            times[w].push(performance.now() - asked);
          }
        }),
      );
      seconds[w] += (performance.now() - begun) / 1000;
    }
  }
  return ways.map((_, w) => ({
    p50: percentile(times[w], 0.5),
    p95: percentile(times[w], 0.95),
    perSecond: times[w].length / seconds[w],
  }));
}

function percentile(times: number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}

function ms(value: number): string {
  return `${value.toFixed(1).padStart(6)} ms`;
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
