import { findSecrets } from '@agentportal/guard';

/** What people write, without keys and passwords in it, and as databases take it. */
export async function withoutSecrets(
  text: string | undefined,
): Promise<string | undefined> {
  const said = text?.toWellFormed().replaceAll('\u0000', '').trim();
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
