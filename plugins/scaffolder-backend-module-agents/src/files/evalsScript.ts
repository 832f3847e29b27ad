/**
 * `evals/ask.mjs`: asks a portal every question of the starter set and ends with
 * exit code 1 when an answer is not what the case expects. It needs nothing but
 * Node, and gets the cases as JSON on its standard input.
 */
export const EVALS_SCRIPT = `// Asks the agent the questions that come as JSON on standard input, and fails when an answer is not as expected:
//   yq -o=json evals/starter.yaml | PORTAL=https://portal.example.com TOKEN=... node evals/ask.mjs
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const { PORTAL, TOKEN, POLL_MS = '2000', PATIENCE_MS = '120000' } = process.env;
const { agent, declines, cases } = JSON.parse(readFileSync(0, 'utf8'));
if (!cases?.length) throw new Error('There are no cases to ask');

async function api(path, body) {
  const response = await fetch(\`\${PORTAL}/api/orchestration\${path}\`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: \`Bearer \${TOKEN}\`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(\`the portal answered \${response.status}: \${await response.text()}\`);
  return response.json();
}

async function ask(message) {
  const { id } = await api('/runs', { agentRef: agent, input: { message } });
  const end = Date.now() + Number(PATIENCE_MS);
  for (;;) {
    const run = await api(\`/runs/\${id}\`);
    if (!['queued', 'running'].includes(run.status) || Date.now() > end) return run;
    await sleep(Number(POLL_MS));
  }
}

function problemsOf(expect, run) {
  if (run.status !== 'succeeded') return [\`the run is \${run.status}\`];
  const answer = (run.output?.message ?? '').replaceAll('\\u2019', "'").toLowerCase().trim();
  const beginning = answer.split(/(?<=[.!?])\\s/)[0];
  const declined = !answer || declines.some(words => beginning.includes(words.toLowerCase()));
  const called = run.steps.filter(step => step.kind === 'tool').map(step => (step.toolRef ?? step.name).toLowerCase());
  const missing = (expect.facts ?? []).filter(fact => !answer.includes(fact.toLowerCase()));
  const uncalled = (expect.tools ?? []).filter(tool => !called.includes(tool.toLowerCase()));
  const took = run.steps.filter(step => step.kind === 'agent' && step.status !== 'failed').map(step => step.name.toLowerCase());
  const absent = (expect.agents ?? []).filter(agent => !took.includes(agent.toLowerCase()));
  return [
    typeof expect.answered !== 'boolean' && 'expect.answered must be true or false',
    expect.answered === true && declined && 'it declined',
    expect.answered === false && !declined && 'it answered what it cannot know',
    expect.answered === false && called.length > 0 && \`it called \${called.join(', ')}\`,
    missing.length > 0 && \`missing \${missing.join(', ')}\`,
    uncalled.length > 0 && \`did not call \${uncalled.join(', ')}\`,
    absent.length > 0 && \`\${absent.join(', ')} took no part\`,
  ].filter(Boolean);
}

for (const { id, question, expect = {} } of cases) {
  const problems = await ask(question).then(
    run => problemsOf(expect, run),
    error => [error.message],
  );
  console.log(problems.length ? \`FAIL  \${id}: \${problems.join('; ')}\` : \`ok    \${id}\`);
  if (problems.length) process.exitCode = 1;
}
`;
