import type { AttemptOutcome } from '@agentportal/model-gateway';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { auditCalls } from './auditCalls';

const chosen = 'Chose slow/drip: it was asked for by name.';

async function told(outcome: Partial<AttemptOutcome>): Promise<AuditRecord> {
  const records: AuditRecord[] = [];
  const note = async (record: AuditRecord) => void records.push(record);
  const ledger = auditCalls(
    { open: async () => {}, settle: async () => {} },
    { record: note, note },
  );
  await ledger.open({
    id: 'c-1',
    callId: 'c',
    attempt: 1,
    createdAt: 0,
    provider: 'slow',
    model: 'slow/drip',
    account: { agentRef: 'agent:default/talker', runId: 'r1' },
    reason: chosen,
  });
  await ledger.settle('c-1', {
    status: 'failed',
    durationMs: 1,
    usage: {
      inputUncached: 0,
      cacheRead: 0,
      cacheWrite: 0,
      outputText: 0,
      reasoning: 0,
    },
    costNanoUsd: 0,
    priceVersion: 'v',
    estimated: false,
    ...outcome,
  });
  return records[0];
}

it('gives as the reason of a call that failed what happened, and not why its model was chosen', async () => {
  const errorMessage =
    'Slow Talker was suspended by user:default/elin, so it may not act.';
  expect(
    await told({ errorCode: 'access_denied', errorMessage }),
  ).toMatchObject({
    outcome: 'failed',
    reason: errorMessage,
    data: { errorCode: 'access_denied', chosen },
  });
  expect(await told({ status: 'succeeded' })).toMatchObject({
    outcome: 'succeeded',
    reason: chosen,
  });
});

it('does not repeat what a provider says of a request', async () => {
  const record = await told({
    errorCode: 'provider_refused_request',
    errorMessage: 'slow refused the request: "My IBAN is DE02" is not allowed',
  });
  expect(record.reason).toBe('The provider refused the request.');
  expect(JSON.stringify(record)).not.toContain('IBAN');
});
