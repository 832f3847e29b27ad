import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { BUCKETS, CONCEPTS_AT, visitFeatures } from '../src/injection/features';
import { fold } from '../src/text/fold';
import { type Example, expand, randomOf } from './expand';
import { realTexts } from './realTexts';

const EPOCHS = 8;
const RATE = 1;
const L2 = 1e-5;
/** Of windows of texts that were left out, at most so many may be flagged. */
const FALSE_POSITIVES = { real: 0.0012, written: 0.038 };
const FOLDS = 6;
/** How many words are known to those who hide them. */
const WORDS = 12_000;
/** What is said in fewer templates or files is chance. */
const MIN_FAMILIES = 3;

interface Row {
  features: Uint32Array;
  /** How many features there are, also those that were left out. */
  length: number;
  /** Whether only its concepts are left. */
  isBlind?: boolean;
  example: Example;
}

interface Fitted {
  weights: Float64Array;
  bias: number;
}

const here = import.meta.dirname;
const root = path.join(here, '../../..');

function rowsOf(example: Example): Row[] {
  const features: number[] = [];
  visitFeatures(fold(example.text), bucket => features.push(bucket));
  const row: Row = {
    features: Uint32Array.from(features),
    length: features.length,
    example,
  };
  return [
    row,
    // As if none of its words had been seen: what they mean has to say enough.
    {
      ...row,
      features: row.features.filter(each => each >= CONCEPTS_AT),
      isBlind: true,
    },
  ];
}

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

function logit({ weights, bias }: Fitted, { features, length }: Row): number {
  let sum = 0;
  for (const feature of features) sum += weights[feature];
  return bias + (length && sum / Math.sqrt(length));
}

/** How many families of attacks, and of all, have each feature. */
function familiesOf(rows: Row[]) {
  const last = new Map<number, string>();
  const attacks = new Uint16Array(BUCKETS);
  const others = new Uint16Array(BUCKETS);
  const sorted = [...rows].sort((a, b) =>
    a.example.family < b.example.family ? -1 : 1,
  );
  for (const { example, features } of sorted) {
    for (const feature of features) {
      if (last.get(feature) !== example.family) {
        last.set(feature, example.family);
        (example.label ? attacks : others)[feature] += 1;
      }
    }
  }
  return { attacks, others };
}

/** Adagrad over examples in random order. */
function fit(all: Row[], seed: number): Fitted {
  const { attacks, others } = familiesOf(all);
  const rows = all.map(row => ({
    ...row,
    features: row.features.filter(
      each => attacks[each] >= MIN_FAMILIES || others[each] >= MIN_FAMILIES,
    ),
  }));
  const model: Fitted = { weights: new Float64Array(BUCKETS), bias: -1 };
  const squares = new Float64Array(BUCKETS).fill(1e-3);
  const random = randomOf(seed);
  const positives = rows.filter(({ example }) => example.label === 1).length;
  const balance = Math.sqrt((rows.length - positives) / positives);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let step = 0; step < rows.length; step++) {
      const row = rows[Math.floor(random() * rows.length)];
      const { label } = row.example;
      const error = 1 / (1 + Math.exp(-logit(model, row))) - label;
      const gradient =
        (error * (label ? balance : 1)) / Math.sqrt(row.length || 1);
      model.bias -= 0.02 * error;
      for (const feature of row.features) {
        const slope =
          gradient + L2 * rows.length * 0.001 * model.weights[feature];
        squares[feature] += slope * slope;
        const weight =
          model.weights[feature] - (RATE * slope) / Math.sqrt(squares[feature]);
        // What only few attacks say is no sign of one.
        model.weights[feature] =
          attacks[feature] < MIN_FAMILIES ? Math.min(0, weight) : weight;
      }
    }
  }
  return model;
}

const random = randomOf(7);
const attacks = expand(path.join(here, 'attacks.txt'), 1, 25, 1);
const ordinary = expand(path.join(here, 'benign.txt'), 0, 30, 2);
const real = realTexts(root, process.argv[2]);
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

// Each family is judged by a model that has not seen it.
const families = [...new Set(rows.map(({ example }) => example.family))].sort();
const foldOf = new Map(
  families.map((family, i) => [family, (i * 7 + 3) % FOLDS]),
);
const judged: Array<{ row: Row; value: number }> = [];
for (let fold_ = 0; fold_ < FOLDS; fold_++) {
  const seen = rows.filter(
    ({ example }) => foldOf.get(example.family) !== fold_,
  );
  const model = fit(seen, fold_ + 1);
  for (const row of rows) {
    if (foldOf.get(row.example.family) === fold_ && !row.isBlind) {
      judged.push({ row, value: logit(model, row) });
    }
  }
}
function limitOf(isReal: boolean, share: number): number {
  const values = judged
    .filter(
      ({ row: { example } }) =>
        !example.label && isReal === example.family.startsWith('0:real'),
    )
    .map(({ value }) => value)
    .sort((x, y) => y - x);
  return values[Math.floor(values.length * share)];
}
const limit = Math.max(
  limitOf(true, FALSE_POSITIVES.real),
  limitOf(false, FALSE_POSITIVES.written),
);
// By kind, to see what is weak.
const kinds = new Map<string, { flagged: number; of: number }>();
for (const { row, value } of judged) {
  const kind = row.example.family.replace(/ \d+$|(?<=real).*$/, '');
  const count = kinds.get(kind) ?? { flagged: 0, of: 0 };
  count.flagged += Number(value > limit);
  count.of += 1;
  kinds.set(kind, count);
}
for (const [kind, { flagged, of }] of kinds) {
  console.log(`${kind}: ${((100 * flagged) / of).toFixed(1)} % of ${of}`);
}

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
      buckets: brotliCompressSync(Buffer.from(bytes.buffer)).toString('base64'),
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
