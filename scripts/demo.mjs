// `npm run demo`: plays a day of the example company over the public API, so that every page of a fresh portal has
// something true on it. Uses the portal at PORTAL_URL (http://localhost:7007), or starts one and leaves it running.
import OpenAI from 'openai';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ADMINISTRATOR,
  BUDGETS,
  COMPLAINT,
  CONVERSATIONS,
  EVALUATED,
  EXPERIMENT,
  KEY,
  REFUSED,
  SPENT,
} from './demo/day.mjs';
import { Portal } from './demo/Portal.mjs';
import { main, say, setup } from './setup/index.mjs';
import { servePortal } from './setup/servePortal.mjs';

const MINUTES = 3;
/** What did not work, in words. */
const undone = [];

await main(async () => {
  const url =
    process.env.PORTAL_URL ??
    `http://localhost:${process.env.AGENT_PORTAL_PORT ?? 7007}`;
  const runs = await fetch(`${url}/.backstage/health/v1/readiness`).then(
    response => response.ok,
    () => false,
  );
  const portal = runs ? undefined : await servePortal(await setup());
  const deadline = setTimeout(() => {
    say(`✗ The day is not over after ${MINUTES} minutes; it is left as it is.`);
    tellUndone();
    process.exit(1);
  }, MINUTES * 60_000);
  await playDay(new Portal(url)).finally(() => clearTimeout(deadline));
  tellUndone();
  say(`The day is over. See what it left: ${url}`);
  return portal ? portal.untilItEnds() : Number(undone.length > 0);
});

/** A part of the day that does not work is told of, and the rest goes on. */
async function attempt(what, part) {
  try {
    return await part();
  } catch (error) {
    undone.push(what);
    say(`✗ ${what} did not work: ${short(error.message)}`);
    return undefined;
  }
}

function tellUndone() {
  if (!undone.length) return;
  say('');
  say(`This did not work, and \`npm run demo\` tries it again:`);
  for (const what of new Set(undone)) {
    const times = undone.filter(each => each === what).length;
    say(`  ✗ ${what}${times > 1 ? ` (${times} times)` : ''}`);
  }
}

async function playDay(portal) {
  await attempt('Setting the budgets', () => setBudgets(portal));
  const people = [...new Set(CONVERSATIONS.map(({ person }) => person))];
  await Promise.all([
    ...people.map(person => converse(portal, person)),
    attempt('Refusing a call', () => beRefused(portal)),
    attempt('Spending a budget', () => spendAll(portal)),
    attempt('Making a key for a program', () => useKey(portal)),
  ]);
  await attempt('Saying how good answers were', () => giveFeedback(portal));
  await attempt('Evaluating agents', () => evaluate(portal));
  await attempt('Experimenting with an agent', () => experiment(portal));
  await attempt('Adding up what it cost', () => sumUp(portal));
}

async function setBudgets(portal) {
  const spent = {
    scope: { type: 'agent', ref: SPENT.agentRef },
    ...SPENT.budget,
  };
  for (const budget of [...BUDGETS, spent]) {
    const { type, ref } = budget.scope;
    const query = new URLSearchParams({
      scopeType: type,
      source: 'api',
      ...(ref && { scopeRef: ref }),
    });
    const { items } = await portal.ask(
      ADMINISTRATOR,
      'GET',
      `/api/models/budgets?${query}`,
    );
    if (items.some(({ window }) => window === budget.window)) continue;
    await portal.ask(ADMINISTRATOR, 'POST', '/api/models/budgets', budget);
    say(
      `${name(ADMINISTRATOR)} sets a budget: ${
        ref ?? 'the organisation'
      } may spend ${usd(budget.limitNanoUsd)} a ${budget.window}`,
    );
  }
}

async function converse(portal, person) {
  for (const { agentRef, questions } of CONVERSATIONS.filter(
    one => one.person === person,
  )) {
    let threadId;
    for (const question of questions) {
      await attempt(`Asking ${agentRef.split('/').pop()}`, async () => {
        const run = await portal.run(person, agentRef, question, threadId);
        threadId = run.threadId;
        tell(person, agentRef, question, run);
      });
    }
  }
}

async function beRefused(portal) {
  const { person, tool, ...body } = REFUSED;
  const call = () =>
    portal
      .ask(person, 'POST', `/api/tools/tools/${tool}/call`, body)
      .catch(error => error);
  let refusal = await call();
  // A portal that has just started reads its tools in for some seconds.
  for (let tries = 0; refusal?.status === 404 && tries < 30; tries += 1) {
    await sleep(1000);
    refusal = await call();
  }
  if (refusal?.status !== 403) {
    throw new Error(`${name(person)} was not refused ${tool}: ${refusal}`);
  }
  say(`✗ ${name(person)} calls ${tool} → ${short(refusal.message)}`);
}

async function spendAll(portal) {
  const { person, agentRef, questions } = SPENT;
  for (const question of questions) {
    const run = await portal.run(person, agentRef, question);
    tell(person, agentRef, question, run);
    if (run.status === 'failed') return;
  }
}

