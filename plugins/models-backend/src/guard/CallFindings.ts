import {
  describeFinding,
  GUARD_VERSION,
  type GuardAction,
} from '@agentportal/guard';
import type { GuardableCall, GuardFinding } from '@agentportal/model-gateway';
import type { AuditLog } from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { metrics } from '@opentelemetry/api';
import { createHmac } from 'node:crypto';
import { actorOf } from '../ledger/actorOf';

/** Of one kind, told one by one; all are counted. */
const MAX_PLACES = 20;

const counter = metrics
  .getMeter('agentportal.models')
  .createCounter('agentportal.guard.findings', {
    description:
      'What the guard found in what is written to models and answered, and how often it could not look',
  });

interface Found extends GuardFinding {
  action: GuardAction;
  hashes: Set<string>;
  places: Array<Record<string, string | number>>;
}

/** What was found in one call: counted, on its trace, and in the audit log without words. */
export class CallFindings {
  readonly #call: GuardableCall;
  readonly #audit: AuditLog;
  readonly #secret: Buffer;
  readonly #logger: LoggerService;
  readonly #found = new Map<string, Found>();
  readonly #hidden = new Set<GuardFinding['finds']>();
  #awaited: Promise<unknown> = Promise.resolve();

  constructor(options: {
    call: GuardableCall;
    audit: AuditLog;
    /** Keys the digests of what was found. */
    secret: Buffer;
    logger: LoggerService;
  }) {
    this.#call = options.call;
    this.#audit = options.audit;
    this.#secret = options.secret;
    this.#logger = options.logger;
  }

  /** Adds one; an answer tells some texts twice, so the same value counts once. */
  add(
    on: GuardFinding['on'],
    finds: GuardFinding['finds'],
    action: GuardAction,
    about: { rule: string; view?: string; text?: string; offset?: number },
  ): void {
    const { offset, rule, text = rule, view } = about;
    const key = `${on} ${finds} ${action}`;
    const found: Found = this.#found.get(key) ?? {
      on,
      finds,
      action,
      count: 0,
      hashes: new Set(),
      places: [],
    };
    this.#found.set(key, found);
    const hash = createHmac('sha256', this.#secret)
      .update(text)
      .digest('base64url')
      .slice(0, 16);
    if (found.hashes.has(hash)) return;
    found.hashes.add(hash);
    found.count += 1;
    if (found.places.length < MAX_PLACES) {
      found.places.push({
        rule,
        hash,
        ...(view && { view }),
        ...(offset !== undefined && { offset }),
      });
    }
  }

  /** Notes that a person reads something else in the place of what was found. */
  hid(finds: GuardFinding['finds']): void {
    this.#hidden.add(finds);
  }

  get hidden(): Array<GuardFinding['finds']> {
    return [...this.#hidden];
  }

  /** The call does not end before it. */
  await(work: Promise<unknown>): void {
    this.#awaited = work;
  }

  /** Tells what was found. */
  end(): void {
    void this.#awaited.then(() => {
      for (const found of this.#found.values()) {
        const { action, count, finds, on } = found;
        counter.add(count, { on, finds, action });
        this.#call.trace({ on, finds, action, count });
        // The call has been answered; the log itself tries for minutes.
        this.#audit
          .note(this.#recordOf(found))
          .catch(error =>
            this.#logger.error('Could not audit what the guard found', error),
          );
      }
    });
  }

  #recordOf({ action, count, finds, on, places }: Found): AuditRecord {
    return {
      type: 'guard',
      action: `guard.${on}`,
      ...actorOf(this.#call.caller.account),
      outcome: action === 'refuse' ? 'denied' : 'allowed',
      reason: describeFinding({ finds, action, count }),
      data: {
        callId: this.#call.callId,
        guard: GUARD_VERSION,
        finds,
        action,
        count,
        places,
      },
    };
  }
}
