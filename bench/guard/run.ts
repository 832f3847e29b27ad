// What the guard costs: microseconds for each kilobyte of an answer as it streams, and of
// what is written. `npm run bench:guard`.
import {
  detectInjection,
  findSensitive,
  MaskedStream,
} from '@agentportal/guard';

const WORDS =
  'The parcel with order SO-2026-00417 left Hamburg on Monday and arrives, as [the carrier](https://docs.acme.example/track) says, within two days. ';
const KEY = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
const ANSWER = WORDS.repeat(56);
/** As models send them. */
const PIECE = 4;

async function microsecondsPerKb(
  characters: number,
  work: () => Promise<unknown> | unknown,
): Promise<number> {
  for (let i = 0; i < 20; i++) await work();
  const times: number[] = [];
  for (let i = 0; i < 60; i++) {
    const since = performance.now();
    await work();
    times.push(performance.now() - since);
  }
  times.sort((a, b) => a - b);
  return (times[times.length / 2] * 1000) / (characters / 1024);
}

function streaming(text: string, personalData: boolean) {
  return async () => {
    const stream = new MaskedStream({
      findings: {
        secrets: true,
        personalData,
        links: {
          isListed: url => url.hostname === 'docs.acme.example',
          isTold: () => false,
        },
      },
      replace: ({ kind }) => `[${kind}]`,
    });
    for (let at = 0; at < text.length; at += PIECE) {
      await stream.push(text.slice(at, at + PIECE));
    }
    return stream.end();
  };
}

async function main() {
  const withKey = `${WORDS.repeat(28)}${KEY} ${WORDS.repeat(28)}`;
  const rows: Array<[string, number]> = [
    [
      'answer, secrets and links',
      await microsecondsPerKb(ANSWER.length, streaming(ANSWER, false)),
    ],
    [
      'answer, a secret in it',
      await microsecondsPerKb(withKey.length, streaming(withKey, false)),
    ],
    [
      'answer, personal data too',
      await microsecondsPerKb(ANSWER.length, streaming(ANSWER, true)),
    ],
    [
      'prompt, secrets',
      await microsecondsPerKb(ANSWER.length, () =>
        findSensitive(ANSWER, { secrets: true }),
      ),
    ],
    [
      'prompt, injection',
      await microsecondsPerKb(ANSWER.length, () =>
        detectInjection(ANSWER, { origin: 'person' }),
      ),
    ],
  ];
  for (const [name, us] of rows) {
    console.log(`${name.padEnd(28)} ${us.toFixed(0).padStart(6)} µs/KB`);
  }
  console.log(
    `guard: ${rows
      .map(([name, us]) => `${name} ${us.toFixed(0)}`)
      .join(', ')} (µs per KB)`,
  );
}

void main();
