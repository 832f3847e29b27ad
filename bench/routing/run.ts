// `npm run evals:routing`: what the complexity rater saves and what it costs in
// quality, on labelled prompts that it was not fitted to. With --fit, how its
// weights were found.
import { performance } from 'node:perf_hooks';
import {
  ComplexityRater,
  DEFAULT_TIER_THRESHOLDS,
} from '@agentportal/model-gateway';
import { crossValidate, fit, print } from './fit';
import { type LabelledPrompt, readPrompts, TIERS } from './prompts';
import {
  type Assignment,
  byLength,
  COSTS,
  judge,
  NOISE,
  randomQuality,
} from './routers';

/** Of the pull back to what was believed before; see fit.ts. */
const PULL = 1;

const prompts = readPrompts();
if (process.argv.includes('--fit')) {
  printFit(prompts.filter(prompt => !prompt.heldOut));
} else {
  report(prompts.filter(prompt => prompt.heldOut));
}

function printFit(tuning: LabelledPrompt[]) {
  for (const pull of [0.25, 0.5, 1, 2, 4]) {
    const likelihood = crossValidate(tuning, pull).toFixed(3);
    console.log(`pull ${pull}: log-likelihood ${likelihood} over five folds`);
  }
  console.log(`\nAt a pull of ${PULL}, from ${tuning.length} prompts:`);
  console.log(print(fit(tuning, PULL)));
}

function report(heldOut: LabelledPrompt[]) {
  const rater = new ComplexityRater();
  const rated = heldOut.map(({ prompt }) =>
    rater.rate({ messages: [{ role: 'user', content: prompt }] }),
  );
  const assign = (shift: number): Assignment =>
    rated.map(
      ({ score }) =>
        DEFAULT_TIER_THRESHOLDS.filter(
          threshold => logit(score) + shift > logit(threshold),
        ).length,
    );

  console.log(
    `${heldOut.length} of ${prompts.length} prompts are held out; ` +
      'the rater was fitted to the others.',
  );
  console.log(
    'The labels are ours and so are the prompts: the figures tell whether the\n' +
      'rater works, not what it saves on your traffic. Do not carry them over.',
  );
  console.log(
    `A model answers well what is labelled with its tier or an easier one, but for ${
      NOISE * 100
    } %.\nCost by tier, relative to the dearest: ${TIERS.map(
      (tier, i) => `${tier} ${COSTS[i]}`,
    ).join(', ')}.\n`,
  );

  console.log('Tiers as labelled (down) and as rated (across):');
  console.log(row(['', ...TIERS]));
  TIERS.forEach((tier, label) => {
    const counts = TIERS.map(
      rating =>
        heldOut.filter((p, i) => p.label === label && rated[i].tier === rating)
          .length,
    );
    console.log(row([tier, ...counts.map(String)]));
  });
  const right = heldOut.filter((p, i) => p.tier === rated[i].tier).length;
  const enough = heldOut.filter(
    (p, i) => TIERS.indexOf(rated[i].tier) >= p.label,
  ).length;
  console.log(
    `Tier right ${share(right, heldOut)}, strong enough ${share(
      enough,
      heldOut,
    )}.\n`,
  );

  console.log('Cost against quality, at the same cost for each router:');
  console.log(row(['caution', 'cost', 'ours', 'random', 'length', 'shares']));
  for (const shift of [-1, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.8, 1.2, 2]) {
    const tiers = assign(shift);
    const ours = judge(heldOut, tiers);
    console.log(
      row([
        shift.toFixed(1),
        ours.cost.toFixed(2),
        ours.quality.toFixed(2),
        randomQuality(heldOut, ours.cost).toFixed(2),
        judge(heldOut, byLength(heldOut, tiers)).quality.toFixed(2),
        ours.shares.map(s => `${Math.round(s * 100)}%`).join(' '),
      ]),
    );
  }
  const best = judge(
    heldOut,
    heldOut.map(() => TIERS.length - 1),
  );
  console.log(
    `Always the best: quality ${best.quality.toFixed(2)} at cost 1.\n`,
  );
  console.log(`One rating takes ${microseconds(rater).toFixed(1)} µs.`);

  const tiers = assign(0);
  const ours = judge(heldOut, tiers);
  const random = randomQuality(heldOut, ours.cost);
  const length = judge(heldOut, byLength(heldOut, tiers)).quality;
  console.log(
    `routing: quality ${ours.quality.toFixed(2)} at cost ${ours.cost.toFixed(
      2,
    )} (random ${random.toFixed(2)}, length ${length.toFixed(2)}), held out ${
      heldOut.length
    }`,
  );
}

function microseconds(rater: ComplexityRater): number {
  const bodies = prompts.map(({ prompt }) => ({
    messages: [{ role: 'user', content: prompt }],
  }));
  const rounds = 40;
  bodies.forEach(body => rater.rate(body));
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    for (const body of bodies) {
      rater.rate(body);
    }
  }
  return ((performance.now() - start) * 1_000) / (rounds * bodies.length);
}

function row(cells: string[]): string {
  return cells.map(cell => cell.padEnd(11)).join('');
}

function share(count: number, of: unknown[]): string {
  return `${Math.round((100 * count) / of.length)} %`;
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}
