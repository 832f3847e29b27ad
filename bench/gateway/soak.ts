// Whether our gateway's memory stays flat: full load for a time, of whole answers
// and of streams, with callers that go away in the middle among them.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/gateway/soak.ts [seconds]
import { connect } from 'node:net';
import { type Contestant, startOurs } from './contestants';
import { startFakeProvider } from './fakeProvider';
import { load } from './load';
import { pinLoad } from './processes';

const seconds = Number(process.argv[2] ?? 600);
const EVERY_SECONDS = 10;
/** Caches and the heap find their size first; growth counts from then on. */
const SETTLING_PART = 0.25;
/** Growth of the median of the last quarter over that of the second. */
const MAX_GROWTH_MEGABYTES = 32;

async function main(): Promise<void> {
  pinLoad();
  const provider = await startFakeProvider();
  const ours = await startOurs(provider.port);
  const samples: number[] = [];
  let calls = 0;
  let failures = 0;
  let leavers = 0;
  try {
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      const [whole, streams, left] = await Promise.all([
        load(ours.target, {
          concurrency: 12,
          stream: false,
          seconds: EVERY_SECONDS,
        }),
        load(ours.target, {
          concurrency: 4,
          stream: true,
          seconds: EVERY_SECONDS,
        }),
        leaveEarly(ours, EVERY_SECONDS),
      ]);
      calls += whole.calls + streams.calls;
      failures += whole.failures + streams.failures;
      leavers += left;
      const megabytes = ours.process!.residentMegabytes();
      if (megabytes === undefined) {
        throw new Error('This platform does not tell the memory of a process');
      }
      samples.push(megabytes);
      print(
        `${String(samples.length * EVERY_SECONDS).padStart(
          5,
        )} s  ${megabytes.toFixed(
          1,
        )} MB  ${calls} calls, ${leavers} left early`,
      );
    }
  } finally {
    await ours.stop();
    await provider.stop();
  }
  const growth = growthOf(samples);
  print(
    `soak: ${calls} calls, ${failures} failures, memory grew by ${growth.toFixed(
      1,
    )} MB (at most ${MAX_GROWTH_MEGABYTES})`,
  );
  if (failures > 0 || growth > MAX_GROWTH_MEGABYTES) {
    throw new Error(
      failures > 0 ? 'Calls failed' : 'The memory of the gateway grows',
    );
  }
}

function growthOf(samples: number[]): number {
  const settled = samples.slice(Math.floor(samples.length * SETTLING_PART));
  const part = Math.max(1, Math.floor(settled.length / 3));
  return middle(settled.slice(-part)) - middle(settled.slice(0, part));
}

function middle(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Asks for streams and hangs up at the first byte, again and again. */
async function leaveEarly(ours: Contestant, forSeconds: number) {
  const { headers, model, path, port } = ours.target;
  const body = JSON.stringify({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'I shall not wait for the answer.' }],
  });
  const request = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${headers.authorization}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const end = performance.now() + forSeconds * 1000;
  let left = 0;
  while (performance.now() < end) {
    await new Promise<void>(resolve => {
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        socket.write(request);
      });
      socket.once('data', () => socket.destroy());
      socket.once('error', () => socket.destroy());
      socket.once('close', () => resolve());
    });
    left += 1;
    await new Promise(resolve => {
      setTimeout(resolve, 20);
    });
  }
  return left;
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
