import {
  ANNOTATION_ORIGIN_LOCATION,
  type Entity,
  stringifyLocationRef,
} from '@backstage/catalog-model';
import type { Config } from '@backstage/config';
import path from 'node:path';
import picomatch from 'picomatch';

/**
 * What an entity may say of something that others rely on.
 *
 * - `riskTier.lower`: a tool is less dangerous than its server makes it
 * - `riskTier.raise`: a tool is more dangerous than its server makes it
 * - `toolOwner`: who owns a tool
 * - `price`: what a model costs
 * - `modelFacts`: context window, capabilities and longest answer of a model of a provider
 * - `routeName`: a route answers to its short name outside of its own namespace
 * - `budget`: what others may spend, as a member of a system, domain or group
 * - `serverAddress`: hints of an MCP server about its own tools count
 *
 * @public
 */
export type StatedField =
  | 'riskTier.lower'
  | 'riskTier.raise'
  | 'toolOwner'
  | 'price'
  | 'modelFacts'
  | 'routeName'
  | 'budget'
  | 'serverAddress';

/** These a server's own author may state of what the server serves. */
const BY_THE_SAME_ORIGIN: ReadonlySet<StatedField> = new Set([
  'riskTier.raise',
  'toolOwner',
]);

/**
 * The place from which the catalog read an entity in the first step. The catalog sets
 * it itself on everything that a location emits, so that no file can claim another's.
 *
 * @public
 */
export function originOf(entity: Entity): string | undefined {
  return entity.metadata.annotations?.[ANNOTATION_ORIGIN_LOCATION];
}

/**
 * The origin of entities that the portal's own providers keep begins with it.
 *
 * @public
 */
export const MIRROR_LOCATION_PREFIX = 'agentportal:';

/**
 * Whether an entity is the portal's own picture of a tool or model. It repeats what a
 * gateway said, and must not count as written by people.
 *
 * @public
 */
export function isMirrored(entity: Entity): boolean {
  return originOf(entity)?.startsWith(MIRROR_LOCATION_PREFIX) ?? false;
}

/**
 * Whose word counts for which field. Everyone who may register a location can write
 * any entity, and `spec.owner` is a claim like every other; where an entity was read
 * from is not.
 *
 * Trusted are the locations that the operator lists under `catalog.locations`, and
 * those that match `agents.trustedLocations`.
 *
 * @public
 */
export class CatalogTrust {
  readonly #listed: ReadonlySet<string>;
  readonly #matches: (origin: string) => boolean;

  private constructor(listed: ReadonlySet<string>, patterns: string[]) {
    this.#listed = listed;
    this.#matches = patterns.length ? picomatch(patterns) : () => false;
  }

  static fromConfig(config: Config): CatalogTrust {
    const listed = (
      config.getOptionalConfigArray('catalog.locations') ?? []
    ).map(location => {
      const type = location.getString('type');
      const target = location.getString('target');
      // As the catalog itself does it.
      return stringifyLocationRef({
        type,
        target: type === 'file' ? path.resolve(target) : target,
      });
    });
    return new CatalogTrust(
      new Set(listed),
      config.getOptionalStringArray('agents.trustedLocations') ?? [],
    );
  }

  /** Whether an entity comes from a location that the operator named. */
  trusts(entity: Entity): boolean {
    const origin = originOf(entity);
    return (
      origin !== undefined &&
      (this.#listed.has(origin) || this.#matches(normalised(origin)))
    );
  }

  /** Whether two entities come from one location, and so from one author. */
  sameOrigin(a: Entity, b: Entity): boolean {
    const origin = originOf(a);
    return origin !== undefined && origin === originOf(b);
  }

  /**
   * Whether the word of an entity counts for a field.
   *
   * @param of.stating - the entity that says it
   * @param of.about - the entity of the server or provider that it speaks about
   */
  mayState(
    field: StatedField,
    of: { stating: Entity; about?: Entity },
  ): boolean {
    if (this.trusts(of.stating)) {
      return true;
    }
    return (
      BY_THE_SAME_ORIGIN.has(field) &&
      of.about !== undefined &&
      this.sameOrigin(of.stating, of.about)
    );
  }
}

/** As a server would read it, so that `/../` cannot climb out of a pattern. */
function normalised(origin: string): string {
  const [, type, target] = origin.match(/^([^:]+):(.*)$/s) ?? [];
  return type === 'url' && URL.canParse(target)
    ? `url:${new URL(target).href}`
    : origin;
}
