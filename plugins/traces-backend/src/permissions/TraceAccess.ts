import {
  PermissionDecisions,
  personToErase,
} from '@agentportal/plugin-agents-node';
import {
  traceFlagPermission,
  traceReadPermission,
} from '@agentportal/plugin-traces-common';
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import {
  AuthorizeResult,
  type PermissionCriteria,
} from '@backstage/plugin-permission-common';
import {
  type ConditionTransformer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import {
  type TraceCriterion,
  type TraceResource,
  traceResourceRef,
} from './rules';

/** Which traces somebody may read; absent is all. */
export type Readable = PermissionCriteria<TraceCriterion> | undefined;

/** Decides which traces callers may read, and so which they see in lists and figures, and which they may flag. */
export class TraceAccess {
  readonly #permissions: PermissionsService;
  readonly #decisions: PermissionDecisions<TraceResource>;
  readonly #toCriteria: ConditionTransformer<TraceCriterion>;

  constructor(options: {
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
  }) {
    this.#permissions = options.permissions;
    this.#decisions = new PermissionDecisions({
      ...options,
      resourceRef: traceResourceRef,
    });
    this.#toCriteria = createConditionTransformer(
      options.permissionsRegistry.getPermissionRuleset(traceResourceRef),
    );
  }

  /** @throws NotAllowedError when the caller may read none */
  async readable(credentials: BackstageCredentials): Promise<Readable> {
    const decision = await this.#decisions.decide(
      traceReadPermission,
      credentials,
    );
    switch (decision.result) {
      case AuthorizeResult.ALLOW:
        return undefined;
      case AuthorizeResult.CONDITIONAL:
        return this.#toCriteria(decision.conditions);
      default:
        throw new NotAllowedError(
          'You may not read traces. Ask the people who set the permissions of the portal for traces.trace.read.',
        );
    }
  }

  /** Of a trace that the caller may read. */
  async mayFlag(
    credentials: BackstageCredentials,
    trace: TraceResource,
  ): Promise<boolean> {
    const { allows } = await this.#decisions.allower(
      traceFlagPermission,
      credentials,
    );
    return allows(trace);
  }

  /** The person whom the caller asks to be forgotten. */
  async personToErase(
    credentials: BackstageCredentials,
    text: string,
  ): Promise<string> {
    return personToErase(text, { credentials, permissions: this.#permissions });
  }
}

/** Whether criteria, as {@link TraceAccess.readable} gives them, take in a trace. */
export function isReadable(readable: Readable, trace: TraceResource): boolean {
  if (!readable) {
    return true;
  }
  if ('anyOf' in readable) {
    return readable.anyOf.some(one => isReadable(one, trace));
  }
  if ('allOf' in readable) {
    return readable.allOf.every(one => isReadable(one, trace));
  }
  if ('not' in readable) {
    return !isReadable(readable.not, trace);
  }
  const { key, values } = readable;
  const of = key === 'owner' ? trace.ownerRef : trace.userRef;
  return of !== undefined && values.includes(of);
}
