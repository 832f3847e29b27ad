import {
  createServiceFactory,
  createServiceRef,
} from '@backstage/backend-plugin-api';
import {
  type ActionsRegistryService,
  actionsRegistryServiceRef,
} from '@backstage/backend-plugin-api/alpha';
import { InputError } from '@backstage/errors';

/**
 * The actions registry for plugins of the portal. Their actions are given no text that a
 * database cannot hold: PostgreSQL refuses U+0000 and halves of characters, after the fact
 * and in words that help nobody.
 *
 * @public
 */
export const portalActionsServiceRef = createServiceRef<ActionsRegistryService>(
  {
    id: 'agents.actions',
    scope: 'plugin',
    defaultFactory: async service =>
      createServiceFactory({
        service,
        deps: { registry: actionsRegistryServiceRef },
        factory: ({ registry }): ActionsRegistryService => ({
          register: options =>
            registry.register({
              ...options,
              action: async context => {
                requireStorable(context.input);
                return options.action(context);
              },
            }),
        }),
      }),
  },
);

/** @throws InputError that names the field */
function requireStorable(input: object): void {
  // Not by recursion: what is nested is from outside.
  const open: Array<[field: string, value: unknown]> = Object.entries(input);
  for (let next = open.pop(); next; next = open.pop()) {
    const [field, value] = next;
    if (typeof value === 'string' && !isStorable(value)) {
      throw new InputError(
        `${field} holds U+0000 or half of a character, which no database takes. Leave it out.`,
      );
    }
    if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value)) {
        if (!isStorable(key)) {
          throw new InputError(
            `A name in ${field} holds U+0000 or half of a character, which no database takes. Leave it out.`,
          );
        }
        open.push([field, each]);
      }
    }
  }
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\u0000');
}
