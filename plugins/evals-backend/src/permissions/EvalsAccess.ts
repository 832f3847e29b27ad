import { fullRefOf } from '@agentportal/plugin-agents-common';
import {
  evaluationManagePermission,
  evaluationReadPermission,
  scorecardReadPermission,
} from '@agentportal/plugin-evals-common';
import type {
  BackstageCredentials,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';

/** How many agents one question to the permission backend names. */
const BATCH = 200;

/**
 * Decides who may read and manage the evaluations of which agents. The resource of both
 * permissions is the agent, which the agents plugin knows.
 */
export class EvalsAccess {
  readonly #permissions: PermissionsService;

  constructor(options: { permissions: PermissionsService }) {
    this.#permissions = options.permissions;
  }

  /** @throws NotAllowedError with the name of the permission that is missing */
  async requireRead(
    credentials: BackstageCredentials,
    agentRef: string,
  ): Promise<void> {
    const [ref] = await this.readable(credentials, [agentRef]);
    if (!ref) {
      throw new NotAllowedError(
        `You may not read evaluations of ${agentRef}. Ask its owner, or the people who set the permissions of the portal for ${evaluationReadPermission.name}.`,
      );
    }
  }

  /** @throws NotAllowedError with the name of the permission that is missing */
  async requireManage(
    credentials: BackstageCredentials,
    agentRef: string,
  ): Promise<void> {
    const [ref] = await this.manageable(credentials, [agentRef]);
    if (!ref) {
      throw new NotAllowedError(
        `You may not manage evaluations of ${agentRef}. Ask its owner, or the people who set the permissions of the portal for ${evaluationManagePermission.name}.`,
      );
    }
  }

  /** @throws NotAllowedError when the caller may see no scorecards */
  async requireScorecards(credentials: BackstageCredentials): Promise<void> {
    const [{ result }] = await this.#permissions.authorize(
      [{ permission: scorecardReadPermission }],
      { credentials },
    );
    if (result !== AuthorizeResult.ALLOW) {
      throw new NotAllowedError(
        `You may not see scorecards. Ask the people who set the permissions of the portal for ${scorecardReadPermission.name}.`,
      );
    }
  }

  /** Those of these agents whose evaluations the caller may read. */
  readable(
    credentials: BackstageCredentials,
    agentRefs: string[],
  ): Promise<string[]> {
    return this.#among(evaluationReadPermission, credentials, agentRefs);
  }

  /** Those of these agents whose evaluations the caller may manage. */
  manageable(
    credentials: BackstageCredentials,
    agentRefs: string[],
  ): Promise<string[]> {
    return this.#among(evaluationManagePermission, credentials, agentRefs);
  }

  /**
   * For lists: the agents that rows may be of, or undefined where they may be of any.
   *
   * @param known - all agents that have rows, asked for only where it depends on the agent
   */
  async readableOf(
    credentials: BackstageCredentials,
    known: () => Promise<string[]>,
  ): Promise<string[] | undefined> {
    const [{ result }] = await this.#permissions.authorizeConditional(
      [{ permission: evaluationReadPermission }],
      { credentials },
    );
    switch (result) {
      case AuthorizeResult.ALLOW:
        return undefined;
      case AuthorizeResult.CONDITIONAL:
        return this.readable(credentials, await known());
      default:
        return [];
    }
  }

  /**
   * The same for lists that may be narrowed to one agent.
   *
   * @throws NotAllowedError when they are narrowed to one that the caller may not read
   */
  async narrow(
    credentials: BackstageCredentials,
    agentRef: string | undefined,
    known: () => Promise<string[]>,
  ): Promise<string[] | undefined> {
    if (agentRef === undefined) {
      return this.readableOf(credentials, known);
    }
    const ref = agentRefOf(agentRef);
    await this.requireRead(credentials, ref);
    return [ref];
  }

  async #among(
    permission: typeof evaluationReadPermission,
    credentials: BackstageCredentials,
    agentRefs: string[],
  ): Promise<string[]> {
    const allowed: string[] = [];
    for (let i = 0; i < agentRefs.length; i += BATCH) {
      const batch = agentRefs.slice(i, i + BATCH);
      const decisions = await this.#permissions.authorize(
        batch.map(resourceRef => ({ permission, resourceRef })),
        { credentials },
      );
      allowed.push(
        ...batch.filter(
          (_, at) => decisions[at].result === AuthorizeResult.ALLOW,
        ),
      );
    }
    return allowed;
  }
}

/**
 * The full, lower-case form of an agent's ref.
 *
 * @throws InputError when it is no ref of an agent
 */
export function agentRefOf(text: string): string {
  const ref = fullRefOf(text, 'Agent');
  if (!ref?.startsWith('agent:')) {
    throw new InputError(
      `"${text.slice(
        0,
        100,
      )}" is not the ref of an agent. Write agent:default/<name>.`,
    );
  }
  return ref;
}

/**
 * The full, lower-case form of a model's ref.
 *
 * @throws InputError when it is no ref of a model
 */
export function modelRefOf(text: string): string {
  const ref = fullRefOf(text, 'Model');
  if (!ref) {
    throw new InputError(
      `"${text.slice(
        0,
        100,
      )}" is not the ref of a model. Write model:default/<name>.`,
    );
  }
  return ref;
}
