import { APIError } from 'openai';
import type { startModels } from './startModels';

/** The newest attempt of a call, once it is no longer under way. */
export async function lastCall(
  models: Awaited<ReturnType<typeof startModels>>,
  callId: string | null,
) {
  for (;;) {
    const { status, body } = await models.get('/calls?limit=100');
    if (status !== 200) {
      throw new Error(`The ledger answered ${status}: ${JSON.stringify(body)}`);
    }
    const call = body.items.find((item: any) => item.callId === callId);
    if (call && call.status !== 'started') {
      return call;
    }
    await new Promise(resolve => {
      setTimeout(resolve, 20);
    });
  }
}

/** The error with which the official client reports a failed call. */
export async function failureOf(promise: Promise<unknown>): Promise<APIError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof APIError) {
      return error;
    }
    throw error;
  }
  throw new Error('The call succeeded');
}
