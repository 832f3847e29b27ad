import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import type { UserEntity } from '@backstage/catalog-model';
import { InputError, NotAllowedError } from '@backstage/errors';
import { createProxyAuthenticator } from '@backstage/plugin-auth-node';
import type { RequestGuard } from './RequestGuard';

/** Names the person who was chosen. No form and no link of another site can send a header. */
export const PERSON_HEADER = 'x-example-person';

/** Believes whoever sits at the machine, within the list. */
export function createExampleAuthenticator(options: {
  people: string[];
  guard: RequestGuard;
}) {
  const { people, guard } = options;
  return createProxyAuthenticator({
    defaultProfileTransform: async (
      { entityRef }: { entityRef: string },
      context,
    ) => {
      const { entity } = await context.findCatalogUser({ entityRef });
      const { displayName, email, picture } =
        (entity as UserEntity).spec.profile ?? {};
      return { profile: { displayName, email, picture } };
    },
    initialize: () => undefined,
    async authenticate({ req }) {
      guard.check(req);
      const text = req.get(PERSON_HEADER);
      if (!text) {
        throw new InputError(
          `Say in the header ${PERSON_HEADER} who signs in, for instance ${people[0]}.`,
        );
      }
      const entityRef = refOf(text);
      if (!people.includes(entityRef)) {
        throw new NotAllowedError(
          `Nobody can sign in as ${entityRef}. auth.providers.example.people lists who may be chosen.`,
        );
      }
      return { result: { entityRef } };
    },
  });
}

function refOf(text: string): string {
  try {
    return stringifyEntityRef(parseEntityRef(text, { defaultKind: 'user' }));
  } catch {
    throw new InputError(
      `The header ${PERSON_HEADER} holds no entity ref. An example of one is user:default/jane.`,
    );
  }
}
