import type { AgentSettings } from '@agentportal/plugin-agents-common';
import { useEffect, useMemo, useState } from 'react';
import { draftOf, type Draft } from './draft';

/**
 * What people have changed and not saved, by agent, for as long as the portal stays open: in memory, because
 * instructions are no text to leave behind in a browser.
 */
const kept = new Map<string, Partial<Draft>>();

/** With these the browser asks before it closes or loads anew; moving about in the portal keeps them. */
function askFirst(event: BeforeUnloadEvent) {
  event.preventDefault();
}

function keep(agentRef: string, changes: Partial<Draft>) {
  if (Object.keys(changes).length > 0) kept.set(agentRef, changes);
  else kept.delete(agentRef);
  if (kept.size > 0) window.addEventListener('beforeunload', askFirst);
  else window.removeEventListener('beforeunload', askFirst);
}

/**
 * The draft of an agent's settings, which is there again when one comes back to it. Only what was changed is kept, so
 * that it does not undo what somebody else saved meanwhile.
 */
export function useDraft(agentRef: string, settings: AgentSettings) {
  const base = useMemo(() => draftOf(settings), [settings]);
  const [draft, setDraft] = useState<Draft>(() => ({
    ...base,
    ...kept.get(agentRef),
  }));
  useEffect(() => {
    const fields = Object.keys(base) as (keyof Draft)[];
    const changed = fields.filter(
      field => JSON.stringify(draft[field]) !== JSON.stringify(base[field]),
    );
    keep(
      agentRef,
      Object.fromEntries(changed.map(field => [field, draft[field]])),
    );
  }, [agentRef, base, draft]);
  return {
    draft,
    change: (changes: Partial<Draft>) =>
      setDraft(before => ({ ...before, ...changes })),
    discard: () => setDraft(base),
    /** Once it is saved, what is read again counts, as whoever keeps it wrote it. */
    forget: () => keep(agentRef, {}),
  };
}
