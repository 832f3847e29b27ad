// What a decision about a tool call costs, in two parts.
// The table alone (declared tools, autonomy, risk tiers) with 10,000 agents in memory,
// compared with what cannot be undercut: a look into a Map of answers.
// A full decision: the table, 20 rules in force, what went before, and the autonomy and data of a
// delegation; compared with the policy engine of Microsoft's agent-governance-sdk on what
// it knows too: 20 rules about arguments, asked the same questions, with the same answers.
// And what all of it adds to a tool call through the gateway, which bench/tools measures.
// Start it with: node --require @backstage/cli/config/nodeTransform.cjs bench/access/run.ts [agents]
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkRules, RuleEngine } from '@agentportal/agent-rules';
import {
  type DecidedAgent,
  decideToolCall,
  type RiskTier,
} from '@agentportal/plugin-agents-common';
import { decideAgentCall } from '@agentportal/plugin-agents-node';
import { loadPeer } from './peer';

const TOOLS = 60;
const ROUNDS = 5;
const DECISIONS = 200_000;
const TIERS: RiskTier[] = ['read', 'write', 'external', 'critical'];
const AUTONOMY = ['copilot', 'supervised', 'autopilot'] as const;
const count = Number(process.argv[2] ?? 10_000);

const toolRef = (i: number) => `tool:default/orders.tool-${i % TOOLS}`;

function agent(i: number): DecidedAgent {
  return {
    agentRef: `agent:default/agent-${i}`,
    title: `Agent ${i}`,
    state: i % 20 ? 'active' : 'suspended',
    ownerRef: 'group:default/care',
    autonomy: AUTONOMY[i % AUTONOMY.length],
    tools: [0, 7, 13, 21, 34].map(n => toolRef(i + n)),
  };
}

// The same questions for both, in an order that caches cannot guess.
const agents = Array.from({ length: count }, (_, i) => agent(i));
const questions = Array.from({ length: DECISIONS }, (_, i) => {
  const at = (i * 7919) % count;
  return {
    agent: agents[at],
    tool: {
      ref: toolRef(at + (i % 3 ? 7 : i)),
      riskTier: TIERS[i % TIERS.length],
    },
  };
});
const known = new Map<string, boolean>();
for (const question of questions) {
  known.set(keyOf(question), decideToolCall(question).allowed);
}

function keyOf({ agent: { agentRef }, tool }: (typeof questions)[number]) {
  return `${agentRef} ${tool.ref} ${tool.riskTier}`;
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
    `table: ${thousands(best.ours)} decisions, a Map ${thousands(
      best.map,
    )}, x${(best.ours / best.map).toFixed(2)}\n`,
);

const RULES = 20;
const FULL_DECISIONS = 5_000;
const REFUND = toolRef(0);
const VERIFY = toolRef(7);
const refund = {
  ref: REFUND,
  riskTier: 'write' as RiskTier,
  ownerRef: 'group:default/care',
  serverRef: 'api:default/orders',
  inputSchema: {
    type: 'object',
    properties: {
      amount: { type: 'number' },
      currency: { type: 'string' },
      address: { type: 'string' },
    },
    required: ['amount'],
  },
};
const verify = { ...refund, ref: VERIFY, inputSchema: { type: 'object' } };

/** Rules of each kind in turn: arguments, counts, sums, order of calls, hours, people. */
const CONDITIONS = [
  (i: number) =>
    `when { context.args.amount.greaterThan(decimal("${200 + i}.0")) }`,
  (i: number) => `when { context.session.calls["${REFUND}"].hour > ${3 + i} }`,
  (i: number) =>
    `when { context.session.sums["${REFUND}"]["amount"].session.greaterThan(decimal("${
      500 + i
    }.0")) }`,
  () => `unless { context.session.succeeded["${VERIFY}"].session > 0 }`,
  () => `unless { context.env.hour >= 0 && context.env.hour < 24 }`,
  () =>
    `unless { context has person && context.person.groups.contains("group:default/care") }`,
];

function engineOf(conditions: Array<(i: number) => string>): RuleEngine {
  const text = Array.from(
    { length: RULES },
    (_, i) =>
      `@id("r${i}") @reason("Rule ${i}.") forbid(principal, action, resource == Tool::"${REFUND}") ${conditions[
        i % conditions.length
      ](i)};`,
  ).join('\n');
  const { rules, problems } = checkRules(
    { text, name: 'bench', scope: { type: 'central' } },
    [refund, verify],
  );
  if (problems.length) {
    throw new Error(problems[0].message);
  }
  return new RuleEngine(rules, { timeZone: 'Europe/Berlin', freeze: [] });
}

