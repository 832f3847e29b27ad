import { hash } from 'node:crypto';
import { byLeast, type Strategy } from './Strategy';

/**
 * By weight. A conversation gets its model by a hash, so that it finds the same
 * one in every process; that choice is weighted too (weighted rendezvous hashing,
 * where leaving a model out moves only its own conversations).
 */
export const weighted: Strategy = (choices, circumstances) => {
  const weights = choices.map(({ candidate }) => candidate.weight ?? 1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const { session, random } = circumstances;
  const order = byLeast(choices, ({ model, candidate }) => {
    const weight = sum > 0 ? candidate.weight ?? 1 : 1;
    const draw = session ? drawOf(`${session} ${model.id}`) : random();
    // The smallest of exponential variables falls to each by its rate.
    return weight > 0 ? -Math.log(1 - draw) / weight : Infinity;
  });
  const share = (order[0].candidate.weight ?? 1) / (sum || choices.length);
  return {
    order,
    why: `its share of the route ${circumstances.route} is ${Math.round(
      Math.min(share, 1) * 100,
    )} %.`,
  };
};

/** Evenly spread from 0 to below 1. */
function drawOf(text: string): number {
  return (
    Buffer.from(hash('sha1', text, 'hex'), 'hex').readUInt32BE(0) / 2 ** 32
  );
}
