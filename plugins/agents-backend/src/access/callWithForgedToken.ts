import type { AgentControl } from '@agentportal/plugin-agents-common';
import type { DiscoveryService } from '@backstage/backend-plugin-api';

const TIMEOUT_MS = 3_000;

/** What agents reach by themselves; a request for each that does nothing. */
const DOORS = [
  { plugin: 'tools', path: '/tools?limit=1' },
  { plugin: 'models', path: '/openai/v1/models' },
];

/** Calls both gateways as the agent, with a token that nobody has signed. */
export async function callWithForgedToken(
  agentRef: string,
  discovery: DiscoveryService,
): Promise<Pick<AgentControl, 'enforcement' | 'probe'>> {
  const authorization = `Bearer ${forgedToken(agentRef)}`;
  const answers = await Promise.all(
    DOORS.map(async ({ path, plugin }) => {
      const response = await fetch(
        `${await discovery.getBaseUrl(plugin)}${path}`,
        {
          headers: { authorization },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        },
      );
      await response.body?.cancel();
      return { plugin, status: response.status };
    }),
  );
  // A portal may have only one of them.
  const doors = answers.filter(({ status }) => status !== 404);
  const all = (is: (status: number) => boolean) =>
    doors.every(({ status }) => is(status));
  let enforcement: AgentControl['enforcement'] = 'unknown';
  if (!all(status => status === 401 || status >= 500)) {
    enforcement = 'declared-only';
  } else if (doors.length > 0 && all(status => status === 401)) {
    enforcement = 'enforced';
  }
  return {
    enforcement,
    probe: `Called the gateways with a forged token of it: ${doors
      .map(({ plugin, status }) => `${plugin} answered ${status}`)
      .join(', ')}.`,
  };
}

function forgedToken(sub: string): string {
  const part = (value: object) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  return [
    part({ alg: 'none', typ: 'vnd.backstage.user' }),
    part({ sub, ent: [sub], aud: 'backstage', iat: now, exp: now + 600 }),
    '',
  ].join('.');
}
