import { personsIn } from '@agentportal/audit-log';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { timeOrderedId } from '@agentportal/plugin-agents-node';
import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { type NewEntry, wellFormed } from '../store/seal';

/** What one record may have, in characters of JSON. */
const MAX_RECORD = 64_000;

/**
 * What is to be written for a record: by whom it came, how long it is kept, and whom
 * it names.
 *
 * @throws InputError when it is too long, or cannot be written
 */
export function toNewEntry(
  given: AuditRecord,
  options: {
    source: string;
    retention: NewEntry['facts']['retention'];
    agentOwnerRef?: string;
    resourceOwnerRef?: string;
  },
): NewEntry {
  const { value: record, text } = wellFormed(given);
  const { id = timeOrderedId(), tenant, personal, ...facts } = record;
  if (text.length > MAX_RECORD) {
    throw new InputError(
      `The record ${id} has ${text.length} characters; the most is ${MAX_RECORD}. Record a digest of what is long, and where it is kept.`,
    );
  }
  const { actor } = facts;
  // Of a delegation it is not known here whose it is.
  const isAgent = actor.type === 'agent' && actor.ref.startsWith('agent:');
  if (isAgent && (facts.agentRef ?? actor.ref) !== actor.ref) {
    throw new InputError(
      `The record ${id} says that ${actor.ref} acted and that it is about ${facts.agentRef}. agentRef of what an agent does is that agent; name the other one in resource.`,
    );
  }
  const personalByRef = Object.fromEntries(
    Object.entries(personal ?? {}).map(([ref, data]) => {
      const [person] = personsIn(ref);
      if (person !== ref.toLowerCase()) {
        throw new InputError(
          `personal of the record ${id} has the key "${ref}"; it has to be the entity ref of a person, such as user:default/dana.`,
        );
      }
      return [person, data as JsonObject];
    }),
  ) as NewEntry['personal'];
  return {
    id,
    facts: {
      ...facts,
      ...(isAgent && { agentRef: actor.ref }),
      time: new Date(facts.time ?? Date.now()).toISOString(),
      source: options.source,
      retention: options.retention,
      ...(options.agentOwnerRef && { agentOwnerRef: options.agentOwnerRef }),
      ...(options.resourceOwnerRef && {
        resourceOwnerRef: options.resourceOwnerRef,
      }),
    },
    // Owners may be persons as well.
    persons: personsIn(
      [text, options.agentOwnerRef, options.resourceOwnerRef].join('\n'),
    ),
    ...(personal && { personal: personalByRef }),
  };
}
