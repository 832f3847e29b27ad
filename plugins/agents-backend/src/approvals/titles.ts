import type { ActionBinding } from '@agentportal/plugin-agents-common';

const SHOWN_ARGUMENTS = 3;
const SHOWN_LETTERS = 60;

/** What would happen, in a sentence. */
export function titleOfCall(
  agentTitle: string,
  tool: { name: string; title?: string },
  { args, personRef }: ActionBinding,
): string {
  const shown = Object.entries(args)
    .filter(([, value]) =>
      ['number', 'string', 'boolean'].includes(typeof value),
    )
    .slice(0, SHOWN_ARGUMENTS)
    .map(([name, value]) => `${name} ${shorten(String(value))}`);
  return `${agentTitle} would call ${tool.title ?? tool.name}${
    shown.length ? ` with ${shown.join(', ')}` : ''
  }${personRef ? `, for ${personRef}` : ''}.`;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > SHOWN_LETTERS
    ? `${line.slice(0, SHOWN_LETTERS)}…`
    : line;
}
