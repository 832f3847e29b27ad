import type { AllowedTarget } from '../stages/access';
import type { Caller } from '../ports';
import { digestOf } from './digest';

/**
 * Version of everything that decides whether two questions may share an answer.
 * What was remembered under another version is not found any more.
 */
const GUARD_VERSION = 1;

/**
 * Who asks, of what, in which context, as one digest. Two calls that differ in any
 * of it have no answers in common.
 *
 * @returns nothing when it is not known who asks
 */
export function partitionOf(options: {
  secret: string;
  tenant: string;
  /** The operator's own version, to be changed with what the answers rest on. */
  version?: string;
  caller: Caller;
  shared: boolean;
  target: AllowedTarget;
  /** As the caller named it. */
  model: string;
  context: unknown[];
}): string | undefined {
  const { caller, shared, target } = options;
  const { account, settings } = caller;
  const who = account.agentRef ?? account.keyId ?? account.userRef;
  if (!who) {
    return undefined;
  }
  // A person who calls directly shares with nobody.
  const isShared = shared && who !== account.userRef;
  return digestOf(options.secret, [
    GUARD_VERSION,
    options.version,
    options.tenant,
    account.agentRef,
    account.keyId,
    isShared ? ['everybody'] : ['person', account.userRef],
    account.ownerRef,
    settings?.dataClassification,
    settings?.promptCompression,
    options.model,
    // A route that changed may not choose as it did.
    target.route,
    target.models.map(model => model.id).sort(),
    options.context,
  ]);
}
