import { randomUUID } from 'node:crypto';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ResultGuard } from '../guard/ResultGuard';
import type { ServerEntry, ToolRecord } from '../registry/records';
import {
  type ChangeSeverity,
  compareTools,
  isAtLeast,
  textsOf,
  type ToolDifference,
  worstOf,
} from './compareTools';
import type { ToolChange, ToolChangeStore } from './ToolChangeStore';

/** Told to people; all of it was compared and looked at. */
const MAX_DIFFERENCES = 50;
const MAX_TEXT = 8_000;
/** Characters that people do not see and models read. */
const UNSEEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u{e0000}-\u{e007f}]/u;
/** What no tool asks for that did not before, without somebody looking at it. */
const ASKS_FOR_SECRETS =
  /passwor[dt]|passphrase|passcode|passwd|api[ _-]?key|private[ _-]?key|credential|\bcvv\b|\bssh\b|\.env\b|contraseña|mot de passe|密码|口令|密钥/iu;

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
    server: Pick<ServerEntry, 'ref' | 'isVerified'>;
    /** As they were. */
    known: ToolRecord[];
    /** Of tools that it had before these, by their refs. */
    goneHashes: Map<string, string>;
    /** As the server describes them now. */
    found: ToolRecord[];
    now: number;
  }): Promise<ToolRecord[]> {
    const known = new Map(options.known.map(tool => [tool.ref, tool]));
    const tools: ToolRecord[] = [];
    for (const tool of options.found) {
      const before = known.get(tool.ref);
      const pinned = before?.hash || options.goneHashes.get(tool.ref);
      if (tool.hash === pinned) {
        if (before?.heldChange) {
          await this.#store.withdraw(tool.ref);
        }
        tools.push({ ...tool, heldChange: undefined });
        continue;
      }
      const change = await this.#changeOf(tool, before, {
        ...options,
        wasAway: !before?.hash && pinned !== undefined,
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
      server: Pick<ServerEntry, 'ref' | 'isVerified'>;
      wasAway: boolean;
      now: number;
    },
  ): Promise<ToolChange | undefined> {
    const { now, server, wasAway } = options;
    const decided = await this.#store.find(tool.ref, tool.hash);
    if (decided && ['held', 'released', 'blocked'].includes(decided.state)) {
      return decided;
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
    const differences = old ? compareTools(old, tool) : newWords(tool);
    const severity = findings.length
      ? 'suspicious'
      : worstOf(
          // What differs in nothing that was compared counts as a changed schema.
          differences.length
            ? differences.map(each => each.severity)
            : ['breaking'],
        );
    if (wasAway) {
      findings.push(
        'It was away and came back different; what it was before is not kept.',
      );
    }
    const isHeld = !server.isVerified || isAtLeast(severity, this.#holdFrom);
    const change: ToolChange = {
      id: decided?.id ?? randomUUID(),
      toolRef: tool.ref,
      toolName: tool.name,
      serverRef: server.ref,
      hash: tool.hash,
      severity,
      state: isHeld ? 'held' : 'noted',
      details: {
        isNew: !old,
        findings,
        differences: differences.slice(0, MAX_DIFFERENCES).map(shortened),
        more: Math.max(0, differences.length - MAX_DIFFERENCES),
      },
      seenAt: now,
    };
    await this.#store.add(change);
    // A server that changes at each visit is told of once.
    if (isHeld && !before?.heldChange) {
      this.#onHeld(change, tool);
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
    if (texts.some(text => UNSEEN.test(text))) {
      findings.push('It holds characters that people do not see.');
    }
    if (
      old &&
      texts.some(text => ASKS_FOR_SECRETS.test(text)) &&
      !before.some(text => ASKS_FOR_SECRETS.test(text))
    ) {
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
