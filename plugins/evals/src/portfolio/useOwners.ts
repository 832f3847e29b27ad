import {
  nameOfRef,
  useLoad,
  useTitles,
} from '@agentportal/plugin-agents-react';
import { coreApis, useApi } from '@backstage/frontend-plugin-api';

/** Owners to choose from: the groups of the person first, then those that are seen. */
export function useOwners(
  seen: readonly (string | undefined)[],
): Array<{ id: string; label: string }> {
  const identityApi = useApi(coreApis.identity);
  const mine = useLoad('my groups', async () =>
    (await identityApi.getBackstageIdentity()).ownershipEntityRefs.filter(ref =>
      ref.startsWith('group:'),
    ),
  );
  const own = mine.value ?? [];
  const refs = [...new Set([...own, ...seen.filter(ref => ref !== undefined)])];
  const titles = useTitles(refs);
  return refs.map(ref => {
    const title = titles?.get(ref) ?? nameOfRef(ref);
    return { id: ref, label: own.includes(ref) ? `${title} (mine)` : title };
  });
}