async function useKey(portal) {
  const { person, questions, title, ...key } = KEY;
  const { items } = await portal.ask(
    person,
    'GET',
    `/api/models/keys?${new URLSearchParams({ q: title, state: 'active' })}`,
  );
  // The secret of a key is told once, so an old one is replaced.
  const { secret } = items.length
    ? await portal.ask(
        person,
        'POST',
        `/api/models/keys/${items[0].id}/rotate`,
        {},
      )
    : await portal.ask(person, 'POST', '/api/models/keys', { title, ...key });
  say(`${name(person)} has a key for “${title}”`);
  const client = new OpenAI({
    baseURL: `${portal.url}/api/models/openai/v1`,
    apiKey: secret,
  });
  for (const question of questions) {
    await attempt('Asking a model as a program', async () => {
      const { choices } = await client.chat.completions.create({
        model: key.models[0],
        messages: [{ role: 'user', content: question }],
      });
      say(
        `  a program asks a model: ${short(question)} → ${short(
          choices[0].message.content,
        )}`,
      );
    });
  }
}

/** People say of some answers whether they were good. */
async function giveFeedback(portal) {
  for (const person of new Set(CONVERSATIONS.map(one => one.person))) {
    const { items } = await portal.ask(
      person,
      'GET',
      '/api/models/calls?limit=20',
    );
    const own = items.filter(call => call.userRef === person).slice(0, 4);
    for (const [index, call] of own.entries()) {
      await portal.ask(
        person,
        'POST',
        `/api/models/calls/${call.callId}/outcome`,
        {
          succeeded: index !== 3,
        },
      );
    }
    const runs = await portal.ask(
      person,
      'GET',
      '/api/orchestration/runs?status=succeeded&limit=20',
    );
    const answers = runs.items.filter(run => run.createdBy === person);
    for (const [index, run] of answers.slice(0, 4).entries()) {
      await portal.ask(person, 'POST', '/api/evals/feedback', {
        runId: run.id,
        ...(index === 3
          ? { rating: 'down', comment: COMPLAINT }
          : { rating: 'up' }),
      });
    }
    if (own.length)
      say(`${name(person)} says of ${own.length} answers how good they were`);
  }
}

/** Evaluations go on by themselves when the day is over. */
async function evaluate(portal) {
  for (const { person, agentRef } of EVALUATED) {
    const query = new URLSearchParams({ agentRef });
    const { items: done } = await portal.ask(
      person,
      'GET',
      `/api/evals/evaluations?${query}`,
    );
    const { items: dataSets } = await portal.ask(
      person,
      'GET',
      `/api/evals/data-sets?${query}`,
    );
    for (const { id, title, caseCount } of dataSets) {
      if (done.some(({ dataSetId }) => dataSetId === id)) continue;
      await portal.ask(person, 'POST', '/api/evals/evaluations', {
        dataSetId: id,
      });
      say(
        `${name(person)} evaluates ${agentRef
          .split('/')
          .pop()} on the ${caseCount} questions of “${title}”`,
      );
    }
  }
}

/** Starts an experiment where the portal says that it may be, and has people ask; it says itself what that shows. */
async function experiment(portal) {
  const { askers, person, questions, ...request } = EXPERIMENT;
  const { agentRef, title } = request;
  const query = new URLSearchParams({ agentRef });
  const admission = await portal.ask(
    person,
    'GET',
    `/api/evals/experiment-admission?${query}`,
  );
  if (admission.allowed) {
    await portal.ask(person, 'POST', '/api/evals/experiments', request);
    say(`${name(person)} starts an experiment: ${title}`);
    // Runs take part from when every process has heard of it.
    await sleep(4_000);
  } else if (admission.why !== 'running') {
    throw new Error(admission.sentence);
  }
  await Promise.all(
    askers.map(async asker => {
      for (const question of questions) {
        const run = await portal.run(asker, agentRef, question);
        tell(asker, agentRef, question, run);
      }
    }),
  );
}

async function sumUp(portal) {
  const { items } = await portal.ask(
    ADMINISTRATOR,
    'GET',
    '/api/models/costs?groupBy=owner',
  );
  say('');
  say(
    '  ✓ answered   – asked back, or said that it cannot   ✗ refused or failed',
  );
  say('');
  for (const { key, title, costNanoUsd } of items) {
    say(`  ${(title ?? key ?? 'nobody').padEnd(40)} ${usd(costNanoUsd)}`);
  }
  if (!items.length) {
    throw new Error('Nothing was spent, so no model answered.');
  }
}

function tell(person, agentRef, question, run) {
  const answer =
    run.status === 'succeeded'
      ? run.output.message
      : run.error?.message ?? 'stopped';
  say(
    `${markOf(run)} ${name(person)} asks ${agentRef.split('/').pop()}: ${short(
      question,
    )} → ${short(answer)}`,
  );
}

/** A tick only for what an agent found out or did: with tools, all of which worked. */
function markOf(run) {
  const used = run.steps.filter(({ kind }) => kind !== 'model');
  if (
    run.status !== 'succeeded' ||
    used.some(({ status }) => status !== 'succeeded')
  ) {
    return '✗';
  }
  return used.length > 0 ? '✓' : '–';
}

function name(ref) {
  return ref.split('/').pop().split('.')[0];
}

function usd(nano) {
  return `$${(nano / 1e9).toFixed(6).replace(/0{1,4}$/, '')}`;
}

function short(text) {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
