import type { ModelDirectory } from '../../directory/ModelDirectory';
import type { ModelRequest } from '../../stages/readRequest';
import type { Plan } from '../../stages/route';
import { estimateUsage } from '../../usage/estimate';

/**
 * Counts the input of a request at the first candidate, or estimates it and says
 * so where the provider does not count. Nothing is paid for it.
 */
export async function countTokens(
  plan: Plan,
  request: ModelRequest,
  directory: ModelDirectory,
  signal: AbortSignal,
): Promise<{ input_tokens: number; estimated?: true }> {
  const [model] = plan.candidates;
  const counted = await directory.provider(model.provider)?.countTokens?.({
    modelId: model.modelId,
    body: request.body,
    text: request.text,
    native: request.native,
    signal,
  });
  return counted === undefined
    ? {
        input_tokens: estimateUsage(Buffer.byteLength(request.text), 0)
          .inputUncached,
        estimated: true,
      }
    : { input_tokens: counted };
}
