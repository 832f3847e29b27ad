import { findSecrets } from '@agentportal/guard';
import { wellFormed } from '../store/wellFormed';

/** What people write, without keys and passwords in it, and as databases take it. */
export async function withoutSecrets(
  text: string | undefined,
): Promise<string | undefined> {
  const said = text && wellFormed(text).trim();
  if (!said) {
    return undefined;
  }
  let kept = '';
  let at = 0;
  for (const { start, end } of await findSecrets(said)) {
    kept += `${said.slice(at, start)}***`;
    at = end;
  }
  return kept + said.slice(at);
}
