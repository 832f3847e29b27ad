import path from 'node:path';
import { parseArgs } from 'node:util';
import { detectInjection } from '@agentportal/guard';
import { type GuardCase, readLines, readProse, readRows } from './sets';

const HELP = `Measures the guard: how many attacks it finds, and how many other texts it takes for one.

  --set <file>     a set of yours, one JSON object a line: {"text", "label": true for an attack}; may be repeated.
                   Without it, the sets of this folder are measured.
  --prose <folder> .md and .txt files that steer nobody, in parts of 1,000 characters
  --failures       print what went wrong
`;

/** Wilson's interval of a share, 95 %. */
export function wilson(hits: number, of: number): [number, number] {
  const z = 1.96;
  const rate = hits / of;
  const centre = rate + z ** 2 / (2 * of);
  const spread =
    z * Math.sqrt((rate * (1 - rate)) / of + z ** 2 / (4 * of ** 2));
  const scale = 1 + z ** 2 / of;
  return [Math.max(0, (centre - spread) / scale), (centre + spread) / scale];
}

function share(hits: number, of: number): string {
  if (!of) return 'none';
  const [low, high] = wilson(hits, of).map(each => (100 * each).toFixed(1));
  return `${((100 * hits) / of).toFixed(1)} % (${low} to ${high}, n=${of})`;
}

interface Counts {
  found: number;
  attacks: number;
  falseAlarms: number;
  others: number;
  microseconds: number;
  characters: number;
}

function measure(cases: GuardCase[], failures: boolean): Counts {
  const counts: Counts = {
    found: 0,
    attacks: 0,
    falseAlarms: 0,
    others: 0,
    microseconds: 0,
    characters: 0,
  };
  for (const { isAttack, text } of cases) {
    const started = process.cpuUsage();
    const found = detectInjection(text);
    const { user } = process.cpuUsage(started);
    counts.microseconds += user;
    counts.characters += text.length;
    counts[isAttack ? 'attacks' : 'others'] += 1;
    if (found) {
      counts[isAttack ? 'found' : 'falseAlarms'] += 1;
    }
    if (failures && Boolean(found) !== isAttack) {
      console.log(
        `  ${isAttack ? 'missed' : 'false alarm'}: ${(
          found?.excerpt ?? text
        ).slice(0, 160)}`,
      );
    }
  }
  return counts;
}

function report(name: string, counts: Counts) {
  console.log(
    `${name}: recall ${share(
      counts.found,
      counts.attacks,
    )}, false positives ${share(counts.falseAlarms, counts.others)}, ${(
      (1000 * counts.microseconds) /
      counts.characters
    ).toFixed(0)} µs/KB`,
  );
}

function main() {
  const { values } = parseArgs({
    options: {
      set: { type: 'string', multiple: true },
      prose: { type: 'string' },
      failures: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const folder = path.join(import.meta.dirname, '../../guard');
  const sets = new Map<string, GuardCase[]>(
    values.set?.map(file => [path.basename(file), readRows(file)]) ?? [
      [
        'written by hand',
        [
          ...readLines(path.join(folder, 'attacks.txt'), true),
          ...readLines(path.join(folder, 'ordinary.txt'), false),
        ],
      ],
      [
        'unseen',
        [
          ...readLines(path.join(folder, 'unseen-attacks.txt'), true),
          ...readLines(path.join(folder, 'unseen-ordinary.txt'), false),
        ],
      ],
    ],
  );
  if (values.prose) {
    sets.set('prose', readProse(values.prose));
  }
  // The first calls are compiled while they run.
  for (const cases of sets.values()) measure(cases.slice(0, 40), false);
  const total = new Map<keyof Counts, number>();
  for (const [name, cases] of sets) {
    const counts = measure(cases, values.failures);
    report(name, counts);
    for (const [key, value] of Object.entries(counts) as Array<
      [keyof Counts, number]
    >) {
      total.set(key, (total.get(key) ?? 0) + value);
    }
  }
  report('guard', Object.fromEntries(total) as unknown as Counts);
}

main();
