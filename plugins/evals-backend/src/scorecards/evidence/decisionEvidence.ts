import type { ScorecardStore } from '../ScorecardStore';
import type { EvidenceSource } from './Evidence';

/** What the periodic reviews of agents came to last. */
export function decisionEvidence(
  store: Pick<ScorecardStore, 'decisionsOf'>,
): EvidenceSource {
  return {
    name: 'decisions',
    async read(agents, now) {
      const refs = agents.map(({ ref }) => ref);
      const decisions = await store.decisionsOf(refs);
      return new Map(
        refs.map(ref => {
          const last = decisions.get(ref);
          return [
            ref,
            {
              decision: {
                at: now,
                ...(last && { decidedAt: Date.parse(last.at) }),
              },
            },
          ];
        }),
      );
    },
  };
}
