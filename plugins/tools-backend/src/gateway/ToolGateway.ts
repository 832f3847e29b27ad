import type {
  ApprovalTicket,
  Decision,
} from '@agentportal/plugin-agents-common';
import {
  type AuditLog,
  digestOf,
  type VerifiedGrant,
} from '@agentportal/plugin-agents-node';
import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError, NotFoundError } from '@backstage/errors';
import {
  type RehearsedCall,
  TOOL_META_IDEMPOTENCY_KEY,
} from '@agentportal/plugin-tools-common';
import type { Request } from 'express';
import { unitsAt } from '@agentportal/agent-rules';
import type { ArgumentRecords } from '../ledger/ArgumentRecords';
import type { CallHistoryStore } from '../ledger/CallHistoryStore';
import type { CallLedger } from '../ledger/CallLedger';
import type { ResultGuard } from '../guard/ResultGuard';
import type { ServerRecord, ToolRecord } from '../registry/records';
import type { ToolRegistry } from '../registry/ToolRegistry';
import type { ToolSchemas } from '../schemas/ToolSchemas';
import { Exchange } from '../upstream/guardedFetch';
import type { UpstreamConnections } from '../upstream/UpstreamConnections';
import { UpstreamError } from '../upstream/UpstreamError';
import { type AuditedCall, CallAudit } from './CallAudit';
import type { ApprovableCall, CallApprovals } from './CallApprovals';
import type { Caller } from './Caller';
import { describeCallFailure } from './describeCallFailure';
import { limitResult, type ToolAnswer } from './limitResult';
import type { ToolDecisions } from './ToolDecisions';
import { isWitness } from './provenance';
import { type GivenAnswers, Rehearsal } from './Rehearsal';
import { holdsSecret, withheld } from './secretResults';

/** A tool as a caller sees it. */
export interface ListedTool {
  tool: ToolRecord;
  /** Whether a call that is made twice does no more than one. */
  isRepeatable: boolean;
}

/** What a call came to; failures of the tool or its server are in `isError`. */
export interface CallOutcome extends ToolAnswer {
  callId: string;
  durationMs: number;
  /** Present when the tool was not called, because it was a rehearsal. */
  rehearsed?: RehearsedCall;
}

/** More than any tool asks for, and less than what overflows the stack. */
const MAX_ARGUMENT_DEPTH = 100;

interface Ending {
  answer: ToolAnswer;
  errorCode?: string;
  /** What went wrong, in words of the gateway and not of the tool. */
  failure?: string;
  responseBytes: number;
  rehearsed?: RehearsedCall;
}

/** The one way to a tool, for people and agents alike. */
export class ToolGateway {
  readonly #registry: ToolRegistry;
  readonly #decisions: ToolDecisions;
  readonly #approvals: CallApprovals;
  readonly #guard: ResultGuard;
  readonly #connections: UpstreamConnections;
  readonly #ledger: CallLedger;
  readonly #history: CallHistoryStore;
  /** Absent when the operator does not want arguments to be kept. */
  readonly #argumentRecords: ArgumentRecords | undefined;
  readonly #audit: CallAudit;
  readonly #auditor: AuditorService;
  readonly #logger: LoggerService;
  readonly #limits: { callTimeoutMs: number; resultBytes: number };
  readonly #schemas: ToolSchemas;

  constructor(options: {
    registry: ToolRegistry;
    decisions: ToolDecisions;
    approvals: CallApprovals;
    guard: ResultGuard;
    connections: UpstreamConnections;
    schemas: ToolSchemas;
    ledger: CallLedger;
    history: CallHistoryStore;
    argumentRecords?: ArgumentRecords;
    auditLog: AuditLog;
    auditor: AuditorService;
    logger: LoggerService;
    limits: { callTimeoutMs: number; resultBytes: number };
  }) {
    this.#registry = options.registry;
    this.#decisions = options.decisions;
    this.#approvals = options.approvals;
    this.#guard = options.guard;
    this.#connections = options.connections;
    this.#schemas = options.schemas;
    this.#ledger = options.ledger;
    this.#history = options.history;
    this.#argumentRecords = options.argumentRecords;
    this.#audit = new CallAudit(options.auditLog);
    this.#auditor = options.auditor;
    this.#logger = options.logger;
    this.#limits = options.limits;
  }

