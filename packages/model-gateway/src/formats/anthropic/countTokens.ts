import type { ModelDirectory } from '../../directory/ModelDirectory';
import type { Caller } from '../../ports';
import { Attempt } from '../../stages/Attempt';
import type { GatewayParts } from '../../stages/GatewayParts';
import type { ModelRequest } from '../../stages/readRequest';
import type { Plan } from '../../stages/route';
import { estimateUsage } from '../../usage/estimate';
import { NO_USAGE } from '../../usage/units';

/**
 * Counts the input of a request at the first candidate, or estimates it and says
 * so where the provider does not count. Nothing is paid for it, but a provider is
 * asked: so it is written down, and the rate limits count it as a request.
 */
export async function countTokens<TGrant>(
  parts: GatewayParts<TGrant>,
  call: {
    callId: string;
    caller: Caller<TGrant>;
    plan: Plan;
    request: ModelRequest;
    signal: AbortSignal;
  },
): Promise<{ input_tokens: number; estimated?: true }> {
  const { plan, request } = call;
  const [model] = plan.candidates;
  const provider = parts.directory.provider(model.provider);
  const counted =
    provider?.countTokens && request.native?.format === provider.native
      ? await askProvider(parts, call, provider.countTokens.bind(provider))
      : undefined;
  return counted === undefined
    ? {
        input_tokens: estimateUsage(Buffer.byteLength(request.text), 0)
          .inputUncached,
        estimated: true,
      }
    : { input_tokens: counted };
}

type Count = NonNullable<
  NonNullable<ReturnType<ModelDirectory['provider']>>['countTokens']
>;

async function askProvider<TGrant>(
  parts: GatewayParts<TGrant>,
  {
    callId,
    caller: { account },
    plan: {
      candidates: [model],
      route,
    },
    request,
    signal,
  }: Parameters<typeof countTokens<TGrant>>[1],
  count: Count,
): Promise<number | undefined> {
  const { clock, late, ledger, logger } = parts;
  // What is known of limits must be fresh before they are applied.
  await ledger.isLimited?.(account, model.id);
  const attempt = await Attempt.open({
    clock,
    late,
    ledger,
    logger,
    requestBytes: 0,
    start: {
      id: `${callId}-1`,
      callId,
      attempt: 1,
      createdAt: clock.now(),
      provider: model.provider,
      model: model.id,
      route,
      account,
      reason: 'Only the tokens of its input were counted.',
    },
  });
  try {
    const counted = await count({
      modelId: model.modelId,
      body: request.body,
      text: request.text,
      native: request.native,
      signal,
    });
    attempt.note({ usage: NO_USAGE, textBytes: 0 });
    await attempt.succeed();
    return counted;
  } catch (error) {
    await attempt.fail(signal.aborted ? signal.reason : error);
    throw error;
  }
}
