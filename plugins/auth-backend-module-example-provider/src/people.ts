import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  parseEntityRef,
  RELATION_MEMBER_OF,
  stringifyEntityRef,
  type UserEntity,
} from '@backstage/catalog-model';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';

const KEY = 'auth.providers.example';

/** Somebody who can be chosen at sign-in. */
export interface ExamplePerson {
  userEntityRef: string;
  displayName: string;
  /** Title of the first group that they are a member of. */
  team: string | null;
  /** What they do. */
  description: string;
}

/** The refs of those who may be chosen; undefined where the provider is not configured. */
export function readPeople(config: Config): string[] | undefined {
  const people = config.getOptionalConfig(KEY)?.getStringArray('people');
  return people?.map(text => {
    const ref = parseEntityRef(text, { defaultKind: 'user' });
    if (ref.kind.toLowerCase() !== 'user') {
      throw new InputError(
        `${KEY}.people holds "${text}", which is not a user. Name users, such as user:default/jane.`,
      );
    }
    return stringifyEntityRef(ref);
  });
}

/** Those of them whom the catalog knows, in the given order. */
export async function describePeople(
  refs: string[],
  options: { catalog: CatalogService; credentials: BackstageCredentials },
): Promise<ExamplePerson[]> {
  const { catalog, credentials } = options;
  const entitiesOf = async (entityRefs: string[]) =>
    (await catalog.getEntitiesByRefs({ entityRefs }, { credentials })).items;
  const users = (await entitiesOf(refs)).filter(entity => !!entity);
  const groupRefs = users.map(
    user =>
      user.relations?.find(({ type }) => type === RELATION_MEMBER_OF)
        ?.targetRef,
  );
  const groups = await entitiesOf(groupRefs.filter(ref => ref !== undefined));
  const titles = new Map(
    groups
      .filter(group => !!group)
      .map(group => [
        stringifyEntityRef(group),
        group.metadata.title ?? group.metadata.name,
      ]),
  );
  return users.map((user, index) => ({
    userEntityRef: stringifyEntityRef(user),
    displayName:
      (user as UserEntity).spec.profile?.displayName ?? user.metadata.name,
    team: titles.get(groupRefs[index] ?? '') ?? null,
    description: user.metadata.description ?? '',
  }));
}
