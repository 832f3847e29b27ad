import type { Alarm, AlarmMute } from '@agentportal/plugin-evals-common';
import { registerMswTestHooks } from '@backstage/test-utils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
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
    evidence: [],
    ...fields,
  };
}

const open = (mayManage = true) =>
  openPage(<AlarmsSection agentRef={AGENT} />, {
    path: '/agent',
    mounted: '/agent',
    mayManage,
  });

it('says what became worse, shows the runs, takes the answer and is muted with a reason', async () => {
  let [answered, real] = [false, 0];
  let muted: AlarmMute[] = [];
  const asked = serve({
    'GET /alarms': () => ({
      items: [
        answered
          ? alarm({ status: 'real', answeredBy: 'user:default/elin.marklund' })
          : alarm({ evidence: ['orders.get → orders.cancel'] }),
      ],
      answered: { real, notReal: 1 },
      muted,
    }),
    'PUT /alarms/alarm-1/mute': () => {
      muted = [
        {
          ...{ agentRef: AGENT, kind: 'failures', reason: 'Known outage' },
          mutedBy: 'user:default/elin.marklund',
          mutedAt: '2026-11-20T20:00:00.000Z',
          until: '2026-12-04T20:00:00.000Z',
        },
      ];
      return muted[0];
    },
    'DELETE /alarms/alarm-1/mute': () => {
      muted = [];
      return new HttpResponse(null, { status: 204 });
    },
    'PUT /alarms/alarm-1/answer': () => {
      [answered, real] = [true, 1];
      return alarm({ status: 'real' });
    },
  });
  await open();
  expect(await screen.findByText(SENTENCE)).toBeInTheDocument();
  expect(screen.getByRole('list', { name: 'What was seen' })).toHaveTextContent(
    'orders.get → orders.cancel',
  );
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

  await userEvent.click(screen.getByRole('button', { name: 'Mute' }));
  const confirm = await screen.findByRole('button', { name: 'Mute them' });
  expect(confirm).toBeDisabled();
  await userEvent.type(
    screen.getByLabelText(/Why nobody should hear of it/),
    'Known outage',
  );
  await userEvent.click(confirm);
  expect(
    await screen.findByText(
      'Muted until 2026-12-04 (UTC), because: Known outage',
    ),
  ).toBeInTheDocument();
  expect(asked).toContainEqual(
    expect.objectContaining({ body: { reason: 'Known outage', days: 14 } }),
  );
  await userEvent.click(
    screen.getByRole('button', { name: 'Hear of it again' }),
  );
  expect(
    await screen.findByRole('button', { name: 'Mute' }),
  ).toBeInTheDocument();
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
