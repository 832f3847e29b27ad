import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Two questions, and whether one answer fits both. */
export interface QuestionPair {
  file: string;
  one: string;
  other: string;
  same: boolean;
  /** What two questions with different answers differ in. */
  kind: string;
  heldOut: boolean;
}

interface PairFile {
  /** None of its pairs was looked at while the guards were made. */
  heldOut?: boolean;
  paraphrases: Array<[string, string]>;
  nearMisses: Record<string, Array<[string, string]>>;
}

/** Reads the pairs of a folder. A third of them, drawn by their hash, is held out. */
export function readPairs(folder: string): QuestionPair[] {
  return readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .sort()
    .flatMap(name => {
      const file = JSON.parse(
        readFileSync(path.join(folder, name), 'utf8'),
      ) as PairFile;
      const toPair =
        (kind: string) =>
        ([one, other]: [string, string]): QuestionPair => ({
          file: name.replace(/\.json$/, ''),
          one,
          other,
          same: kind === 'paraphrase',
          kind,
          heldOut: file.heldOut ?? isHeldOut(one, other),
        });
      return [
        ...file.paraphrases.map(toPair('paraphrase')),
        ...Object.entries(file.nearMisses).flatMap(([kind, pairs]) =>
          pairs.map(toPair(kind)),
        ),
      ];
    });
}

function isHeldOut(one: string, other: string): boolean {
  const hash = createHash('sha256').update(`${one}\n${other}`).digest();
  return hash[0] % 3 === 0;
}