  /** The tools that the caller may call, in order of their names. */
  async list(caller: Caller): Promise<ListedTool[]> {
    const { tools, servers } = await this.#registry.snapshot();
    const decide = await this.#decisions.canCall(caller, servers);
    return tools
      .filter(tool => decide(tool).listed)
      .map(tool => ({
        tool,
        isRepeatable: isRepeatable(tool, servers.get(tool.serverRef)),
      }));
  }

  /**
   * Calls a tool. In a rehearsal all is decided as ever; what does more than read, or would
   * have to be approved, is then answered in place of the tool, and nothing happens.
   *
   * @throws NotFoundError when there is no such tool.
   * @throws NotAllowedError when the caller may not call it.
   * @throws InputError when the arguments do not fit its schema.
   */
  async call(
    caller: Caller,
    name: string,
    args: Record<string, unknown>,
    options: {
      signal?: AbortSignal;
      request?: Request;
      /** Who said the texts among the arguments, where that is known. */
      provenance?: Record<string, string[]>;
      /** The same when the call is made again; the server is told. */
      idempotencyKey?: string;
      /** With which people have approved exactly this call. */
      grant?: string;
      /** What tools answer in a rehearsal; with it the call is one. */
      answers?: GivenAnswers;
    } = {},
  ): Promise<CallOutcome> {
    const { byName, servers } = await this.#registry.snapshot();
    const tool = byName.get(name.toLowerCase());
    const server = tool && servers.get(tool.serverRef);
    if (!tool || !server || server.absentSince !== undefined) {
      throw new NotFoundError(
        `There is no tool "${name}". List the tools to see their names.`,
      );
    }
    if (
      isDeeperThan(args, MAX_ARGUMENT_DEPTH) ||
      isDeeperThan(options.answers, 2 * MAX_ARGUMENT_DEPTH)
    ) {
      throw new InputError(
        `The arguments of ${name} are nested deeper than ${MAX_ARGUMENT_DEPTH} levels.`,
      );
    }
    const argsDigest = digestOf(args, `The arguments of ${name}`);
    // What is decided about is what the tool gets, and not the tokens that a model has seen.
    const { run } = caller;
    const unmask = <T>(value: T) =>
      run ? this.#guard.unmask(value, { run, tool }) : value;
    const sent = unmask(args);
    const rehearsal =
      caller.isRehearsal || options.answers
        ? new Rehearsal(
            (options.answers ?? []).map(answer => ({
              ...answer,
              arguments: unmask(answer.arguments),
            })),
            tool,
            sent,
          )
        : undefined;
    const callId = this.#ledger.newId();
    const startedAt = Date.now();
    const started = performance.now();
    const finish = async (ending: Omit<Ending, 'answer'>, reached = false) => {
      const durationMs = performance.now() - started;
      await this.#record(caller, tool, args, {
        ...ending,
        callId,
        startedAt,
        durationMs,
        rehearsed: rehearsal !== undefined && !reached,
      });
      return durationMs;
    };

    // Nothing is used up in a rehearsal.
    let grant = rehearsal ? undefined : options.grant;
    const decide = await this.#decisions.canCall(caller, servers, {
      approved: grant !== undefined,
    });
    const decision = decide(tool);
    const event = await this.#auditor.createEvent({
      eventId: 'tool-call',
      severityLevel:
        decision.allowed && tool.riskTier === 'read' ? 'low' : 'medium',
      request: options.request,
      meta: {
        callId,
        tool: tool.ref,
        riskTier: tool.riskTier,
        caller: caller.ref,
        agent: caller.run?.agentRef,
        runId: caller.run?.runId,
        ...(rehearsal && { rehearsal: true }),
      },
    });
    const call: AuditedCall = { callId, caller, tool, argsDigest, decision };
    if (rehearsal) {
      call.rehearsal = {};
    }
    const refuse = async (errorCode: string, error: Error) => {
      await this.#audit.refused(call, errorCode, error.message);
      await finish({ errorCode, responseBytes: 0 });
      await event.fail({ error });
      return error;
    };
    if (!decision.allowed && !decision.approvable) {
      throw await refuse('denied', notAllowed(decision));
    }
    try {
      await this.#schemas.checkArguments(tool, sent, caller.ref);
    } catch (error) {
      throw await refuse(
        (error as Error).name === InputError.name
          ? 'invalid_arguments'
          : 'unavailable',
        error as Error,
      );
    }
    let verified: VerifiedGrant | undefined;
    try {
      if (caller.run) {
        const agentCall = {
          ...options,
          caller: { ...caller, run: caller.run },
          tool,
          args,
        };
        await this.#begin(agentCall, {
          callId,
          startedAt,
          rehearsed: rehearsal?.isWithheld ?? false,
        });
        const decideCall = async () => {
          const { provenance } = options;
          const approved = (grant ?? rehearsal?.wouldWait) !== undefined;
          const { caller: agent } = agentCall;
          call.decision = await this.#guard.restrict(
            await this.#decisions.decideCall(agent, tool, sent, {
              callId,
              now: startedAt,
              provenance,
              approved,
              isRehearsal: rehearsal !== undefined,
            }),
            { run: agent.run, tool, args, provenance, approved },
          );
          if (!call.decision.allowed && !call.decision.approvable) {
            throw notAllowed(call.decision);
          }
          return { ...agentCall, decision: call.decision };
        };
        let decided: ApprovableCall = await decideCall();
        if (!decided.decision.allowed) {
          if (rehearsal) {
            rehearsal.wouldWait = {
              reason: decided.decision.reason,
              askedOf: await this.#approvals.foresee(decided),
            };
          } else {
            grant = await this.#askPeople(decided, call);
          }
          decided = await decideCall();
        }
        if (grant !== undefined) {
          verified = await this.#approvals.verify(grant, decided);
          const { approvalId, approvers, digest } = verified;
          call.approval = { id: approvalId, digest, approvers };
        }
      }
      if (!rehearsal?.isWithheld) {
        await this.#audit.begins(call);
      }
      if (verified) {
        await this.#approvals.redeem(verified);
      }
    } catch (error) {
      throw await refuse(
        NotAllowedError.is(error) ? 'denied' : 'unavailable',
        error as Error,
      );
    }
    const { answer: returned, ...ending } = rehearsal?.isWithheld
      ? await this.#rehearse(rehearsal, caller)
      : await this.#forward(caller, tool, server, sent, options);
    const { rehearsed } = ending;
    if (rehearsed) {
      call.rehearsal = rehearsed;
    }
    const { answer, verdicts } = caller.run
      ? await this.#guard.check(returned, {
          ...{ callId, run: caller.run, tool },
          isRehearsal: rehearsal !== undefined,
        })
      : { answer: returned, verdicts: [] };
    call.guard = verdicts;
    const durationMs = await finish(ending, rehearsed === undefined);
    await this.#audit.ended(call, { ...ending, durationMs });
    try {
      await event.success({
        meta: {
          outcome: ending.errorCode ?? (rehearsed ? 'rehearsed' : 'ok'),
          durationMs,
        },
      });
    } catch (error) {
      // The tool has run; an error in its place would make a second run likely.
      this.#logger.error(
        `Could not audit the end of the call ${callId}`,
        error as Error,
      );
    }
    return {
      ...answer,
      callId,
      durationMs: Math.round(durationMs),
      ...(rehearsed && { rehearsed }),
    };
  }

  /**
   * Asks people about a call. A program that repeats a call which they have approved
   * meanwhile gets on with it; a run is told when they have, and brings the grant along.
   *
   * @returns the grant
   * @throws NotAllowedError that says who was asked, or what they have decided
   */
  async #askPeople(
    decided: ApprovableCall,
    call: AuditedCall,
  ): Promise<string> {
    const { args, caller, decision, tool } = decided;
    const tokens = this.#guard.explainTokens(args, { run: caller.run, tool });
    const ticket = await this.#approvals.request({
      ...decided,
      // For people alone: the model goes on with what was decided.
      ...(tokens && {
        decision: { ...decision, reason: `${decision.reason} ${tokens}` },
      }),
    });
    const { digest, id, status } = ticket;
    call.approval = { id, digest, status };
    if (
      ticket.status === 'approved' &&
      !ticket.redeemedAt &&
      !isWitness(decided.caller)
    ) {
      return this.#approvals.grantOf(ticket, decided);
    }
    throw awaitsPeople(decided.decision, ticket);
  }

  /** Writes down that a call of an agent begins, where rules count it: it counts itself. */
  async #begin(
    { args, caller, tool }: Omit<ApprovableCall, 'decision'>,
    begun: { callId: string; startedAt: number; rehearsed: boolean },
  ): Promise<void> {
    const { counted, paths } = await this.#decisions.counted(tool);
    if (counted) {
      await this.#ledger.begin(callRow(caller, tool, args, begun));
      await this.#history.addAmounts(
        begun.callId,
        new Map(paths.map(path => [path, unitsAt(args, path)])),
      );
    }
  }

  async #rehearse(rehearsal: Rehearsal, caller: Caller): Promise<Ending> {
    const { answer, rehearsed } = await rehearsal.answer({
      schemas: this.#schemas,
      callerRef: caller.ref,
      maxBytes: this.#limits.resultBytes,
    });
    return { answer, rehearsed, responseBytes: 0 };
  }

  async #forward(
    caller: Caller,
    tool: ToolRecord,
    server: ServerRecord,
    args: Record<string, unknown>,
    options: { signal?: AbortSignal; idempotencyKey?: string },
  ): Promise<Ending> {
    const { signal, idempotencyKey } = options;
    const { callTimeoutMs, resultBytes } = this.#limits;
    const exchange = new Exchange({ credentials: caller.credentials, signal });
    const unwatch = caller.watch?.(reason => exchange.abort(reason));
    const timer = setTimeout(
      () => exchange.abort(new UpstreamError('timeout', 'it took too long')),
      callTimeoutMs,
    );
    try {
      const result = await this.#connections.call(
        server,
        {
          identity: JSON.stringify([caller.ref, caller.run?.agentRef ?? '']),
          repeatable: isRepeatable(tool, server),
          exchange,
        },
        client =>
          client.callTool(
            {
              name: tool.toolName,
              arguments: args,
              ...(idempotencyKey && {
                _meta: { [TOOL_META_IDEMPOTENCY_KEY]: idempotencyKey },
              }),
            },
            {
              signal: exchange.signal,
              timeout: callTimeoutMs,
              // Without the output schema: the SDK would compile it each time.
              toolDefinition: {
                name: tool.toolName,
                inputSchema: { ...tool.inputSchema, type: 'object' },
              },
            },
          ),
      );
      const { responseBytes } = exchange;
      const answer: ToolAnswer = {
        content: result.content ?? [],
        structuredContent: result.structuredContent,
        isError: result.isError ?? false,
      };
      if (caller.run && holdsSecret(result)) {
        return { answer: withheld(tool.name), responseBytes };
      }
      const mismatch = await this.#outputMismatch(tool, answer, caller.ref);
      if (mismatch) {
        return {
          answer: {
            content: [{ type: 'text', text: mismatch }, ...answer.content],
            isError: true,
          },
          errorCode: 'bad_output',
          failure: `${tool.name} answered, and not as its schema promises.`,
          responseBytes,
        };
      }
      const limited = limitResult(tool.name, answer, resultBytes);
      if (limited.answer.isError) {
        return {
          answer: limited.answer,
          errorCode: answer.isError ? 'tool_error' : 'too_large',
          failure: answer.isError
            ? `${tool.name} answered that it failed.`
            : `The result of ${tool.name} is too large.`,
          responseBytes,
        };
      }
      return { answer: limited.answer, responseBytes };
    } catch (error) {
      const { text, code } = describeCallFailure({
        error,
        tool,
        server,
        cancelled: signal?.aborted ?? false,
        timeoutMs: callTimeoutMs,
      });
      return {
        answer: { content: [{ type: 'text', text }], isError: true },
        errorCode: code,
        failure: text,
        responseBytes: exchange.responseBytes,
      };
    } finally {
      exchange.end();
      clearTimeout(timer);
      unwatch?.();
    }
  }

  /** Says how an answer differs from what the tool's schema promises. */
  async #outputMismatch(
    tool: ToolRecord,
    answer: ToolAnswer,
    callerRef: string,
  ): Promise<string | undefined> {
    if (!tool.outputSchema || answer.isError) {
      return undefined;
    }
    if (answer.structuredContent === undefined) {
      return `${tool.name} promises a structured result and sent none. It sent:`;
    }
    const problem = await this.#schemas.outputMismatch(
      tool,
      answer.structuredContent,
      callerRef,
    );
    return (
      problem &&
      `The result of ${tool.name} does not fit the schema that it promises: ${problem}. It sent:`
    );
  }

  async #record(
    caller: Caller,
    tool: ToolRecord,
    args: Record<string, unknown>,
    ending: {
      callId: string;
      startedAt: number;
      durationMs: number;
      errorCode?: string;
      responseBytes: number;
      rehearsed: boolean;
    },
  ): Promise<void> {
    await this.#ledger.record({
      ...callRow(caller, tool, args, ending),
      durationMs: ending.durationMs,
      ok: ending.errorCode === undefined,
      errorCode: ending.errorCode,
      responseBytes: ending.responseBytes,
      ...(caller.run &&
        !ending.rehearsed && {
          keptArguments: this.#argumentRecords?.keptOf(args),
        }),
    });
  }
}

