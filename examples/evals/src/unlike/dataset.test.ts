import { join } from 'node:path';
import { spanOf } from './calendar';
import { readCases, type Case } from './dataset';
import { createGrader, misfit, type Reply } from './grade';

const data = join(__dirname, '../../unlike');
const { cases } = readCases({
  dev: join(data, 'dev'),
  // the half that is kept apart, where it is known
  held: process.env.UNLIKE_HELD ?? join(data, 'held'),
});

/** Every value that is named in an expectation, in a form that a tool would take. */
function example(right: unknown): unknown {
  if (Array.isArray(right)) return right.map(example);
  if (typeof right !== 'object' || right === null) return right;
  const { anyOf, has } = right as { anyOf?: unknown[]; has?: unknown[] };
  if (anyOf) return example(anyOf[0]);
  if (has || 'most' in right)
    return (has ?? ['text']).map(word => [word].flat()[0]).join(' ');
  return Object.fromEntries(
    Object.entries(right).map(([key, value]) => [key, example(value)]),
  );
}

const said = (text: string): Reply => ({ text, calls: [] });

/** What somebody replies who does exactly what the case says is right. */
function* rightReplies(item: Case): Generator<Reply> {
  for (const [index, call] of item.calls.entries())
    yield {
      text: '',
      calls: [
        {
          id: `call_${index}`,
          name: call.tool,
          arguments: JSON.stringify(example(call.arguments)),
        },
      ],
    };
  if (item.ask) yield said(`${Object.values(item.ask).flat()[0]}?`);
  else if (item.decline) yield said('Sorry, I cannot do that.');
  else yield said(item.facts.map(fact => [fact].flat()[0]).join('; '));
}

const alternatives = (right: unknown): unknown[] =>
  (right as { anyOf?: unknown[] } | undefined)?.anyOf ?? [right];

function alternativesOf(args: Record<string, unknown>) {
  const longest = Math.max(
    1,
    ...Object.values(args).map(value => alternatives(value).length),
  );
  return Array.from({ length: longest }, (_, index) =>
    Object.fromEntries(
      Object.entries(args).map(([name, value]) => {
        const list = alternatives(value);
        return [name, list[index % list.length]];
      }),
    ),
  );
}

/** Whether the calls of a case fit the schemas of its tools, in all the ways that are right. */
function misfits(item: Case): (string | undefined)[] {
  const check = (name: string, args: unknown) => {
    const tool = item.tools.find(one => one.name === name);
    return tool ? misfit(tool, example(args)) : `there is no tool ${name}`;
  };
  return [
    ...item.calls.flatMap(call => [
      ...alternativesOf(call.arguments).map(args => check(call.tool, args)),
      ...Object.entries(call.may).flatMap(([name, value]) =>
        alternatives(value).map(one =>
          check(call.tool, { ...call.arguments, [name]: one }),
        ),
      ),
    ]),
    // a permitted call without arguments may be made with any
    ...item.permitted.map(({ tool, arguments: args }) =>
      args || !item.tools.some(one => one.name === tool)
        ? check(tool, args)
        : undefined,
    ),
    ...item.messages.map(turn =>
      'call' in turn ? check(turn.call, turn.arguments) : undefined,
    ),
  ];
}

/** What contradicts itself in a case. */
function contradictions(item: Case): string[] {
  const { calls, facts, ask, decline, kind } = item;
  const ends = item.messages.at(-1)!;
  const required = item.tools.flatMap(tool => tool.inputSchema.required ?? []);
  const rules: [string, boolean][] = [
    ['ends with an answer', 'assistant' in ends],
    ['says nothing', !calls.length && !facts.length && !ask && !decline],
    ['calls and asks or declines', calls.length > 0 && !!(ask || decline)],
    ['asks and declines', !!ask && !!decline],
    ['is of another kind: ask', (kind === 'ask') !== !!ask],
    ['is of another kind: decline', (kind === 'decline') !== !!decline],
    ['is no chain', kind === 'chain' && calls.length < 2],
    ['names no span', kind === 'span' && !item.span],
    [
      'goes on after a call without a result',
      calls.slice(0, -1).some(call => call.result === undefined) ||
        (calls.length > 0 &&
          facts.length > 0 &&
          calls.at(-1)!.result === undefined),
    ],
    [
      'asks for what no tool requires',
      Object.keys(ask ?? {}).some(name => !required.includes(name)),
    ],
  ];
  return rules.filter(([, broken]) => broken).map(([rule]) => rule);
}

/** The ends of the span of a case that are not among its right arguments. */
function wrongDays(item: Case): string[] {
  if (!item.span) return [];
  const days = spanOf(item.span.name, item.today);
  const { arguments: args, may } = item.calls.at(-1)!;
  return (['from', 'to'] as const).flatMap(end => {
    const argument = item.span![end];
    if (!argument) return [];
    const right = alternatives(args[argument] ?? may[argument]).map(day =>
      String(day).slice(0, 10),
    );
    return right.includes(days[end])
      ? []
      : [`${argument} is ${right.join(' or ')}, not ${days[end]}`];
  });
}

/** Replies that no grader may take. */
const wrongReplies = (item: Case): string[] => [
  '',
  ...(item.decline ?? []).map(word => `OK: ${word}.`),
  // the whole result is no answer to a question about one thing in it
  ...item.messages.flatMap(turn =>
    item.kind === 'answer' && 'call' in turn ? JSON.stringify(turn.result) : [],
  ),
  ...(item.decline ? [] : ['Sorry, I cannot do that.']),
];

describe.each(cases.map(item => [`${item.trade}/${item.id}`, item] as const))(
  '%s',
  (_, item: Case) => {
    it('expects calls that the tools accept', () => {
      expect(misfits(item).filter(Boolean)).toEqual([]);
    });

    it('says what is right in one way, with the days that its span names', () => {
      expect([...contradictions(item), ...wrongDays(item)]).toEqual([]);
    });

    it('takes the right replies and no others', () => {
      const grade = createGrader(item);
      const verdicts = [...rightReplies(item)].map(grade);
      expect(verdicts.find(verdict => verdict.state !== 'continue')).toEqual({
        state: 'right',
      });
      const taken = wrongReplies(item).filter(
        text => createGrader(item)(said(text)).state !== 'wrong',
      );
      expect(taken).toEqual([]);
    });
  },
);

it('names each case once, and never asks the same thing twice', () => {
  const ids = cases.map(item => item.id);
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  const asked = cases.map(item => JSON.stringify([item.trade, item.messages]));
  expect(asked.filter((text, at) => asked.indexOf(text) !== at)).toEqual([]);
});

it('has tools whose names differ and whose schemas compile', () => {
  for (const item of cases) {
    const names = item.tools.map(tool => tool.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(4);
    for (const tool of item.tools) {
      expect(() => misfit(tool, {})).not.toThrow();
      const known = Object.keys(tool.inputSchema.properties ?? {});
      expect(known).toEqual(
        expect.arrayContaining(tool.inputSchema.required ?? []),
      );
    }
  }
});
