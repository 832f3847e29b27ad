/**
 * What is wrong with an export.
 *
 * @public
 */
export interface Problem {
  kind:
    | 'unreadable'
    | 'altered'
    | 'missing'
    | 'reordered'
    | 'repeated'
    | 'back-dated'
    | 'forked'
    | 'truncated'
    | 'not-signed';
  /** A sentence that names what is damaged. */
  message: string;
  /** Line of the export, from 1. */
  line?: number;
  /** Sequence number of the entry. */
  seq?: number;
  /** Id of the entry. */
  id?: string;
}

/**
 * What the verification of an export found.
 *
 * @public
 */
export interface VerificationReport {
  intact: boolean;
  /** The first ones; `problemCount` has how many there are. */
  problems: Problem[];
  problemCount: number;
  tenant?: string;
  scope?: 'all' | 'some';
  /** When the export was made, as its signature says. */
  createdAt?: string;
  entries: number;
  /** Entries that were deleted at the end of their time. */
  dropped: number;
  /** Parts of entries that nobody can read any more, because the person was erased. */
  erased: number;
  /** Size of the tree to which the entries belong. */
  treeSize?: number;
  /** Heads from elsewhere with which the export was compared, and those with which it could not be. */
  compared: number;
  notCompared: number;
  /** Heads from elsewhere over more entries; signed after the export they say nothing of it. */
  later: number;
  /** The keys were given apart from the export, so that it does not vouch for itself. */
  keysAreTrusted: boolean;
}

const MAX_PROBLEMS = 100;

/** Collects what is found. */
export class Findings {
  readonly problems: Problem[] = [];
  count = 0;

  add(problem: Problem): void {
    this.count += 1;
    if (this.problems.length < MAX_PROBLEMS) {
      this.problems.push(problem);
    }
  }
}
