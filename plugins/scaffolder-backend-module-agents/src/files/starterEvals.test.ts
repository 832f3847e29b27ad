import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { parse } from 'yaml';
import type { AgentDraft } from './agentDraft';
import { repositoryFiles } from './repositoryFiles';
import { starterEvals } from './starterEvals';

// Each case starts a process, which takes its time beside other work.
jest.setTimeout(20_000);

const DRAFT: AgentDraft = {
  name: 'order-desk',
  title: 'Order desk',
  description: 'Answers questions about orders.',
  owner: 'group:default/orders',
  instructions: 'You answer questions about orders.',
  model: 'model:default/balanced',
  tools: ['tool:default/orders.find_order'],
  autonomy: 'copilot',
  exampleQuestions: ['Where is order 1001?'],
  tags: [],
  quotas: {},
};
const FIND = {
  kind: 'tool',
  name: 'orders.find_order',
  toolRef: 'tool:default/orders.find_order',
};
const DECLINED = { message: 'I’m sorry, I only know about orders.' };

interface Answer {
  status?: string;
  message?: string;
  steps?: object[];
}

describe('the first evaluation of a new agent', () => {
  let folder: string;
  let portal: Server;
  let answers: Record<string, Answer>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'evals-'));
    await writeFile(
      join(folder, 'ask.mjs'),
      repositoryFiles(DRAFT).get('evals/ask.mjs')!,
    );
    const asked: string[] = [];
    portal = createServer(async (req, res) => {
      if (req.method === 'POST') {
        const { agentRef, input } = (await json(req)) as any;
        asked.push(input.message);
        res.statusCode =
          agentRef === 'agent:default/order-desk' &&
          req.headers.authorization === 'Bearer secret'
            ? 201
            : 403;
        res.end(JSON.stringify({ id: asked.length - 1, status: 'queued' }));
        return;
      }
      const question = asked[Number(req.url!.split('/').at(-1))];
      const key = question.includes('moon') ? 'moon' : 'order';
      const { status = 'succeeded', message, steps = [] } = answers[key];
      res.end(JSON.stringify({ status, output: { message }, steps }));
    });
    await new Promise<void>(resolve => portal.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    portal.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the workflow does. */
  async function evaluate(change: (evals: any) => void = () => {}) {
    const evals = parse(repositoryFiles(DRAFT).get('evals/starter.yaml')!);
    change(evals);
    const { port } = portal.address() as AddressInfo;
    const child = spawn(process.execPath, [join(folder, 'ask.mjs')], {
      env: {
        PORTAL: `http://127.0.0.1:${port}`,
        TOKEN: 'secret',
        POLL_MS: '1',
        PATIENCE_MS: '1000',
      },
    });
    child.stdin.end(JSON.stringify(evals));
    const [out, code] = await Promise.all([
      text(child.stdout),
      new Promise(resolve => child.on('close', resolve)),
    ]);
    return { code, lines: out.trim().split('\n') };
  }

  it('passes an agent that answers what it is for and declines the rest', async () => {
    answers = {
      order: { message: 'It was shipped on **12 May**.', steps: [FIND] },
      moon: DECLINED,
    };
    expect(
      await evaluate(evals => {
        evals.cases[0].expect.facts = ['12 may'];
        evals.cases[0].expect.tools = DRAFT.tools;
      }),
    ).toEqual({ code: 0, lines: ['ok    example-1', 'ok    out-of-scope'] });
  });

  it.each<[string, Record<string, Answer>, string[]]>([
    [
      'answers everything with any text',
      { order: { message: 'Fine.' }, moon: { message: 'Fine.' } },
      [
        'ok    example-1',
        'FAIL  out-of-scope: it answered what it cannot know',
      ],
    ],
    [
      'declines everything',
      { order: DECLINED, moon: DECLINED },
      ['FAIL  example-1: it declined', 'ok    out-of-scope'],
    ],
    [
      'says nothing, and calls a tool for what is out of scope',
      { order: { message: ' ' }, moon: { ...DECLINED, steps: [FIND] } },
      [
        'FAIL  example-1: it declined',
        'FAIL  out-of-scope: it called tool:default/orders.find_order',
      ],
    ],
    [
      'fails',
      { order: { status: 'failed' }, moon: { status: 'running' } },
      [
        'FAIL  example-1: the run is failed',
        'FAIL  out-of-scope: the run is running',
      ],
    ],
  ])('fails an agent that %s', async (_, given, lines) => {
    answers = given;
    expect(await evaluate()).toEqual({ code: 1, lines });
  });

  it('fails an agent that lacks a fact or did not call a tool', async () => {
    answers = { order: { message: 'It is on its way.' }, moon: DECLINED };
    const { code, lines } = await evaluate(evals => {
      evals.cases[0].expect.facts = ['12 May', 'on its way'];
      evals.cases[0].expect.tools = DRAFT.tools;
    });
    expect(code).toBe(1);
    expect(lines[0]).toBe(
      'FAIL  example-1: missing 12 May; did not call tool:default/orders.find_order',
    );
  });

  it('fails a team of which a member took no part', async () => {
    const team = {
      pattern: 'pipeline' as const,
      members: ['agent:default/clerk', 'agent:default/tracker'],
      choices: [],
    };
    const took = (name: string, status = 'succeeded') => ({
      ...{ kind: 'agent', name: `agent:default/${name}`, status },
    });
    const of = (steps: object[]) => {
      answers = { order: { message: 'Shipped.', steps }, moon: DECLINED };
      return evaluate(evals => {
        evals.cases = parse(starterEvals({ ...DRAFT, team })).cases;
      });
    };
    expect(await of([took('clerk'), took('tracker')])).toMatchObject({
      code: 0,
    });
    expect(await of([took('clerk'), took('tracker', 'failed')])).toEqual({
      code: 1,
      lines: [
        'FAIL  example-1: agent:default/tracker took no part',
        'ok    out-of-scope',
      ],
    });
    const exampleQuestions = ['Where is order 1001?', 'Where is order 1002?'];
    // Each case says who takes part, and not `*a1`.
    expect(
      starterEvals({ ...DRAFT, team, exampleQuestions }).match(/clerk/g),
    ).toHaveLength(2);
  });

  it('fails a case that expects nothing', async () => {
    answers = { order: { message: 'Yes.' }, moon: DECLINED };
    const { lines } = await evaluate(evals => {
      delete evals.cases[0].expect;
    });
    expect(lines[0]).toBe(
      'FAIL  example-1: expect.answered must be true or false',
    );
  });

  it('is what the workflow runs', () => {
    const files = repositoryFiles(DRAFT);
    const { jobs } = parse(files.get('.github/workflows/evals.yaml')!);
    const { run } = jobs.ask.steps.at(-1);
    expect(run).toBe('yq -o=json evals/starter.yaml | node evals/ask.mjs');
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['evals/starter.yaml', 'evals/ask.mjs']),
    );
  });
});