/** What is known of a call when it begins. */
function callRow(
  caller: Caller,
  tool: ToolRecord,
  args: Record<string, unknown>,
  {
    callId,
    rehearsed,
    startedAt,
  }: { callId: string; rehearsed: boolean; startedAt: number },
) {
  const { run } = caller;
  return {
    id: callId,
    toolName: tool.name,
    toolRef: tool.ref,
    serverRef: tool.serverRef,
    riskTier: tool.riskTier,
    callerRef: caller.ref,
    agentRef: run?.agentRef,
    runId: run?.runId,
    sessionId: run?.sessionId,
    step: run?.step,
    startedAt,
    rehearsed,
    requestBytes: Buffer.byteLength(JSON.stringify(args)),
  };
}

/**
 * Whether a call that ran twice would have done no more than one. Servers that nobody
 * verified are not believed.
 */
function isRepeatable(
  { annotations, riskTier }: ToolRecord,
  server: ServerRecord | undefined,
): boolean {
  return (
    riskTier === 'read' ||
    (server?.isVerified === true &&
      (annotations?.readOnlyHint === true ||
        annotations?.idempotentHint === true))
  );
}

function isDeeperThan(value: unknown, levels: number): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) {
      return true;
    }
    level = level.flatMap(item =>
      typeof item === 'object' && item !== null ? Object.values(item) : [],
    );
  }
  return false;
}

/** A refusal in words, with the rules beside them for programs. */
function notAllowed({ reason, ruleIds }: Decision): NotAllowedError {
  return Object.assign(new NotAllowedError(reason), { ruleIds });
}

/** A refusal that people may lift, with what a program needs to wait for it. */
function awaitsPeople(
  { reason, ruleIds }: Decision,
  ticket: ApprovalTicket,
): NotAllowedError {
  const { askedOf, digest, expiresAt, id, status, title = reason } = ticket;
  const words =
    status === 'pending'
      ? `${reason} ${
          askedOf.length
            ? `${askedOf.join(', ')} were asked`
            : 'People were asked'
        } (approval ${id}) and have until ${expiresAt}. Once they have approved it, exactly the same call goes through, once.`
      : `It was not called: ${ticket.reason}`;
  return Object.assign(new NotAllowedError(words), {
    ruleIds,
    approval: { id, digest, status, title, expiresAt, askedOf },
  });
}
