import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Case, ExpectedCall, Tool } from './dataset';
import { asksFor, claims, fold, states } from './text';

/** A call as a model made it; `arguments` is its text. */
export type MadeCall = { id: string; name: string; arguments: string };
export type Reply = { text: string; calls: MadeCall[] };

export type Verdict =
  | { state: 'right' }
  | { state: 'wrong'; why: string; wrongCall: boolean }
  | { state: 'continue'; results: { id: string; result: unknown }[] };

const ajv = addFormats(new Ajv2020({ strict: false, allErrors: true }));

/** Why arguments do not fit the schema of a tool, or undefined. */
export function misfit(tool: Tool, args: unknown): string | undefined {
  const validate = ajv.compile(tool.inputSchema);
  return validate(args) ? undefined : ajv.errorsText(validate.errors);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function foldArgument(text: string): string {
  const folded = fold(text)
    .replace(/^["']+|["'.!?,;]+$/g, '')
    .replace(/^the /, '')
    .trim();
  // midnight and the last second of a day are the day; seconds and UTC may be left out
  const moment =
    /^(?:(\d{4}-\d\d-\d\d)(?:[t ]|$))?(?:(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:z|[+-]00:?00)?)?$/.exec(
      folded,
    );
  if (!moment || !folded) return folded;
  const [, day, time] = moment;
  if (!day) return time;
  return !time || time === '00:00' || time === '23:59' ? day : `${day} ${time}`;
}

/** Whether a given value is the right one, by the words of `argumentsSchema`. */
export function fits(right: unknown, given: unknown): boolean {
  if (isRecord(right)) {
    if (Array.isArray(right.anyOf))
      return right.anyOf.some(one => fits(one, given));
    if ('has' in right || 'most' in right) {
      if (typeof given !== 'string') return false;
      const text = fold(given);
      const says = (word: unknown) => text.includes(fold(String(word)));
      const {
        has = [],
        lacks = [],
        most,
      } = right as {
        has?: unknown[];
        lacks?: unknown[];
        most?: number;
      };
      const size =
        text.match(/[\u3400-\u9fff]|[^\s\u3400-\u9fff]+/g)?.length ?? 0;
      return (
        size > 0 &&
        has.every(word => [word].flat().some(says)) &&
        !lacks.some(says) &&
        (most === undefined || size <= most)
      );
    }
    return (
      isRecord(given) &&
      Object.keys(given).every(key => key in right) &&
      Object.keys(right).every(key => fits(right[key], given[key]))
    );
  }
  if (Array.isArray(right)) {
    if (!Array.isArray(given) || given.length !== right.length) return false;
    const rest = [...given];
    return right.every(one => {
      const at = rest.findIndex(other => fits(one, other));
      if (at >= 0) rest.splice(at, 1);
      return at >= 0;
    });
  }
  if (typeof right === 'string' && typeof given === 'string')
    return foldArgument(right) === foldArgument(given);
  return right === given;
}

function faultOf(
  tool: Tool,
  expected: Pick<ExpectedCall, 'arguments'> & { may?: ExpectedCall['may'] },
  text: string,
): string | undefined {
  let given: unknown;
  try {
    given = JSON.parse(text || '{}');
  } catch {
    return `the arguments of ${tool.name} are no JSON: ${text}`;
  }
  const fault = misfit(tool, given);
  if (fault) return `${tool.name} ${text} does not fit its schema: ${fault}`;
  const args = given as Record<string, unknown>;
  for (const [name, right] of Object.entries(expected.arguments)) {
    // what a tool assumes by itself need not be said
    const value = args[name] ?? tool.inputSchema.properties?.[name]?.default;
    if (!fits(right, value))
      return `${tool.name}.${name} should be ${JSON.stringify(
        right,
      )}, is ${JSON.stringify(args[name])}`;
  }
  for (const [name, value] of Object.entries(args)) {
    if (name in expected.arguments) continue;
    const assumed = tool.inputSchema.properties?.[name]?.default;
    const allowed = expected.may ?? {};
    if (assumed !== undefined && fits(assumed, value)) continue;
    if (!(name in allowed) || !fits(allowed[name], value))
      return `${tool.name}.${name} ${JSON.stringify(value)} was not asked for`;
  }
  return undefined;
}

function gradeText(item: Case, text: string): Verdict {
  const wrong = (why: string): Verdict => ({
    state: 'wrong',
    why: `${why}: ${text.slice(0, 300)}`,
    wrongCall: false,
  });
  if (!text.trim()) return wrong('it said nothing');
  if (item.ask && !Object.values(item.ask).some(words => asksFor(text, words)))
    return wrong(`it should ask for ${Object.keys(item.ask).join(' or ')}`);
  if (item.decline && claims(text, item.decline))
    return wrong('it claims to have done it');
  const missing = item.facts.find(fact => !states(text, fact));
  if (missing) return wrong(`it does not say ${[missing].flat().join(' / ')}`);
  const surplus = item.not.find(fact => states(text, fact));
  if (surplus)
    return wrong(`it should not say ${[surplus].flat().join(' / ')}`);
  return { state: 'right' };
}

/** Grades one conversation, reply by reply. */
export function createGrader(item: Case): (reply: Reply) => Verdict {
  const due = [...item.calls];
  const wrongCall = (why: string): Verdict => ({
    state: 'wrong',
    why,
    wrongCall: true,
  });
  const misdone = (why: string): Verdict => ({
    state: 'wrong',
    why,
    wrongCall: false,
  });

  return reply => {
    if (!reply.calls.length) {
      if (due.length)
        return misdone(
          `it should call ${due[0].tool}, says: ${reply.text.slice(0, 300)}`,
        );
      return gradeText(item, reply.text);
    }
    // a tool that nobody asked for weighs more than an argument that is wrong
    const stray = reply.calls.find(
      call =>
        !due.some(next => next.tool === call.name) &&
        !item.permitted.some(other => other.tool === call.name),
    );
    if (stray)
      return wrongCall(`it called ${stray.name} ${stray.arguments} instead`);

    const results: { id: string; result: unknown }[] = [];
    let ended = false;
    for (const call of reply.calls) {
      const tool = item.tools.find(({ name }) => name === call.name)!;
      const reachable = item.anyOrder ? due : due.slice(0, 1);
      const faults = reachable
        .filter(next => next.tool === call.name)
        .map(next => ({ next, fault: faultOf(tool, next, call.arguments) }));
      const met = faults.find(({ fault }) => !fault)?.next;
      if (met) {
        due.splice(due.indexOf(met), 1);
        results.push({ id: call.id, result: met.result });
        ended ||= met.result === undefined;
        continue;
      }
      const aside = item.permitted.find(
        other =>
          other.tool === call.name &&
          (!other.arguments ||
            !faultOf(tool, { arguments: other.arguments }, call.arguments)),
      );
      if (aside) results.push({ id: call.id, result: aside.result });
      else if (faults.length) return misdone(faults[0].fault!);
      else
        return due.length
          ? misdone(`${call.name} comes before ${due[0].tool}`)
          : wrongCall(`it called ${call.name} once more`);
    }
    if (!due.length && ended) return { state: 'right' };
    return { state: 'continue', results };
  };
}
