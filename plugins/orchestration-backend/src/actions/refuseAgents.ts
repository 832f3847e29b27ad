import { principalOf } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import type { RunStore } from '../store/RunStore';

const ORCHESTRATION = 'plugin:orchestration';
/** Tools by which an agent would come here, as the tool gateway names them. */
const WAYS_HERE =
  /(?:orchestration[.:_-](?:start-run|get-run|list-runs|cancel-run|list-threads|get-thread)|tools[.:_-]call-tool)$/;

/**
 * Agents do not start runs: the new run would have neither the depth nor the
 * budget nor the autonomy of the one that it came from. Work is handed over by
 * hand-offs, which have. Nor do they stop or read them: conversations are the
 * person's own, and whatever an agent reads its owner may read.
 *
 * On its way through gateways and MCP a call loses the name of its agent and
 * keeps that of the person. So a call that comes through another plugin, while
 * a run of that same person is in the middle of calling a tool that leads here,
 * is taken for that run's.
 *
 * @throws NotAllowedError
 */
export async function refuseAgents(
  credentials: BackstageCredentials,
  runs: RunStore,
): Promise<void> {
  const principal = principalOf(credentials);
  if (principal.type === 'none') {
    return;
  }
  const [through, person] =
    principal.type === 'user'
      ? [principal.actor, principal.userEntityRef]
      : [principal.subject, undefined];
  if (
    through === ORCHESTRATION ||
    (through?.startsWith('plugin:') &&
      (await runs.isCallingTool(WAYS_HERE, person)))
  ) {
    throw new NotAllowedError(
      'Agents may not start, stop or read runs and conversations. To let another agent work, name it in spec.handoffs and hand the work over; for the rest let a person do it.',
    );
  }
}
