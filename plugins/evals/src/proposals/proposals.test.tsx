import type { Proposal } from '@agentportal/plugin-evals-common';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  AGENT,
  dataSet,
  evaluation,
  INSTRUCTIONS,
  openPage,
  serve,
  server,
} from '../__testUtils__/evalsServer';
import { FailuresSection } from './FailuresSection';

registerMswTestHooks(server);

const AT = '2026-11-20T19:00:00.000Z';
const CLUSTER = {
  id: 'calls/run-1',
  kind: 'calls',
  words: ['refund', 'kettle'],
  count: 3,
  failures: [
    {
      ...{ source: 'evaluation', kind: 'calls', at: AT, caseId: 'c-1' },
      ...{ text: 'Refund the kettle — No call.', evaluationId: 'eval-7' },
    },
  ],
};

it('shows what goes wrong, and a change is proposed, evaluated and given as a file', async () => {
  let proposals: Proposal[] = [];
  const asked = serve({
    'GET /failure-clusters': {
      ...{ days: 90, failures: 3, items: [CLUSTER] },
      drafts: { sentence: 'No model drafts changes.' },
    },
    'GET /data-sets': { items: [dataSet()] },
    'GET /proposals': () => ({ items: proposals }),
    'GET /evaluations/eval-9': evaluation({
      id: 'eval-9',
      baselineId: 'eval-1',
    }),
    'POST /proposals': ({ body }) => {
      const { candidate, title } = body as Proposal;
      proposals = [
        {
          ...{ id: 'p-1', agentRef: AGENT, title, candidate, status: 'open' },
          ...{ createdAt: AT, createdBy: 'user:default/elin.marklund' },
          cause: { ...CLUSTER, failures: [] },
        },
      ];
      return proposals[0];
    },
    'POST /proposals/p-1/evaluation': () => {
      proposals = [{ ...proposals[0], evaluationId: 'eval-9' }];
      return proposals[0];
    },
  });
  await openPage(<FailuresSection agentRef={AGENT} />, {
    path: '/agent',
    mounted: '/agent',
  });
  expect(await screen.findByText('3 times:')).toBeInTheDocument();
  expect(screen.getByText('refund, kettle')).toBeInTheDocument();
  expect(await screen.findByText('No model drafts changes.')).toBeVisible();
  expect(screen.queryByText('Have a model draft one')).toBeNull();
  await userEvent.click(screen.getByText('Answers behind it'));
  expect(
    screen.getByRole('link', { name: 'Case of an evaluation' }),
  ).toHaveAttribute('href', '/all-evaluations/eval-7');

  await userEvent.click(
    await screen.findByRole('button', { name: 'Propose a change' }),
  );
  const dialog = await screen.findByRole('dialog');
  const send = await within(dialog).findByRole('button', {
    name: 'Propose and evaluate',
  });
  await userEvent.type(
    within(dialog).getByLabelText('What changes, in a few words'),
    'Call the refund',
  );
  // Nothing is proposed that changes nothing.
  expect(send).toBeDisabled();
  const instructions = within(dialog).getByLabelText('Instructions');
  expect(instructions).toHaveValue(INSTRUCTIONS);
  await userEvent.type(instructions, ' Refund it.');
  await userEvent.click(send);

  expect(
    await screen.findByRole('link', {
      name: 'Compare with the version in force',
    }),
  ).toHaveAttribute('href', '/all-evaluations/eval-9/against/eval-1');
  expect(asked.filter(({ method }) => method === 'POST')).toMatchObject([
    {
      body: {
        clusterId: CLUSTER.id,
        title: 'Call the refund',
        candidate: { instructions: `${INSTRUCTIONS} Refund it.` },
      },
    },
    { body: { dataSetId: 'set-1' } },
  ]);
});

it('has a model draft a change, and says that it did', async () => {
  const model = 'model:default/strong';
  let proposals: Proposal[] = [];
  const asked = serve({
    'GET /failure-clusters': {
      ...{ days: 90, failures: 3, items: [CLUSTER] },
      drafts: { model, sentence: 'A model drafts changes.' },
    },
    'GET /proposals': () => ({ items: proposals }),
    'POST /proposals/drafts': () => {
      proposals = [
        {
          ...{ id: 'p-1', agentRef: AGENT, title: 'Refund', status: 'open' },
          ...{ createdAt: AT, createdBy: 'user:default/elin.marklund' },
          candidate: { instructions: 'Always refund what is broken.' },
          cause: { ...CLUSTER, failures: [] },
          draftedBy: model,
        },
      ];
      return proposals[0];
    },
  });
  await openPage(<FailuresSection agentRef={AGENT} />, {
    path: '/agent',
    mounted: '/agent',
  });
  await userEvent.click(
    await screen.findByRole('button', { name: 'Have a model draft one' }),
  );
  // It costs, so nothing is asked before somebody has read that.
  expect(asked.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.click(
    await screen.findByRole('button', { name: 'Draft it' }),
  );
  expect(
    await screen.findByText(/Draft of a model, which no person wrote/),
  ).toHaveTextContent(/strong/i);
  await userEvent.click(screen.getByText('The instructions as they would be'));
  expect(screen.getByText('Always refund what is broken.')).toBeVisible();
  expect(asked.find(({ method }) => method === 'POST')!.body).toEqual({
    agentRef: AGENT,
    clusterId: CLUSTER.id,
  });
});
