// `npm run test:conformance`: 100,000 cases for each property of decisions about tool calls of agents (more rules never
// allow more, work that is handed on goes no further, nothing is allowed that is not declared), and 100,000 histories of
// grants, delegations, hand-offs, endings, suspensions and forged tokens before the permission policy. The seed is printed;
// CONFORMANCE_SEED takes one again, CONFORMANCE_CASES another number.
import { main, root, run, setup } from './setup/index.mjs';

await main(async () => {
  const { node, yarn, env } = await setup();
  const { code } = await run(
    node,
    [
      yarn,
      'backstage-cli',
      'repo',
      'test',
      '--watchAll=false',
      '--no-passWithNoTests',
      'plugins/agents-node/src/decisions/decideAgentCall.test.ts',
      'plugins/permission-backend-module-agent-policy/src/conformance.test.ts',
    ],
    {
      cwd: root,
      env: { ...env, CONFORMANCE_CASES: env.CONFORMANCE_CASES ?? '100000' },
    },
  );
  return code;
});
