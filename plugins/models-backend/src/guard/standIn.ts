import {
  describePart,
  type SensitivePart,
  TOLD_SECRET,
  type Tokens,
} from '@agentportal/guard';

/** What is found, in the words of people. */
export const NAMES = {
  secret: 'a secret',
  'personal-data': 'personal data',
  link: 'a link',
};

/** What policies call a part. */
export function findsOf({ kind }: SensitivePart): keyof typeof NAMES {
  if (kind === 'secret') return 'secret';
  return kind === 'link' || kind === 'image' ? 'link' : 'personal-data';
}

/** What a model reads, or a tool is called with: a token where tools know it. */
export function standIn(
  { kind }: SensitivePart,
  value: string,
  tokens: Tokens | undefined,
): string {
  return tokens
    ? tokens.tokenOf(kind === 'secret' ? TOLD_SECRET : kind, value)
    : describePart(kind, value);
}
