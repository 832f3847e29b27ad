import {
  type ActionBinding,
  ApprovalRequestsClient,
  type ApprovalTicket,
  type NewToolCallApproval,
} from '@agentportal/plugin-agents-common';
import {
  actionDigest,
  ApprovalGrants,
  createPluginAsker,
  type PluginAsker,
  type VerifiedGrant,
} from '@agentportal/plugin-agents-node';
import { approvalRequestKey } from '@agentportal/plugin-tools-common';
import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import type { ToolRecord } from '../registry/records';
import type { CallDecision } from './CallAudit';
import type { Caller } from './Caller';
import { isWitness } from './provenance';

const TIMEOUT_MS = 5_000;
/** How often people are asked about one call when nobody says whether they were. */
const TRIES = 3;
/** What somebody can still read, and fits into a request to the agents plugin. */
const MAX_ARGUMENT_BYTES = 64 * 1024;

/** A call of an agent, as people are asked about it. */
export interface ApprovableCall {
  caller: Caller & { run: NonNullable<Caller['run']> };
  tool: ToolRecord;
  args: Record<string, unknown>;
  /** The last that was decided about it. */
  decision: CallDecision;
  /** The same for each try of the call, as the orchestration plugin says it. */
  idempotencyKey?: string;
  provenance?: Record<string, string[]>;
}

/** Asks people about calls of agents, by way of the agents plugin, and takes their grants. */
export class CallApprovals {
  readonly #client: ApprovalRequestsClient;
  readonly #ask: PluginAsker;
  readonly #grants: ApprovalGrants;

  constructor(options: { auth: AuthService; discovery: DiscoveryService }) {
    const client = new ApprovalRequestsClient({
      discoveryApi: options.discovery,
      fetchApi: { fetch },
    });
    const ask = createPluginAsker({
      auth: options.auth,
      pluginId: 'agents',
      timeoutMs: TIMEOUT_MS,
      away: 'The call needs an approval by people, and the agents plugin, which asks them, does not answer. Try again in a moment.',
      answers: [ConflictError, InputError, NotAllowedError, NotFoundError],
    });
    this.#client = client;
    this.#ask = ask;
    this.#grants = new ApprovalGrants({
      readKeys: () => ask(by => client.getKeys(by)),
    });
  }

  /**
   * Asks, or says what became of it when people were asked before.
   *
   * @throws NotAllowedError when it is more than people are asked to read
   */
  async request(call: ApprovableCall): Promise<ApprovalTicket> {
    const body = requestOf(call);
    for (let i = 1; ; i++) {
      try {
        return await this.#ask(by => this.#client.requestToolCall(body, by));
      } catch (error) {
        // People may have been asked all the same: it is the same request by its key.
        if (!ServiceUnavailableError.is(error) || i === TRIES) {
          throw error;
        }
      }
    }
  }

  /**
   * Entity refs of those whom it would ask. Nobody is asked.
   *
   * @throws NotAllowedError when it is more than people are asked to read
   */
  foresee(call: ApprovableCall): Promise<string[]> {
    const body = requestOf(call);
    return this.#ask(by => this.#client.foreseeToolCall(body, by));
  }

  /**
   * The grant of a program's call that people have approved. Runs bring theirs along.
   *
   * @throws NotAllowedError when there is none, or when they have approved it with other
   *   arguments, which it says
   */
  async grantOf(ticket: ApprovalTicket, call: ApprovableCall): Promise<string> {
    const { args, digest, grant } = await this.#ask(by =>
      this.#client.mintGrant(ticket.id, by),
    );
    if (digest !== actionDigest(bindingOf(call))) {
      throw new NotAllowedError(
        `${ticket.reason} Call ${
          call.tool.name
        } with exactly these arguments instead: ${JSON.stringify(args)}`,
      );
    }
    return grant;
  }

  /**
   * Reads a grant.
   *
   * @throws NotAllowedError when it is not for exactly this call
   */
  verify(grant: string, call: ApprovableCall): Promise<VerifiedGrant> {
    const { caller } = call;
    return this.#grants.verify(grant, {
      digest: actionDigest(bindingOf(call)),
      ...(isWitness(caller) && { runId: caller.run.runId }),
    });
  }

  /**
   * Uses a grant up. When it is not known whether that was done, the call is not made.
   *
   * @throws NotAllowedError when it was used before
   */
  async redeem({
    approvalId,
    digest,
    jti,
    runId,
  }: VerifiedGrant): Promise<void> {
    try {
      await this.#ask(by =>
        this.#client.redeemGrant(
          approvalId,
          { digest, jti, ...(runId && { runId }) },
          by,
        ),
      );
    } catch (error) {
      throw ConflictError.is(error) || NotFoundError.is(error)
        ? new NotAllowedError(error.message)
        : error;
    }
  }
}

/**
 * What people are asked about a call.
 *
 * @throws NotAllowedError when it is more than they read
 */
function requestOf(call: ApprovableCall): NewToolCallApproval {
  const { args, caller, decision, idempotencyKey, provenance, tool } = call;
  const bytes = Buffer.byteLength(JSON.stringify(args));
  if (bytes > MAX_ARGUMENT_BYTES) {
    throw new NotAllowedError(
      `${decision.reason} Nobody was asked, because the arguments of ${
        tool.name
      } are ${Math.ceil(bytes / 1024)} kB, and people are asked about ${
        MAX_ARGUMENT_BYTES / 1024
      } kB at most. Call it with less at a time.`,
    );
  }
  const { run } = caller;
  const binding = bindingOf(call);
  const isRun = isWitness(caller) && run.runId !== undefined;
  return {
    requestKey:
      isRun && idempotencyKey
        ? approvalRequestKey(run.runId!, idempotencyKey)
        : actionDigest(binding),
    binding,
    tool: {
      name: tool.name,
      ...(tool.title && { title: tool.title.slice(0, 255) }),
      ownerRef: tool.ownerRef,
      riskTier: tool.riskTier,
      ...(tool.dataClassification && {
        dataClassification: tool.dataClassification,
      }),
    },
    reason: decision.reason.slice(0, 2_000),
    ...(isRun && { runId: run.runId }),
    ...(run.delegationId && { delegationId: run.delegationId }),
    ...(provenance && { provenance }),
  };
}

/** All that people approve, and nothing that changes when the same call is tried again. */
function bindingOf({
  args,
  caller,
  decision,
  tool,
}: ApprovableCall): ActionBinding {
  const { agentRef } = caller.run;
  return {
    agentRef,
    ...(caller.ref !== agentRef && { personRef: caller.ref }),
    toolRef: tool.ref,
    schemaDigest: tool.hash,
    args,
    ...(decision.rulesVersion && { rulesVersion: decision.rulesVersion }),
  };
}
