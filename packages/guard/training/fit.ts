import { BUCKETS, CONCEPTS_AT, visitFeatures } from '../src/injection/features';
import { fold } from '../src/text/fold';
import { type Example, randomOf } from './expand';

const EPOCHS = 3;
const RATE = 1;
const L2 = 1e-5;
/** What is said in fewer templates or files is chance. */
export const MIN_FAMILIES = 3;

/** An example as the model sees it. */
export interface Row {
  features: Uint32Array;
  /** How many features there are, also those that were left out. */
  length: number;
  /** Whether only its concepts are left. */
  isBlind?: boolean;
  example: Example;
}

/** A logistic regression. */
export interface Fitted {
  weights: Float64Array;
  bias: number;
}

/** An example with its words, and as if none of them had been seen. */
export function rowsOf(example: Example): Row[] {
  const features: number[] = [];
  visitFeatures(fold(example.text), bucket => features.push(bucket));
  const row: Row = {
    features: Uint32Array.from(features),
    length: features.length,
    example,
  };
  return [
    row,
    // What its words mean has to say enough.
    {
      ...row,
      features: row.features.filter(each => each >= CONCEPTS_AT),
      isBlind: true,
    },
  ];
}

export function logitOf(
  { weights, bias }: Fitted,
  { features, length }: Row,
): number {
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
export function fit(all: Row[], seed: number): Fitted {
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
      const error = 1 / (1 + Math.exp(-logitOf(model, row))) - label;
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