const windows = (value: number) => ({
  run: value,
  session: value,
  hour: value,
});
const history = {
  calls: new Map([
    [REFUND, windows(2)],
    [VERIFY, windows(1)],
  ]),
  succeeded: new Map([[VERIFY, windows(1)]]),
  sums: new Map([[`${REFUND} amount`, windows(3_000_000)]]),
};
const helper: DecidedAgent = {
  ...agent(1),
  autonomy: 'autopilot',
  tools: [REFUND, VERIFY],
};
const ask = (engine: RuleEngine, amount: number) =>
  decideAgentCall(engine, {
    agent: helper,
    tool: refund,
    task: { autonomy: 'supervised', dataClass: 'internal' },
    args: { amount, currency: 'EUR', address: 'Main Street 1' },
    person: { ref: 'user:default/dana', groups: ['group:default/care'] },
    history,
    now: Date.now(),
  });

const policy = {
  name: 'bench',
  scope: 'global',
  default_action: 'allow',
  rules: Array.from({ length: RULES }, (_, i) => ({
    name: `r${i}`,
    condition: `amount > ${200 + i}`,
    ruleAction: 'deny' as const,
  })),
};

/** Milliseconds at the middle and at the 99th of a hundred. */
function timesOf(decide: (amount: number) => boolean) {
  const times: number[] = [];
  let allowed = 0;
  for (let i = 0; i < FULL_DECISIONS; i++) {
    const begun = performance.now();
    allowed += decide((i * 7919) % 250) ? 1 : 0;
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return {
    allowed,
    p50: times[Math.floor(times.length * 0.5)],
    p99: times[Math.floor(times.length * 0.99)],
  };
}

/** What a call through the tool gateway costs more than one without it, in ms. */
async function addedByGateway(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    path.join(__dirname, '../tools/run.ts'),
  ]);
  process.stdout.write(stdout);
  return /added-p50 ([\d.]+) ms\s*$/.exec(stdout)![1];
}

async function measureRules(): Promise<void> {
  const peer = await loadPeer();
  if (!('missing' in peer)) {
    peer.loadPolicy(policy);
  }
  const full = engineOf(CONDITIONS);
  const arguments_ = engineOf(CONDITIONS.slice(0, 1));
  const contestants = {
    full: (amount: number) => ask(full, amount).allowed,
    arguments: (amount: number) => ask(arguments_, amount).allowed,
    ...(!('missing' in peer) && {
      peer: (amount: number) =>
        peer.evaluatePolicy('did:mesh:agent-1', {
          amount,
          currency: 'EUR',
          address: 'Main Street 1',
        }).allowed,
    }),
  };
  const measured = new Map<string, ReturnType<typeof timesOf>>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, decide] of Object.entries(contestants)) {
      const times = timesOf(decide);
      const before = measured.get(name);
      // The best of the rounds, because the machine has other things to do.
      if (!before || times.p99 < before.p99) {
        measured.set(name, times);
      }
    }
  }
  const ours = measured.get('full')!;
  const alike = measured.get('arguments')!;
  const theirs = measured.get('peer');
  if (
    !ours.allowed ||
    !alike.allowed ||
    (theirs && theirs.allowed !== alike.allowed)
  ) {
    throw new Error('Both have to answer alike, and not always no.');
  }
  const ms = (value: number) => value.toFixed(3);
  process.stdout.write(
    `full decision with ${RULES} rules: p50 ${ms(ours.p50)} ms, p99 ${ms(
      ours.p99,
    )} ms\n`,
  );
  if ('missing' in peer) {
    process.stdout.write(`the peer was not measured: ${peer.missing}\n`);
  } else {
    process.stdout.write(
      `${RULES} rules about arguments: p50 ${ms(alike.p50)} ms, the peer ${ms(
        theirs!.p50,
      )} ms\n`,
    );
  }
  process.stdout.write(
    `access: p99 ${ms(
      ours.p99,
    )} ms, gateway added-p50 ${await addedByGateway()} ms, peer ${
      theirs ? `x${(theirs.p50 / alike.p50).toFixed(2)}` : 'not measured'
    }\n`,
  );
}

measureRules().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
