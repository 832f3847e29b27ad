import type { Alarm } from '@agentportal/plugin-evals-common';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import {
  AGENT,
  openPage,
  refusal,
  serve,
  server,
} from '../__testUtils__/evalsServer';
import { AlarmsSection } from './AlarmsSection';

registerMswTestHooks(server);

const SENTENCE =
  'Runs fail more often: 12 of 31 failed since 2026-11-20 18:41 UTC, where 3 of 100 were usual at most.';

function alarm(fields: Partial<Alarm> = {}): Alarm {
  return {
    id: 'alarm-1',
    agentRef: AGENT,
    kind: 'failures',
    status: 'open',
    at: '2026-11-20T19:00:00.000Z',
    since: '2026-11-20T18:41:00.000Z',
    sentence: SENTENCE,
    usual: 0.03,
    seen: { value: 0.39, low: 0.24, high: 0.56 },
    runIds: ['run-7', 'run-9'],
    ...fields,
  };
}

const open = (mayManage = true) =>
  openPage(<AlarmsSection agentRef={AGENT} />, {
    path: '/agent',
    mounted: '/agent',
    mayManage,
  });

it('says what became worse, shows the runs, and takes the answer', async () => {
  let [answered, real] = [false, 0];
  const asked = serve({
    'GET /alarms': () => ({
      items: [
        answered
          ? alarm({ status: 'real', answeredBy: 'user:default/elin.marklund' })
          : alarm(),
      ],
      answered: { real, notReal: 1 },
    }),
    'PUT /alarms/alarm-1/answer': () => {
      [answered, real] = [true, 1];
      return alarm({ status: 'real' });
    },
  });
  await open();
  expect(await screen.findByText(SENTENCE)).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'run 2' })).toHaveAttribute(
    'href',
    '/all-runs/run-9',
  );
  await userEvent.click(screen.getByRole('button', { name: 'Yes' }));
  expect(await screen.findByText(/It was real/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Yes' })).toBeNull();
  expect(
    screen.getByText('Of 2 that people answered 1 was real.'),
  ).toBeInTheDocument();
  expect(asked).toContainEqual(
    expect.objectContaining({ method: 'PUT', body: { real: true } }),
  );
});

it('shows nothing where all is as usual, or to whoever may not read it', async () => {
  const asked = serve({
    'GET /alarms': () => refusal(403, 'NotAllowedError'),
  });
  await open();
  await waitFor(() => expect(asked).toHaveLength(1));
  await waitFor(() =>
    expect(screen.queryByRole('region', { name: 'Alarms' })).toBeNull(),
  );
  expect(screen.queryByRole('alert')).toBeNull();
});
