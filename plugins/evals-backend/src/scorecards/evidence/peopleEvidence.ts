import type { AuthService } from '@backstage/backend-plugin-api';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { EvidenceSource } from './Evidence';

const BATCH = 200;

/** Whether owners and sponsors are in the catalog. */
export function peopleEvidence(options: {
  auth: AuthService;
  catalog: CatalogService;
}): EvidenceSource {
  const { auth, catalog } = options;
  return {
    name: 'catalog',
    async read(agents, now) {
      const refs = [
        ...new Set(
          agents.flatMap(({ ownerRef, sponsorRef }) =>
            sponsorRef ? [ownerRef, sponsorRef] : [ownerRef],
          ),
        ),
      ];
      const there = new Set<string>();
      const credentials = await auth.getOwnServiceCredentials();
      for (let i = 0; i < refs.length; i += BATCH) {
        const entityRefs = refs.slice(i, i + BATCH);
        const { items } = await catalog.getEntitiesByRefs(
          { entityRefs, fields: ['kind'] },
          { credentials },
        );
        entityRefs.filter((_, at) => items[at]).forEach(ref => there.add(ref));
      }
      return new Map(
        agents.map(({ ref, ownerRef, sponsorRef, state }) => [
          ref,
          {
            people: {
              at: now,
              owner: there.has(ownerRef),
              sponsor:
                sponsorRef !== undefined &&
                there.has(sponsorRef) &&
                state !== 'orphaned',
            },
          },
        ]),
      );
    },
  };
}
