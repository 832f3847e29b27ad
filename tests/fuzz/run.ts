// What a portal does with messages and inputs that are meant to break it: `npm run test:fuzz`.
// The portal of PORTAL_URL is a real one, started by scripts/test-fuzz.mjs.
import { HealthProbe } from '../portal/HealthProbe';
import { PortalClient } from '../portal/PortalClient';
import { freeze, HEALTH_LIMIT_MS } from './freeze';
import { fuzz } from './fuzz';
import { readOperations } from './operations';
import { Random } from './Random';

const SEED = Number(process.env.FUZZ_SEED ?? 20261128);
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 8_000);
const PLUGINS = (
  process.env.FUZZ_PLUGINS ??
  'agents,models,tools,orchestration,traces,evals,governance'
).split(',');

async function main(): Promise<number> {
  const portal = new PortalClient(process.env.PORTAL_URL!);
  await portal.untilFurnished();
  const probe = await HealthProbe.start(portal.url.origin);
  const [guest, member, admin] = await Promise.all(
    ['guest', 'elin.marklund', 'priya.raman'].map(name =>
      portal.signIn(`user:default/${name}`),
    ),
  );
  let passed = 0;
  let failed = 0;
  const check = async (title: string, play: () => Promise<string>) => {
    const started = performance.now();
    let outcome = '✓';
    let words: string;
    try {
      words = await play();
      passed += 1;
    } catch (error) {
      failed += 1;
      outcome = '✗';
      words = (error as Error)?.message ?? String(error);
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${outcome} ${title} (${seconds} s)\n  ${words}\n`);
  };

  if (!process.env.FUZZ_PLUGINS) {
    await check('hostile messages freeze nobody', () =>
      freeze(portal, probe, guest, member),
    );
  }
  await check('bad input gets an answer with words', async () => {
    const operations = readOperations(PLUGINS);
    probe.take();
    const { findings, statuses } = await fuzz({
      portal,
      operations,
      callers: [
        { title: 'nobody' },
        { title: 'a stranger', token: 'eyJhbGciOiJub25lIn0.e30.' },
        { title: 'a guest', token: guest, times: 2 },
        { title: 'a member', token: member, times: 2 },
        { title: 'an administrator', token: admin, times: 4 },
      ],
      random: new Random(SEED),
      inputs: INPUTS,
    });
    const counts = Object.entries(statuses)
      .map(([status, times]) => `${times} x ${status}`)
      .join(', ');
    const { measured, problem } = probe.judge(HEALTH_LIMIT_MS);
    const sum = `${operations.length} operations, seed ${SEED}: ${counts}; health: ${measured}`;
    if (problem) {
      findings.push({ title: 'health', problem, example: '', times: 1 });
    }
    if (findings.length) {
      throw new Error(
        [
          sum,
          ...findings.map(
            ({ title, problem, example, times }) =>
              `${title}: ${problem} (${times} x)\n    ${example}`,
          ),
        ].join('\n  '),
      );
    }
    return sum;
  });
  await probe.stop();
  portal.close();
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

main().then(
  failed => process.exit(failed === 0 ? 0 : 1),
  error => {
    process.stderr.write(`${error?.stack ?? error}\n`);
    process.exit(1);
  },
);
