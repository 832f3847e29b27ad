import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createExtractiveHandler } from '@agentportal/extractive-model';
import OpenAI from 'openai';
import { readCases, type Case } from './dataset';
import { evaluateCase, type Outcome } from './evaluate';

const HELP = `Asks a chat model requests of trades that it was not built for.

  --half <dev|held>   only this half (default: both)
  --held <folder>     where the held half is (default: UNLIKE_HELD, else unlike/held)
  --base-url <url>    an endpoint that speaks the OpenAI wire format, with /v1 (default: the built-in model)
  --model <name>      its model (default: the first that it lists)
  --api-key <key>     its key (default: OPENAI_API_KEY)
  --concurrency <n>   requests at a time (default: 2)
  --trade, --kind, --lang <name>  only these cases
  --failures          print what went wrong
`;

function tableOf(
  title: string,
  outcomes: Outcome[],
  by: (item: Case) => string,
) {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const name = by(outcome.item);
    groups.set(name, [...(groups.get(name) ?? []), outcome]);
  }
  const rows = [...groups].sort(([a], [b]) => a.localeCompare(b));
  const width = Math.max(title.length, ...rows.map(([name]) => name.length));
  console.log(`${title.padEnd(width)}  right     of  wrong calls`);
  for (const [name, group] of rows) {
    const right = group.filter(one => one.state === 'right').length;
    const stray = group.filter(one => one.state === 'wrong' && one.wrongCall);
    console.log(
      `${name.padEnd(width)}  ${String(right).padStart(5)}  ${String(
        group.length,
      ).padStart(5)}  ${String(stray.length || '').padStart(11)}`,
    );
  }
  console.log();
}

async function serveBuiltIn(): Promise<{ url: string; close: () => void }> {
  const server = createServer(createExtractiveHandler());
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () => server.closeAllConnections(),
  };
}

async function main() {
  const { values } = parseArgs({
    options: {
      half: { type: 'string' },
      held: { type: 'string' },
      'base-url': { type: 'string' },
      model: { type: 'string' },
      'api-key': { type: 'string' },
      concurrency: { type: 'string', default: '2' },
      trade: { type: 'string' },
      kind: { type: 'string' },
      lang: { type: 'string' },
      failures: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  if (values.half && !['dev', 'held'].includes(values.half))
    throw new Error('--half is dev or held.');
  // a private package that only ever runs from its sources
  // eslint-disable-next-line no-restricted-syntax
  const data = resolve(__dirname, '../../unlike');
  const { cases, heldIsThere } = readCases({
    dev: join(data, 'dev'),
    held: resolve(values.held ?? process.env.UNLIKE_HELD ?? join(data, 'held')),
  });
  if (!heldIsThere && values.half !== 'dev')
    console.log('The held half is not here; see --held.\n');
  const chosen = cases.filter(
    item =>
      (values.half ?? item.half) === item.half &&
      (values.trade ?? item.trade) === item.trade &&
      (values.kind ?? item.kind) === item.kind &&
      (values.lang ?? item.lang) === item.lang,
  );
  if (!chosen.length) throw new Error('No case fits these options.');

  const builtIn = values['base-url'] ? undefined : await serveBuiltIn();
  const client = new OpenAI({
    baseURL: builtIn?.url ?? values['base-url'],
    apiKey: values['api-key'] ?? process.env.OPENAI_API_KEY ?? 'none',
    timeout: 120_000,
  });
  const model = values.model ?? (await client.models.list()).data[0].id;

  const outcomes: Outcome[] = new Array(chosen.length);
  let next = 0;
  const worker = async () => {
    while (next < chosen.length) {
      const at = next++;
      outcomes[at] = await evaluateCase(client, model, chosen[at]);
    }
  };
  await Promise.all(
    Array.from({ length: Math.max(1, Number(values.concurrency)) }, worker),
  );
  builtIn?.close();

  if (values.failures) {
    for (const outcome of outcomes) {
      if (outcome.state === 'right') continue;
      const { item } = outcome;
      const asked = item.messages.findLast(turn => 'user' in turn);
      console.log(
        `${outcome.wrongCall ? 'WRONG CALL' : 'wrong'}  ${item.half}/${
          item.trade
        }/${item.id} (${item.kind}, ${item.lang}, ${item.today})`,
      );
      console.log(`  ${asked && 'user' in asked ? asked.user : ''}`);
      console.log(`  ${outcome.why}\n`);
    }
  }
  tableOf('trade', outcomes, item => item.trade);
  tableOf('kind', outcomes, item => item.kind);
  tableOf('language', outcomes, item => item.lang);
  tableOf('half', outcomes, item => item.half);
  const right = outcomes.filter(one => one.state === 'right').length;
  const stray = outcomes.filter(one => one.state === 'wrong' && one.wrongCall);
  console.log(
    `unlike ${(right / outcomes.length).toFixed(2)} (${right}/${
      outcomes.length
    }) wrong-calls ${stray.length}`,
  );
}

main().then(
  () => process.exit(0),
  error => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
