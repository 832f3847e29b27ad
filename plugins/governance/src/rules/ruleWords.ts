import type { RuleText } from '@agentportal/plugin-agents-common';
import type { StatusTone } from '@agentportal/plugin-agents-react';

export type RuleMode = RuleText['mode'];

/** What rules do when they match, as a mark shows it. */
export const MODES: Record<RuleMode, { tone: StatusTone; label: string }> = {
  enforce: { tone: 'good', label: 'Enforced' },
  log: { tone: 'waiting', label: 'Log only' },
  off: { tone: 'off', label: 'Off' },
};

/** What people call a text: its name without the place where it is kept. */
export function nameOfText({
  name,
  source,
}: Pick<RuleText, 'name' | 'source'>) {
  return source === 'entity' ? name : name.slice(name.indexOf('/') + 1);
}

/** What a new text begins with. */
export const EXAMPLE = `// A rule only takes away. Its reason is what people read when it refuses.
@id("office-hours")
@reason("Nothing leaves the house at night. Ask again in the morning.")
forbid(principal, action, resource)
when {
  resource.riskTier == "external" &&
  (context.env.hour < 8 || context.env.hour >= 18)
};
`;

export const number = (value: number) => value.toLocaleString('en-US');

export const calls = (value: number) =>
  `${number(value)} ${value === 1 ? 'call' : 'calls'}`;
