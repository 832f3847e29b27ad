import {
  agentsAccessReadPermission,
  agentsAgentSuspendPermission,
  agentsAgentUpdatePermission,
  agentsCredentialManagePermission,
  agentsGrantManagePermission,
  type AgentEntity,
} from '@agentportal/plugin-agents-common';
import {
  isAgentPrincipal,
  PermissionDecisions,
  principalNameOf,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type {
  BackstageCredentials,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import type { ResourcePermission } from '@backstage/plugin-permission-common';
import type { AgentDirectory } from '../listing/AgentDirectory';
import { agentPermissionResourceRef } from '../permissions';
import type { AgentAccess, CallContext } from './AgentAccess';

/** Asks the permission framework before anything is done with the rights of an agent. */
export class AuthorizedAgentAccess implements AgentAccess {
  readonly #inner: AgentAccess;
  readonly #directory: AgentDirectory;
  readonly #resources: Resources;
  readonly #decisions: PermissionDecisions<AgentEntity>;

  constructor(options: {
    inner: AgentAccess;
    directory: AgentDirectory;
    /** Agents as permissions are decided on them. */
    resources: Resources;
    permissions: PermissionsService;
    permissionsRegistry: PermissionsRegistryService;
  }) {
    this.#inner = options.inner;
    this.#directory = options.directory;
    this.#resources = options.resources;
    this.#decisions = new PermissionDecisions({
      ...options,
      resourceRef: agentPermissionResourceRef,
    });
  }

  async describe(...args: Parameters<AgentAccess['describe']>) {
    const [agentRef, { credentials }] = args;
    const may = await this.#seen(agentRef, credentials);
    await require(may, 'see what it may do', agentsAccessReadPermission);
    const [report, manages, suspends, grants] = await Promise.all([
      this.#inner.describe(...args),
      may(agentsCredentialManagePermission),
      may(agentsAgentSuspendPermission),
      may(agentsGrantManagePermission),
    ]);
    const { suspended } = report;
    return {
      ...report,
      canManage: {
        credentials: Boolean(manages),
        suspension:
          suspends === 'always' ||
          (suspends === 'here' &&
            (!suspended || suspended.by === principalNameOf(credentials))),
        grants: Boolean(grants),
      },
    };
  }

  async controls(...args: Parameters<AgentAccess['controls']>) {
    await this.#require(args, 'see its limits', agentsAccessReadPermission);
    return this.#inner.controls(...args);
  }

  async suspend(...args: Parameters<AgentAccess['suspend']>) {
    await this.#require(args, 'suspend it', agentsAgentSuspendPermission);
    return this.#inner.suspend(...args);
  }

  async resume(...args: Parameters<AgentAccess['resume']>) {
    const [agentRef, request, context] = args;
    const standing = await this.#require(
      args,
      'let it go on',
      agentsAgentSuspendPermission,
    );
    return this.#inner.resume(agentRef, request, {
      ...context,
      // What an administrator stopped, its owner does not set going again.
      liftsOnlyOwn: standing !== 'always',
    });
  }

  async listCredentials(...args: Parameters<AgentAccess['listCredentials']>) {
    await this.#requireManager(args, 'see its credentials');
    return this.#inner.listCredentials(...args);
  }

  async createCredential(...args: Parameters<AgentAccess['createCredential']>) {
    await this.#requireManager(args, 'make credentials for it');
    return this.#inner.createCredential(...args);
  }

  async rotateCredential(...args: Parameters<AgentAccess['rotateCredential']>) {
    await this.#requireManager(args, 'rotate its credentials');
    return this.#inner.rotateCredential(...args);
  }

  async revokeCredential(...args: Parameters<AgentAccess['revokeCredential']>) {
    await this.#requireManager(args, 'revoke its credentials');
    return this.#inner.revokeCredential(...args);
  }

  async listGrants(...args: Parameters<AgentAccess['listGrants']>) {
    await this.#require(args, 'see its grants', agentsAccessReadPermission);
    return this.#inner.listGrants(...args);
  }

  async listGrantable(...args: Parameters<AgentAccess['listGrantable']>) {
    await this.#require(
      args,
      'give it permissions',
      agentsGrantManagePermission,
    );
    return this.#inner.listGrantable(...args);
  }

  async grant(...args: Parameters<AgentAccess['grant']>) {
    await this.#require(
      args,
      'give it permissions',
      agentsGrantManagePermission,
    );
    return this.#inner.grant(...args);
  }

  async revokeGrant(...args: Parameters<AgentAccess['revokeGrant']>) {
    const [agentRef, , { credentials }] = args;
    const may = await this.#seen(agentRef, credentials);
    // An owner may always have less than an admin gave.
    if (!(await may(agentsCredentialManagePermission))) {
      await require(may, 'take its grants back', agentsGrantManagePermission);
    }
    return this.#inner.revokeGrant(...args);
  }

  async listDelegations(...args: Parameters<AgentAccess['listDelegations']>) {
    await this.#require(
      args,
      'see what it works on',
      agentsAccessReadPermission,
    );
    return this.#inner.listDelegations(...args);
  }

  async settings(...args: Parameters<AgentAccess['settings']>) {
    const [agentRef, , { credentials }] = args;
    const may = await this.#seen(agentRef, credentials);
    await require(may, 'its settings', agentsAccessReadPermission);
    const [view, updates] = await Promise.all([
      this.#inner.settings(...args),
      may(agentsAgentUpdatePermission),
    ]);
    return updates || !view.canChange
      ? view
      : {
          ...view,
          canChange: false,
          why: 'Its owners change it. Ask one of them.',
        };
  }

  async changeSettings(...args: Parameters<AgentAccess['changeSettings']>) {
    await this.#require(args, 'change it', agentsAgentUpdatePermission);
    const [, , { credentials }] = args;
    if (principalOf(credentials).type !== 'user') {
      throw new NotAllowedError(
        'A person changes an agent, because its history names who did. Call this as a person.',
      );
    }
    return this.#inner.changeSettings(...args);
  }

  async listRevisions(...args: Parameters<AgentAccess['listRevisions']>) {
    await this.#require(args, 'its history', agentsAccessReadPermission);
    return this.#inner.listRevisions(...args);
  }

  #requireManager(args: Call, what: string): Promise<Standing> {
    return this.#require(args, what, agentsCredentialManagePermission);
  }

  async #require(
    args: Call,
    what: string,
    permission: ResourcePermission,
  ): Promise<Standing> {
    const { credentials } = args[args.length - 1] as CallContext;
    const may = await this.#seen(args[0], credentials);
    return require(may, what, permission);
  }

  /**
   * A test of permissions on an agent that the caller may see.
   *
   * @throws NotFoundError when the caller may not
   */
  async #seen(
    agentRef: string,
    credentials: BackstageCredentials,
  ): Promise<May> {
    if (isAgentPrincipal(credentials)) {
      throw new NotAllowedError(
        'Agents decide nothing about agents. Ask a person who owns the agent.',
      );
    }
    const [[agent]] = await Promise.all([
      this.#resources([agentRef]),
      this.#directory.get(parseEntityRef(agentRef), credentials),
    ]);
    return async permission => {
      const { always, allows } = await this.#decisions.allower(
        permission,
        credentials,
      );
      if (always) {
        return 'always';
      }
      return agent && allows(agent) ? 'here' : undefined;
    };
  }
}

type Resources = (
  agentRefs: string[],
) => Promise<Array<AgentEntity | undefined>>;
type Call = readonly [agentRef: string, ...rest: unknown[]];
/** Has the permission on every agent, as administrators do, or on this one. */
type Standing = 'always' | 'here';
type May = (permission: ResourcePermission) => Promise<Standing | undefined>;

async function require(
  may: May,
  what: string,
  permission: ResourcePermission,
): Promise<Standing> {
  const standing = await may(permission);
  if (!standing) {
    throw new NotAllowedError(
      `You may see this agent, but not ${what}, which takes the permission ${permission.name}. Ask its owner.`,
    );
  }
  return standing;
}
