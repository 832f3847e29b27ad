/** Somebody who approves, and for whom of those that were asked they can stand. */
export interface Seat {
  person: string;
  refs: readonly string[];
}

/**
 * How many of some approvals count. Where they must come from different groups each ref
 * counts once, and each person stands for one of theirs, so that the most of them count.
 * Source: augmenting paths of a bipartite matching.
 */
export function countApprovals(
  seats: readonly Seat[],
  differentGroups: boolean,
): number {
  const people = new Map<string, Set<string>>();
  for (const { person, refs } of seats) {
    const all = people.get(person) ?? new Set();
    refs.forEach(ref => all.add(ref));
    people.set(person, all);
  }
  const able = [...people].filter(([, refs]) => refs.size);
  if (!differentGroups) {
    return able.length;
  }
  const standsFor = new Map<string, string>();
  const place = (person: string, tried: Set<string>): boolean => {
    for (const ref of people.get(person) ?? []) {
      if (!tried.has(ref)) {
        tried.add(ref);
        const other = standsFor.get(ref);
        if (!other || place(other, tried)) {
          standsFor.set(ref, person);
          return true;
        }
      }
    }
    return false;
  };
  return able.filter(([person]) => place(person, new Set())).length;
}

/**
 * Whether some people could decide at all: those behind the refs, without those who must
 * not.
 *
 * @param members - of each ref that the catalog has; a person is their own only member
 */
export function canBeReached(options: {
  refs: readonly string[];
  quorum: number;
  differentGroups: boolean;
  excluded: readonly string[];
  members: ReadonlyMap<string, readonly string[]>;
}): boolean {
  const { refs, quorum, differentGroups, excluded, members } = options;
  const seats = refs.flatMap(ref =>
    (members.get(ref) ?? [])
      .filter(person => !excluded.includes(person))
      .map(person => ({ person, refs: [ref] })),
  );
  return countApprovals(seats, differentGroups) >= quorum;
}
