import type { Trace } from '@agentportal/plugin-traces-common';
import { nameOfRef } from '@agentportal/plugin-agents-react';

const NAMED = 2;

/** What an agent did, by the tools that it used; nothing where that is not known. */
export function didWords({
  models = [],
  status,
  tools = [],
}: Trace): string | undefined {
  if (tools.length > 0) {
    const names = tools.slice(0, NAMED).map(nameOfRef).join(', ');
    const more = tools.length - NAMED;
    return `Used ${names}${more > 0 ? ` and ${more} more` : ''}`;
  }
  if (models.length > 0) {
    return status === 'error'
      ? 'Failed without a tool'
      : 'Answered without tools';
  }
  return undefined;
}

/**
 * What a trace is called: the first words that were asked, where these are kept; of the call of an
 * agent what it did; else the name of its root.
 */
export function headingOf(trace: Trace): string {
  const { agentRef, name, title } = trace;
  if (title) {
    return title;
  }
  if (!name.startsWith('invoke_agent')) {
    return name;
  }
  return (
    didWords(trace) ??
    `Call of ${agentRef ? nameOfRef(agentRef) : name.slice(13) || 'an agent'}`
  );
}
