import { sameTool } from '@agentportal/plugin-evals-common';
import { type EvaluatorFunction, opinion } from '../Attempt';

const tools = (value: unknown) => [value].flat().map(String);
const told = (calls: { tool: string }[]) =>
  calls.map(({ tool }) => tool).join(', ') || 'nothing';

/** These tools were called one after the other; others may be between them. */
export const callsInOrder: EvaluatorFunction = ({ value }, { calls }) => {
  let at = 0;
  const wanted = tools(value);
  for (const { tool } of calls) {
    if (at < wanted.length && sameTool(tool, wanted[at])) {
      at += 1;
    }
  }
  return opinion(
    at === wanted.length,
    `${wanted[at]} was not called after what comes before it; it called ${told(
      calls,
    )}.`,
  );
};

/** These tools were called in this order, and no others. */
export const callsExactly: EvaluatorFunction = ({ value }, { calls }) => {
  const wanted = tools(value);
  return opinion(
    calls.length === wanted.length &&
      calls.every(({ tool }, at) => sameTool(tool, wanted[at])),
    `It called ${told(calls)}.`,
  );
};

/** None of these tools was called. */
export const forbiddenCall: EvaluatorFunction = ({ value }, { calls }) => {
  const found = calls.find(({ tool }) =>
    tools(value).some(name => sameTool(tool, name)),
  );
  return opinion(!found, `It called ${found?.tool}.`);
};

/** Tools were called no more than this often. */
export const callCount: EvaluatorFunction = ({ atMost }, { calls }) =>
  opinion(
    calls.length <= atMost!,
    `It made ${calls.length} calls, more than ${atMost}.`,
  );
