import { createHmac, type KeyObject } from 'node:crypto';
import { z } from 'zod/v4';
import { bytesSchema, canonicalText } from '../encoding';
import { decrypt, encrypt } from './MasterSecret';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/**
 * The entity ref of a person wherever it stands in a text. What stands before it does
 * not matter: in the text of a JSON value that may be the letter of an escape. Without
 * a namespace it is the default one.
 */
const PERSON_REF = /user:(?:[\w.-]*\w\/)?[\w.-]*\w/gi;
const SUBJECT = /subject:[\w-]{22}/g;

/**
 * Shape of a {@link SealedPart}.
 *
 * @public
 */
export const sealedPartSchema = z.strictObject({
  subject: z.string().regex(/^subject:[\w-]{22}$/),
  text: bytesSchema(),
});

/**
 * What an entry says of one person, encrypted: their ref and what is personal. The
 * rest of the entry calls the person by the subject, a random name.
 *
 * @public
 */
export type SealedPart = z.output<typeof sealedPartSchema>;

/**
 * What an open {@link SealedPart} says.
 *
 * @public
 */
export interface PersonalPart {
  /** Entity ref of the person. */
  ref: string;
  data?: JsonObject;
}

/**
 * The refs of all persons that are named in texts, in lower case, each once.
 *
 * @param text - for a JSON value, its text
 * @public
 */
export function personsIn(text: string): string[] {
  return [...new Set(text.match(PERSON_REF)?.map(wholeRef))];
}

function wholeRef(found: string): string {
  const ref = found.toLowerCase();
  return ref.includes('/') ? ref : ref.replace(':', ':default/');
}

/**
 * Writes subjects in the place of persons, or persons in that of subjects, in all
 * texts and keys of a JSON value. Whoever `names` does not have stays as they are.
 *
 * @public
 */
export function rename<T>(value: T, names: ReadonlyMap<string, string>): T {
  return JSON.parse(renameText(JSON.stringify(value), names));
}

/**
 * What {@link rename} does, in a text, which may be that of a JSON value: refs and
 * subjects have no character that JSON escapes.
 *
 * @public
 */
export function renameText(
  text: string,
  names: ReadonlyMap<string, string>,
): string {
  return text
    .replace(PERSON_REF, ref => names.get(wholeRef(ref)) ?? ref)
    .replace(SUBJECT, subject => names.get(subject) ?? subject);
}

/**
 * The {@link canonicalText} of a JSON value after {@link rename}, without taking the
 * text apart again.
 *
 * @public
 */
export function canonicalRenamed(
  value: object,
  names: ReadonlyMap<string, string>,
): string {
  // A key with another name may belong elsewhere in the order.
  return names.size && hasRefInKey(value)
    ? canonicalText(rename(value, names))
    : renameText(canonicalText(value), names);
}

function hasRefInKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  return Array.isArray(value)
    ? value.some(hasRefInKey)
    : Object.entries(value).some(
        ([key, inside]) => key.includes(':') || hasRefInKey(inside),
      );
}

/**
 * The key of a person for one entry. Given away with an export it opens that entry
 * and no other.
 *
 * @public
 */
export function entryKeyOf(
  subjectKey: KeyObject | Buffer,
  entryId: string,
): Buffer {
  return createHmac('sha256', subjectKey).update(entryId).digest();
}

/**
 * Encrypts what an entry says of a person.
 *
 * @param key - of {@link entryKeyOf}
 * @public
 */
export function sealPart(
  key: Buffer,
  entryId: string,
  subject: string,
  part: PersonalPart,
): SealedPart {
  return {
    subject,
    text: encrypt(
      key,
      Buffer.from(canonicalText(part)),
      `${entryId}\n${subject}`,
    ),
  };
}

/**
 * Opens what an entry says of a person.
 *
 * @throws Error when the key is not that of the part, or the part was altered
 * @public
 */
export function openPart(
  key: Buffer,
  entryId: string,
  { subject, text }: SealedPart,
): PersonalPart {
  return JSON.parse(
    decrypt(key, text, `${entryId}\n${subject}`).toString('utf8'),
  );
}
