import type { Experiment } from '@agentportal/plugin-evals-common';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  AGENT,
  INSTRUCTIONS,
  metric,
  openPage,
  serve,
  server,
} from '../__testUtils__/evalsServer';
import { DeliveryPage } from '../delivery/DeliveryPage';
import { ExperimentsPage } from './ExperimentsPage';
import { StartExperiment } from './StartExperiment';

registerMswTestHooks(server);

function experiment(fields: Partial<Experiment> = {}): Experiment {
  return {
    id: 'exp-1',
    agentRef: AGENT,
    title: 'Be brief',
    candidate: { instructions: `${INSTRUCTIONS} Be brief.` },
    status: 'running',
    share: 0.1,
    ramp: true,
    smallestDifference: 0.05,
    metric: 'failures',
    startedAt: '2026-11-22T10:00:00.000Z',
    startedBy: 'user:default/elin.marklund',
    arms: [
      { arm: 'in-force', people: 90, runs: 120 },
      { arm: 'candidate', people: 10, runs: 14 },
    ],
    guards: ['latency'],
    sampleRatio: { ok: true, pValue: 0.8 },
    days: [
      {
        day: '2026-11-22',
        difference: { value: -0.02, low: -0.2, high: 0.16 },
        runs: 60,
      },
      {
        day: '2026-11-23',
        difference: { value: -0.03, low: -0.1, high: 0.04 },
        runs: 134,
      },
    ],
    metrics: [metric({ metric: 'failures', better: 'lower' })],
    verdict: {
      decision: 'undecided',
      sentence: 'Not decided; about 900 more conversations.',
    },
    log: [{ at: '2026-11-22T10:00:00.000Z', what: 'It began with 10 %.' }],
    ...fields,
  };
}

const open = () =>
  openPage(<ExperimentsPage />, {
    path: '/all-experiments/exp-1',
    mounted: '/all-experiments/*',
  });

describe('an experiment', () => {
  it('says what can be said, and is stopped with a reason', async () => {
    const asked = serve({
      'GET /experiments/exp-1': experiment(),
      'POST /experiments/exp-1/stop': experiment({ status: 'stopped' }),
    });
    await open();
    expect(
      await screen.findByText('Not decided; about 900 more conversations.'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('row', { name: 'Changed version 10 14' }),
    ).toBeVisible();
    expect(await screen.findByText('It began with 10 %.')).toBeInTheDocument();
    expect(
      screen.getByRole('img', { name: /last −3 points \(−10 to \+4\)/ }),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Stop' }));
    const stop = screen.getByRole('button', {
      name: 'Give everybody the version in force',
    });
    expect(stop).toBeDisabled();
    await userEvent.type(screen.getByLabelText(/^Why/), 'It is rude');
    await userEvent.click(stop);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(asked.find(({ method }) => method === 'POST')!.body).toEqual({
      reason: 'It is rude',
    });
  });

  it('concludes nothing when people were not shared out as they should be', async () => {
    serve({
      'GET /experiments/exp-1': experiment({
        sampleRatio: { ok: false, pValue: 0.0001 },
      }),
    });
    await open();
    expect(
      await screen.findByText('Nothing can be concluded'),
    ).toBeInTheDocument();
    expect(screen.queryByText(/Not decided/)).toBeNull();
  });

  it('is started with what changes and what matters', async () => {
    const asked = serve({
      'GET /experiment-admission': {
        ...{ agentRef: AGENT, allowed: true, needsEvaluation: false },
        sentence: 'You may.',
      },
      'POST /experiments': experiment({ id: 'exp-2' }),
    });
    await openPage(<StartExperiment agentRef={AGENT} />, {
      path: '/agent',
      mounted: '/agent',
    });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Start an experiment' }),
    );
    await userEvent.type(await screen.findByLabelText(/^Name/), 'Be brief');
    const field = screen.getByLabelText('Instructions');
    await waitFor(() => expect(field).toHaveValue(INSTRUCTIONS));
    await userEvent.click(field);
    await userEvent.paste(' Be brief.');
    expect(screen.getByText(/About 2,\d00 conversations/)).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Give it to 10 % of those who ask' }),
    );
    await waitFor(() =>
      expect(asked.at(-1)?.body).toEqual({
        agentRef: AGENT,
        title: 'Be brief',
        candidate: { instructions: `${INSTRUCTIONS} Be brief.` },
        share: 0.1,
        ramp: true,
        smallestDifference: 0.05,
        metric: 'failures',
      }),
    );
  });
});

it('is not offered where it may not be started, and what to do instead is', async () => {
  const sentence = 'People are asked before it changes. Evaluate it instead.';
  serve({
    'GET /experiment-admission': {
      ...{ agentRef: AGENT, allowed: false, needsEvaluation: false },
      ...{ why: 'people', sentence },
    },
  });
  const onEvaluate = jest.fn();
  await openPage(<StartExperiment agentRef={AGENT} onEvaluate={onEvaluate} />, {
    path: '/agent',
    mounted: '/agent',
  });
  expect(await screen.findByRole('note')).toHaveTextContent(sentence);
  expect(
    screen.queryByRole('button', { name: 'Start an experiment' }),
  ).toBeNull();
  await userEvent.click(
    screen.getByRole('button', { name: 'Rehearse a changed version instead' }),
  );
  expect(onEvaluate).toHaveBeenCalled();
});

describe('delivery', () => {
  it('leaves what nobody knows unknown', async () => {
    serve({
      'GET /delivery': {
        days: 90,
        items: [
          {
            ownerRef: 'group:default/customer-care',
            changes: 4,
            failed: 1,
            undecided: 2,
            failureRate: { value: 0.5, low: 0.09, high: 0.91 },
          },
        ],
      },
    });
    await openPage(<DeliveryPage />, {
      path: '/quality/delivery',
      mounted: '/quality/delivery',
    });
    const row = await screen.findByRole('row', { name: /customer-care/ });
    expect(row).toHaveTextContent('50 % (9 % to 91 %)');
    expect(row).toHaveTextContent('1 of 2, 2 not decided yet');
    expect(row).toHaveTextContent(/not known.*not known/);
  });
});
