import type { RuledCall } from '@agentportal/agent-rules';

/** A person as rules know them. */
export function personOf({
  ref,
  ownershipRefs,
}: {
  ref: string;
  ownershipRefs: string[];
}): NonNullable<RuledCall['person']> {
  return { ref, groups: ownershipRefs.filter(each => each !== ref) };
}
