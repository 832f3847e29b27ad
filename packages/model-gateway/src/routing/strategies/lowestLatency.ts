import { expectedOutput } from './expectedCost';
import {
  byLeast,
  type Choice,
  type Circumstances,
  type Strategy,
} from './Strategy';

/** So often another than the fastest is asked, or one slow hour would be forever. */
const EXPLORED = 0.05;

/** The one that has been fastest lately; one that was never timed goes first. */
export const lowestLatency: Strategy = (choices, circumstances) => {
  const times = new Map(
    choices.map(choice => [choice, expectedMs(choice, circumstances)]),
  );
  const order = byLeast(choices, choice => times.get(choice) ?? -1);
  const [fastest] = order;
  const ms = times.get(fastest);
  if (ms === undefined) {
    return { order, why: 'it has not been timed yet.' };
  }
  if (order.length > 1 && circumstances.random() < EXPLORED) {
    const others = order.slice(1);
    const tried =
      others[Math.floor(circumstances.random() * others.length)] ?? others[0];
    return {
      order: [tried, ...order.filter(choice => choice !== tried)],
      why: 'others were faster, but it is timed again from time to time.',
    };
  }
  return {
    order,
    why: `the fastest of ${choices.length} that can serve; about ${inSeconds(
      ms,
    )}.`,
  };
};

/** To the end of the answer, which for streams is made of start and pace. */
function expectedMs(
  { model }: Choice,
  circumstances: Circumstances,
): number | undefined {
  const { firstByte, tokensPerSecond, whole } = circumstances.healthOf(model);
  const { stream } = circumstances.shape.features;
  const start = stream
    ? firstByte.mean ?? whole.mean
    : whole.mean ?? firstByte.mean;
  if (start === undefined || !stream || tokensPerSecond === undefined) {
    return start;
  }
  return (
    start + (expectedOutput(model, circumstances) * 1000) / tokensPerSecond
  );
}

function inSeconds(ms: number): string {
  return `${Number((Math.max(ms, 10) / 1000).toPrecision(1))} s`;
}
