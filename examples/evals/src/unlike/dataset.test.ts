import { join } from 'node:path';
import { spanOf } from './calendar';
import { readCases, type Case } from './dataset';
import { misfit } from './grade';

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

const alternatives = (right: unknown): unknown[] =>
  (right as { anyOf?: unknown[] } | undefined)?.anyOf ?? [right];

describe.each(cases.map(item => [`${item.trade}/${item.id}`, item] as const))(
  '%s',
  (_, item: Case) => {
    const toolOf = (name: string) => {
      const tool = item.tools.find(one => one.name === name);
      if (!tool) throw new Error(`There is no tool ${name}.`);
      return tool;
    };

    it('expects calls that the tools accept', () => {
      for (const call of item.calls) {
        const tool = toolOf(call.tool);
        for (const right of [
          ...alternativesOf(call.arguments),
          ...Object.entries(call.may).flatMap(([name, value]) =>
            alternatives(value).map(one => ({
              ...call.arguments,
              [name]: one,
            })),
          ),
        ])
          expect(misfit(tool, example(right))).toBeUndefined();
      }
      for (const { tool, arguments: args } of item.permitted)
        if (args) expect(misfit(toolOf(tool), example(args))).toBeUndefined();
        else toolOf(tool);
      for (const turn of item.messages)
        if ('call' in turn)
          expect(misfit(toolOf(turn.call), turn.arguments)).toBeUndefined();
    });

    it('says what is right in one way', () => {
      const { calls, facts, ask, decline } = item;
      const ends = item.messages.at(-1)!;
      expect('user' in ends || 'call' in ends).toBe(true);
      expect(
        calls.length > 0 ||
          facts.length > 0 ||
          ask !== undefined ||
          decline !== undefined,
      ).toBe(true);
      if (ask || decline) expect(calls).toEqual([]);
      expect(ask !== undefined && decline !== undefined).toBe(false);
      expect(item.kind === 'ask').toBe(ask !== undefined);
      expect(item.kind === 'decline').toBe(decline !== undefined);
      if (item.kind === 'chain') expect(calls.length).toBeGreaterThan(1);
      if (item.kind === 'span') expect(item.span).toBeDefined();
      // each call but the last has a result, else the conversation could not go on
      for (const call of calls.slice(0, item.anyOrder ? 0 : -1))
        expect(call.result).toBeDefined();
      if (calls.length && facts.length)
        expect(calls.at(-1)!.result).toBeDefined();
    });

    it('asks only for what is required and not given', () => {
      for (const name of Object.keys(item.ask ?? {}))
        expect(
          item.tools.some(tool => tool.inputSchema.required?.includes(name)),
        ).toBe(true);
    });

    it('has the days that its span names', () => {
      if (!item.span) return;
      const days = spanOf(item.span.name, item.today);
      const last = item.calls.at(-1)!;
      for (const end of ['from', 'to'] as const) {
        const argument = item.span[end];
        if (!argument) continue;
        const right = alternatives(
          last.arguments[argument] ?? last.may[argument],
        );
        expect(right.map(String).map(day => day.slice(0, 10))).toContain(
          days[end],
        );
      }
    });
  },
);

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
