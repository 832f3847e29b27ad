import { maskSecrets } from '@agentportal/guard';
import { wellFormed } from '../store/wellFormed';

/** What people write, without keys and passwords in it, and as databases take it. */
export async function withoutSecrets(
  text: string | undefined,
): Promise<string | undefined> {
  const said = text && wellFormed(text).trim();
  return said ? maskSecrets(said) : undefined;
}
