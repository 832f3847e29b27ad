import {
  DATA_CLASSIFICATIONS,
  type DataClassification,
  fullRefOf,
} from '@agentportal/plugin-agents-common';
import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';

const refs = z
  .array(
    z.string().transform((text, context) => {
      const ref = fullRefOf(text, 'Group') ?? fullRefOf(text, 'User');
      if (!ref) {
        context.addIssue({
          code: 'custom',
          message: `"${text}" is no ref of a group or a user, such as group:default/finance`,
        });
        return z.NEVER;
      }
      return ref;
    }),
  )
  .default([]);

const schema = z.strictObject({
  default: z.enum(DATA_CLASSIFICATIONS).default('restricted'),
  public: refs,
  internal: refs,
  confidential: refs,
  restricted: refs,
} satisfies Record<DataClassification | 'default', unknown>);

/**
 * The most sensitive data that people may see. Only the operator can say it, and so it is
 * in app-config (`agents.clearance`): whoever may register a location can write any entity.
 *
 * @public
 */
export class Clearances {
  readonly #default: DataClassification;
  readonly #byRef: ReadonlyMap<string, DataClassification>;
  /** Whether anybody may see less than everything, so that one has to ask. */
  readonly bound: boolean;

  private constructor({ default: most, ...named }: z.infer<typeof schema>) {
    this.#default = most;
    // From the least to the most sensitive, so that the highest of a ref stays.
    this.#byRef = new Map(
      DATA_CLASSIFICATIONS.flatMap(data =>
        named[data].map(ref => [ref, data] as const),
      ),
    );
    this.bound = [most, ...this.#byRef.values()].some(
      data => data !== 'restricted',
    );
  }

  /** @throws InputError for a class or a ref that is none, with its place */
  static fromConfig(config: Config): Clearances {
    const parsed = schema.safeParse(
      config.getOptional('agents.clearance') ?? {},
    );
    if (!parsed.success) {
      throw new InputError(
        `Correct agents.clearance in app-config: ${z.prettifyError(
          parsed.error,
        )}`,
      );
    }
    return new Clearances(parsed.data);
  }

  /** What a person may see, by what they own things by: themselves and their groups. */
  of(ownershipRefs: readonly string[]): DataClassification {
    const given = ownershipRefs.flatMap(ref => this.#byRef.get(ref) ?? []);
    return (
      DATA_CLASSIFICATIONS.findLast(data => given.includes(data)) ??
      this.#default
    );
  }
}
