import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { fold, holdsUnseen } from '@agentportal/guard';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ResultGuard } from '../guard/ResultGuard';
import type { ServerEntry, ToolRecord } from '../registry/records';
import {
  type ChangeSeverity,
  compareTools,
  isAtLeast,
  rankOf,
  textsOf,
  type ToolDifference,
  worstOf,
} from './compareTools';
import type {
  SeenChange,
  ToolChange,
  ToolChangeStore,
} from './ToolChangeStore';

/** Told to people; all of it was compared and looked at. */
const MAX_DIFFERENCES = 50;
const MAX_TEXT = 8_000;
/** Owners are told of a tool once in so long, whatever its server says between. */
const TOLD_EVERY_MS = 3_600_000;
/** What no tool asks for that did not before, without somebody looking at it; as the guard folds letters. */
const ASKS_FOR_SECRETS =
  /passwor[dt]|passphrase|passcode|passwd|api[ _-]?key|private[ _-]?key|credential|\bcvv\b|\bssh\b|\.env\b|contrasena|mot de passe|密码|口令|密钥/u;

type Server = Pick<ServerEntry, 'ref' | 'isVerified' | 'ownerRef'>;

/**
 * Holds back what servers changed about their tools until somebody has looked at it: a
 * tool is what people once agreed to, and its words are instructions to models.
 */
export class ToolChanges {
  readonly #store: ToolChangeStore;
  readonly #guard: Pick<ResultGuard, 'instructionsIn'>;
  readonly #holdFrom: ChangeSeverity;
  readonly #onHeld: (change: ToolChange, tool: ToolRecord) => void;
  readonly #logger: LoggerService;

  constructor(options: {
    store: ToolChangeStore;
    guard: Pick<ResultGuard, 'instructionsIn'>;
    /** The least that is held of servers that somebody vouches for; of others all is. */
    holdFrom: ChangeSeverity;
    onHeld(change: ToolChange, tool: ToolRecord): void;
    logger: LoggerService;
  }) {
    this.#store = options.store;
    this.#guard = options.guard;
    this.#holdFrom = options.holdFrom;
    this.#onHeld = options.onHeld;
    this.#logger = options.logger;
  }

