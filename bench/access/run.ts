// How many decisions about tool calls a second there are with 10,000 agents in
// memory, compared with what cannot be undercut: a look into a Map of answers.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/access/run.ts [agents]
import {
  type AgentEntity,
  decideToolCall,
  type RiskTier,
} from '@agentportal/plugin-agents-common';

const TOOLS = 60;
const ROUNDS = 5;
const DECISIONS = 200_000;
const TIERS: RiskTier[] = ['read', 'write', 'external', 'critical'];
const AUTONOMY = ['copilot', 'supervised', 'autopilot'] as const;
const count = Number(process.argv[2] ?? 10_000);

const toolRef = (i: number) => `tool:default/orders.tool-${i % TOOLS}`;

function agent(i: number): AgentEntity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name: `agent-${i}`, title: `Agent ${i}` },
    spec: {
      type: 'assistant',
      lifecycle: i % 20 ? 'production' : 'suspended',
      owner: 'group:default/care',
      autonomy: AUTONOMY[i % AUTONOMY.length],
      tools: [0, 7, 13, 21, 34].map(n => toolRef(i + n)),
    },
  };
}

// The same questions for both, in an order that caches cannot guess.
const agents = Array.from({ length: count }, (_, i) => agent(i));
const questions = Array.from({ length: DECISIONS }, (_, i) => {
  const at = (i * 7919) % count;
  return {
    agent: agents[at],
    agentRef: `agent:default/agent-${at}`,
    toolRef: toolRef(at + (i % 3 ? 7 : i)),
    riskTier: TIERS[i % TIERS.length],
  };
});
const known = new Map<string, boolean>();
for (const question of questions) {
  known.set(keyOf(question), decideToolCall(question).allowed);
}

function keyOf(question: (typeof questions)[number]): string {
  return `${question.agentRef} ${question.toolRef} ${question.riskTier}`;
}

/** Decisions per second, and how many allowed. */
function measure(decide: (question: (typeof questions)[number]) => boolean) {
  let allowed = 0;
  const begun = performance.now();
  for (const question of questions) {
    if (decide(question)) {
      allowed += 1;
    }
  }
  const seconds = (performance.now() - begun) / 1000;
  return { allowed, perSecond: DECISIONS / seconds };
}

const best = { ours: 0, map: 0 };
for (let round = 0; round < ROUNDS; round++) {
  const map = measure(question => known.get(keyOf(question))!);
  const ours = measure(question => decideToolCall(question).allowed);
  if (map.allowed !== ours.allowed || !ours.allowed) {
    throw new Error('Both have to answer alike, and not always no.');
  }
  best.ours = Math.max(best.ours, ours.perSecond);
  best.map = Math.max(best.map, map.perSecond);
}

const thousands = (value: number) => `${Math.round(value / 1000)}k/s`;
process.stdout.write(
  `${count} agents, ${known.size} different questions\n` +
    `access: ${thousands(best.ours)} decisions, a Map ${thousands(
      best.map,
    )}, x${(best.ours / best.map).toFixed(2)}\n`,
);
