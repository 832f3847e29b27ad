import type { TreeHead } from '../heads';
import type { Problem } from './report';

/** Where an export stands when it is compared with a head. */
export interface Standing {
  /** The head to which the proofs of the export lead. */
  head: TreeHead;
  /** Root over the entries so far, when they are all that the log had; else undefined. */
  rootAt: (size: number) => string | undefined;
  /** Number and time of the last entry. */
  lastSeq: number;
  lastTime: string;
}

/** Heads that were kept apart from the log, and what comparing with them shows. */
export class KeptHeads {
  /** The smallest first. */
  readonly #heads: TreeHead[];
  #next = 0;
  /** Size of the last one that is that of the export. */
  #same = 0;
  compared = 0;
  notCompared = 0;
  /** Those that are larger than the export. */
  later = 0;
  /** Time of the last one that was passed; nothing after it may be older. */
  time = '';

  constructor(heads: TreeHead[]) {
    this.#heads = [...heads].sort((a, b) => a.size - b.size);
  }

  /** Those of one log. */
  of(tenant: string): TreeHead[] {
    return this.#heads.filter(head => head.tenant === tenant);
  }

  /** Compares with the heads up to a size of the log, each once. */
  passTo(size: number, standing: Standing): Array<Omit<Problem, 'line'>> {
    const problems: Array<Omit<Problem, 'line'>> = [];
    const { head, lastSeq, lastTime } = standing;
    for (
      let kept = this.#heads[this.#next];
      kept && kept.size <= size;
      kept = this.#heads[this.#next]
    ) {
      this.#next += 1;
      if (kept.tenant !== head.tenant || kept.size > head.size) {
        this.later += kept.tenant === head.tenant ? 1 : 0;
        continue;
      }
      const name = `The kept head of ${kept.size} entries`;
      if (kept.time < lastTime) {
        problems.push({
          kind: 'back-dated',
          message: `${name} says ${kept.time}, before entry ${lastSeq} of ${lastTime}.`,
          seq: lastSeq,
        });
      }
      this.time = kept.time;
      const root =
        kept.size === head.size ? head.root : standing.rootAt(kept.size);
      if (root === undefined) {
        this.notCompared += 1;
        continue;
      }
      this.compared += 1;
      if (root === kept.root) {
        this.#same = kept.size;
      } else {
        problems.push({
          kind: 'forked',
          message: `${name} of ${
            kept.time
          } has another root: among the entries ${this.#same} to ${
            kept.size - 1
          } something was replaced after it was signed.`,
          seq: this.#same,
        });
      }
    }
    return problems;
  }
}