  /** The tools of a server as they may be used: what is held stays as it was. */
  async weigh(options: {
    server: Server;
    /** As they were. */
    known: ToolRecord[];
    /** Of tools that it had before these, by their refs. */
    goneHashes: Map<string, string>;
    /** Whether it had so many of these that what is new cannot be told from what is forgotten. */
    isForgetful?: boolean;
    /** As the server describes them now. */
    found: ToolRecord[];
    now: number;
    /** Once it is aborted, the rest is left out. */
    signal?: AbortSignal;
  }): Promise<ToolRecord[]> {
    const known = new Map(options.known.map(tool => [tool.ref, tool]));
    const pinOf = ({ ref }: ToolRecord) =>
      known.get(ref)?.hash || options.goneHashes.get(ref);
    const seen = await this.#store.find(
      options.server.ref,
      options.found.filter(tool => tool.hash !== pinOf(tool)),
    );
    const tools: ToolRecord[] = [];
    for (const tool of options.found) {
      if (options.signal?.aborted) {
        break;
      }
      if (tool.heldChange) {
        // What the server says of it now was not looked at, so it stays as it is.
        tools.push(tool);
        continue;
      }
      const before = known.get(tool.ref);
      const pinned = pinOf(tool);
      if (tool.hash === pinned) {
        if (before?.heldChange) {
          await this.#store.withdraw(tool.ref);
        }
        tools.push({ ...tool, heldChange: undefined });
        continue;
      }
      // A server may have hundreds, and each takes some milliseconds.
      await setImmediate();
      const change = await this.#changeOf(tool, before, {
        ...options,
        seen: seen.get(tool.ref),
        wasAway:
          !before?.hash &&
          (pinned !== undefined || options.isForgetful === true),
      });
      tools.push(
        change && ['held', 'blocked'].includes(change.state)
          ? asItWas(tool, before, change.id)
          : { ...tool, heldChange: undefined },
      );
    }
    return tools;
  }

  async #changeOf(
    tool: ToolRecord,
    before: ToolRecord | undefined,
    options: {
      server: Server;
      seen: SeenChange | undefined;
      wasAway: boolean;
      now: number;
    },
  ): Promise<SeenChange | undefined> {
    const { now, seen, server, wasAway } = options;
    if (seen && ['held', 'released', 'blocked'].includes(seen.state)) {
      if (seen.state !== 'held' && before?.heldChange !== seen.id) {
        // Another one may have waited, which the server does not say any more.
        await this.#store.withdraw(tool.ref);
      }
      return seen;
    }
    const old = before?.hash ? said(before) : undefined;
    const isNew = !old && !wasAway;
    // Whoever vouches for a server vouches for what it begins with.
    const findings =
      isNew && server.isVerified ? [] : await this.#findingsIn(tool, old);
    if (isNew && findings.length === 0) {
      if (before?.heldChange) {
        await this.#store.withdraw(tool.ref);
      }
      return undefined;
    }
    if (wasAway) {
      // Nobody can compare it, and so nobody vouches for it either.
      findings.push(
        'It was away and came back different; what it was before is not kept.',
      );
    }
    const differences = old ? compareTools(old, tool) : newWords(tool);
    const severity = findings.length
      ? 'suspicious'
      : worstOf(
          // What differs in nothing that was compared counts as a changed schema.
          differences.length
            ? differences.map(each => each.severity)
            : ['breaking'],
        );
    const isHeld = !server.isVerified || isAtLeast(severity, this.#holdFrom);
    const change: ToolChange = {
      id: seen?.id ?? randomUUID(),
      toolRef: tool.ref,
      toolName: tool.name,
      serverRef: server.ref,
      hash: tool.hash,
      severity,
      state: isHeld ? 'held' : 'noted',
      details: {
        isNew: !old,
        findings,
        // Many small ones must not hide what matters.
        differences: differences
          .sort((a, b) => rankOf(b.severity) - rankOf(a.severity))
          .slice(0, MAX_DIFFERENCES)
          .map(shortened),
        more: Math.max(0, differences.length - MAX_DIFFERENCES),
      },
      seenAt: now,
    };
    // A server that changes at each visit is told of once, also where it goes back between.
    const isTold =
      !isHeld ||
      before?.heldChange !== undefined ||
      (await this.#store.wasHeldSince(tool.ref, now - TOLD_EVERY_MS));
    await this.#store.add(change);
    if (!isTold) {
      this.#onHeld(change, {
        ...tool,
        // What a server lists names no owner.
        ownerRef: before?.ownerRef || server.ownerRef,
      });
    }
    return change;
  }

  /** Why somebody should look at what a tool says now and did not say before, in sentences. */
  async #findingsIn(
    tool: ToolRecord,
    old: ToolRecord | undefined,
  ): Promise<string[]> {
    const before = old ? textsOf(old) : [];
    const known = new Set(before);
    const texts = textsOf(tool).filter(text => !known.has(text));
    const findings: string[] = [];
    if (texts.some(holdsUnseen)) {
      findings.push('It holds characters that people do not see.');
    }
    if (old && texts.some(asksForSecrets) && !before.some(asksForSecrets)) {
      findings.push('It speaks of passwords or keys now, and did not before.');
    }
    try {
      if (await this.#guard.instructionsIn(texts, tool)) {
        findings.push(
          'It reads like an instruction to the model that has nothing to do with the tool.',
        );
      }
    } catch (error) {
      this.#logger.error(
        `The guard could not look at the description of ${tool.name}`,
        error as Error,
      );
      findings.push('The guard could not look at it.');
    }
    return findings;
  }
}

function asksForSecrets(text: string): boolean {
  return ASKS_FOR_SECRETS.test(fold(text));
}

/** As its server described it; a Tool entity may have had another title for it. */
function said(tool: ToolRecord): ToolRecord {
  return { ...tool, ...tool.said };
}

/** A tool that was never agreed to is there by name alone. */
function asItWas(
  tool: ToolRecord,
  before: ToolRecord | undefined,
  heldChange: string,
): ToolRecord {
  return {
    ...(before ?? {
      ...tool,
      title: tool.toolName,
      description: '',
      inputSchema: { type: 'object' },
      outputSchema: undefined,
      annotations: undefined,
      // Of nothing that a server says.
      hash: '',
    }),
    // It rises at once.
    riskTier: tool.riskTier,
    hintedTier: tool.hintedTier,
    heldChange,
  };
}

function newWords(tool: ToolRecord): ToolDifference[] {
  return [
    { what: 'title', after: tool.title, severity: 'wording' },
    { what: 'description', after: tool.description, severity: 'wording' },
    {
      what: 'arguments',
      after: JSON.stringify(tool.inputSchema, undefined, 2),
      severity: 'wording',
    },
  ];
}

function shortened(difference: ToolDifference): ToolDifference {
  const cut = (text: string | undefined) =>
    text !== undefined && text.length > MAX_TEXT
      ? `${text.slice(0, MAX_TEXT)}…`
      : text;
  return {
    ...difference,
    before: cut(difference.before),
    after: cut(difference.after),
  };
}
