import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { fold } from '../src/text/fold';
import { type Example, expand, randomOf } from './expand';
import { fit, MIN_FAMILIES, type Row, rowsOf } from './fit';
import { leaveOut, limitOf, report } from './leaveOut';
import { realTexts } from './realTexts';

/** Of windows of texts that were left out, at most so many may be flagged. */
const FALSE_POSITIVES = { real: 0.005, written: 0.04 };
const FOLDS = 6;
/** How many words are known to those who hide them. */
const WORDS = 12_000;

const here = import.meta.dirname;
const root = path.join(here, '../../..');

/** The commonest words, of which each is in a few templates or files. */
function commonWords(examples: Example[]): string[] {
  const counts = new Map<string, { count: number; families: Set<string> }>();
  for (const { family, text } of examples) {
    for (const [word] of fold(text).matchAll(
      /(?<![a-z])(?:[a-z]{2,16}|[ai])(?![a-z])/g,
    )) {
      const known = counts.get(word) ?? { count: 0, families: new Set() };
      known.count += 1;
      if (known.families.size < MIN_FAMILIES) known.families.add(family);
      counts.set(word, known);
    }
  }
  return [...counts]
    .filter(([, { families }]) => families.size >= MIN_FAMILIES)
    .sort(([, a], [, b]) => b.count - a.count)
    .slice(0, WORDS)
    .map(([word]) => word);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { techniques: { type: 'boolean', default: false } },
});
const random = randomOf(7);
const attacks = expand(path.join(here, 'attacks.txt'), 1, 100, 1);
const ordinary = expand(path.join(here, 'benign.txt'), 0, 100, 2);
const real = realTexts(root, positionals[0]);
// An instruction often stands beside a sentence that is none.
const neighbours = real.filter(({ text }) => text.length < 120);
const mixed = attacks
  .filter(({ text }) => text.length < 180)
  .filter((_, i) => i % 4 === 0)
  .map((attack, i): Example => {
    const { text } = neighbours[Math.floor(random() * neighbours.length)];
    return {
      ...attack,
      text: i % 2 ? `${text} ${attack.text}` : `${attack.text} ${text}`,
    };
  });
const examples = [...attacks, ...mixed, ...ordinary, ...real];
const rows = examples.flatMap(rowsOf);
const families = [...new Set(examples.map(({ family }) => family))].sort();
const foldOf = new Map(
  families.map((family, i) => [family, (i * 7 + 3) % FOLDS]),
);
const isReal = ({ example }: Row) => example.family.startsWith('0:real');
const isHard = (row: Row) => !row.example.label && !isReal(row);
const kindOf = ({ example }: Row) =>
  example.family.replace(/ \d+$|(?<=real).*$/, '');

if (values.techniques) {
  // How well is found what nobody has thought of: attacks whose whole technique was left
  // out, where at most 2 % of the texts that only look like attacks are flagged.
  const techniqueOf = ({ example: { family } }: Row) =>
    /^1:([a-z]+)/.exec(family)![1];
  const judged = leaveOut(rows, row =>
    row.example.label ? techniqueOf(row) : foldOf.get(row.example.family)!,
  );
  for (const share of [0.01, 0.02, 0.04]) {
    const limit = limitOf(
      judged.filter(({ row }) => isHard(row)),
      share,
    );
    console.log(`With ${100 * share} % of the hard texts flagged:`);
    for (const line of report(judged, limit, row =>
      row.example.label ? techniqueOf(row) : `0:${isReal(row)}`,
    )) {
      console.log(`  ${line}`);
    }
  }
} else {
  const judged = leaveOut(rows, row => foldOf.get(row.example.family)!);
  const limits = {
    real: limitOf(
      judged.filter(({ row }) => isReal(row)),
      FALSE_POSITIVES.real,
    ),
    written: limitOf(
      judged.filter(({ row }) => isHard(row)),
      FALSE_POSITIVES.written,
    ),
  };
  const limit = Math.max(limits.real, limits.written);
  console.log('Limits:', limits);
  for (const line of report(judged, limit, kindOf)) console.log(line);
  const { weights, bias } = fit(rows, 99);
  const largest = weights.reduce(
    (most, each) => Math.max(most, Math.abs(each)),
    0,
  );
  const scale = Math.min(largest, 12) / 127;
  const bytes = Int8Array.from(weights, weight =>
    Math.max(-127, Math.min(127, Math.round(weight / scale))),
  );
  writeFileSync(
    path.join(here, '../src/injection/weights.json'),
    `${JSON.stringify(
      {
        buckets: brotliCompressSync(Buffer.from(bytes.buffer)).toString(
          'base64',
        ),
        scale,
        bias,
        threshold: Number((1 / (1 + Math.exp(-limit))).toFixed(4)),
        words: commonWords(examples).join(' '),
      },
      null,
      2,
    )}\n`,
  );
  console.log(
    `${attacks.length} attacks, ${ordinary.length + real.length} others, ${
      bytes.filter(Boolean).length
    } weights`,
  );
}
