import {
  FINAL_RUN_STATUSES,
  type RunStatus,
} from '@agentportal/plugin-orchestration-common';
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthProbe } from '../portal/HealthProbe';
import type { PortalClient } from '../portal/PortalClient';

/** How long the portal may take to say that it is alive, whatever it was sent. */
export const HEALTH_LIMIT_MS = Number(process.env.HEALTH_LIMIT_MS ?? 200);
const SETTLED_WITHIN_MS = 180_000;

const repeat = (text: string, characters: number) =>
  text.repeat(Math.ceil(characters / text.length)).slice(0, characters);

/** Messages on which one portal or another stood still. */
const MESSAGES = [
  repeat('Zz', 100_000),
  repeat('Zz', 30_000),
  repeat('x', 4_000),
  repeat('x', 8_000),
  repeat('x', 60_000),
  repeat(
    'I ordered three tents on Monday and two of them came back broken. ',
    7_000,
  ),
  repeat('Where is order NH-10042 and what did it cost last week? ', 100_000),
  repeat('0123456789abcdef', 64_000),
  repeat('aGVsbG8gd29ybGQ-_', 100_000),
  repeat('a.b+c-d_', 80_000),
  repeat('a@', 50_000),
  repeat('next Monday ', 20_000),
  repeat('12/11/2026 ', 20_000),
  repeat('1,000.5 EUR ', 20_000),
  repeat('"', 50_000),
  repeat('and ', 40_000),
  repeat('?! ', 50_000),
  repeat('\u0301', 50_000),
  repeat('在哪里订单', 50_000),
  repeat('[{(', 60_000),
];

/** Larger than the API of runs takes; the API of models takes 20 MiB. */
const LARGE = [repeat('Zz', 200_000), repeat('x', 2_000_000)];

/**
 * Sends everything at once, as guests may, and looks whether the portal stays there for others: it must say
 * that it is alive in time, end every run, and then answer an ordinary question.
 */
export async function freeze(
  portal: PortalClient,
  probe: HealthProbe,
  guest: string,
  member: string,
): Promise<string> {
  const json = {
    authorization: `Bearer ${guest}`,
    'content-type': 'application/json',
  };
  const chat = (content: string) =>
    portal.send(
      {
        method: 'POST',
        path: '/api/models/openai/v1/chat/completions',
        headers: json,
        body: JSON.stringify({
          model: 'builtin/extractive',
          messages: [{ role: 'user', content }],
        }),
      },
      { timeoutMs: SETTLED_WITHIN_MS },
    );
  const run = async (message: string) => {
    // A person may have only so many runs at once; whoever waits gets in.
    for (;;) {
      const answer = await portal.send({
        method: 'POST',
        path: '/api/orchestration/runs',
        headers: json,
        body: JSON.stringify({
          agentRef: 'agent:default/order-desk',
          input: { message },
        }),
      });
      if (answer.status !== 429) {
        return answer;
      }
      await sleep(1_000);
    }
  };

  let started = performance.now();
  const ended = async ({ status, text }: { status: number; text: string }) => {
    const { id } = JSON.parse(text);
    let state: RunStatus = 'queued';
    while (!FINAL_RUN_STATUSES.includes(state)) {
      assert.ok(
        performance.now() - started < SETTLED_WITHIN_MS,
        `run ${id} (${status}) is still ${state}`,
      );
      ({ status: state } = await portal.ask(
        guest,
        'GET',
        `/api/orchestration/runs/${id}`,
      ));
      await sleep(250);
    }
  };

  // A portal that people have used: processes start, and schemas of its own operations
  // are compiled, with the first question, whatever it is.
  await chat('What can you do?');
  const ordinary = await run('Where is order NH-10042?');
  await ended(ordinary);
  // Its trace is read by a process as well, some seconds later.
  const trace = JSON.parse(ordinary.text).id.replaceAll('-', '');
  for (let looks = 0; looks < 40; looks++) {
    const { status } = await portal.send({
      method: 'GET',
      path: `/api/traces/traces/${trace}`,
      headers: json,
    });
    if (status === 200) break;
    await sleep(500);
  }
  const round = async (messages: string[]) => {
    await probe.untilCalm(HEALTH_LIMIT_MS);
    started = performance.now();
    probe.take();
    const chats = [...messages.slice(0, 8), ...LARGE].map(chat);
    const runs = await Promise.all(messages.map(run));
    for (const { status, text } of [...(await Promise.all(chats)), ...runs]) {
      assert.ok(status < 500, `${status} ${text.slice(0, 500)}`);
    }
    for (const answer of runs.filter(({ status }) => status < 300)) {
      await ended(answer);
    }
    return probe.judge(HEALTH_LIMIT_MS);
  };
  // A message that freezes a portal does so each time; a machine that others use is slow now and then.
  const first = await round(MESSAGES);
  const { measured, problem } = first.problem
    ? // With another end, so that nothing about it is remembered.
      await round(MESSAGES.map(text => `${text.slice(0, -1)}.`))
    : first;
  assert.ok(!problem, `${problem}; before that: ${first.measured}`);

  const { choices } = await portal.ask(
    member,
    'POST',
    '/api/models/openai/v1/chat/completions',
    {
      model: 'builtin/extractive',
      messages: [{ role: 'user', content: 'What can you do?' }],
    },
  );
  assert.ok(choices[0].message.content, 'An ordinary question has no answer');
  return measured;
}
