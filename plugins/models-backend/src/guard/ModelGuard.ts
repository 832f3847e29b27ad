import {
  actionOf,
  type GuardConfig,
  type GuardPolicy,
  inspect,
  type Inspection,
  type InspectionTask,
  mayHoldSecret,
  replaceParts,
  type SensitivePart,
  Tokens,
  SentenceStream,
  Topics,
  conversationOf,
  unsafeContentIn,
  type UnsafeKind,
} from '@agentportal/guard';
import type {
  AnswerPart,
  CallGuard,
  GuardableCall,
  GuardedCall,
  GuardedPrompt,
} from '@agentportal/model-gateway';
import {
  type AuditLog,
  createWorkerPool,
  type WorkerPool,
} from '@agentportal/plugin-agents-node';
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { PortalGrant } from '../access/PortalAuthenticator';
import { CallFindings } from './CallFindings';
import { type Actions, guardText, type Look } from './guardText';
import { findsOf, NAMES, standIn } from './standIn';

/** What is longer is looked at in a process of its own: some milliseconds here. */
const INLINE_CHARACTERS = 2_000;
const CPU_MS = 3_000;
const HEAP_MB = 256;
/** Of one who calls, waiting to be looked at. */
const MAX_OF_PARTY = 20;
const CANNOT_LOOK =
  'The guard of the portal could not look at what was written, so no model was asked. Try again in a moment, or with less text.';

/** Looks at what is written to models and at what they answer. */
export class ModelGuard implements CallGuard<PortalGrant> {
  readonly #config: GuardConfig;
  readonly #audit: AuditLog;
  readonly #logger: LoggerService;
  readonly #pool: WorkerPool<InspectionTask, Inspection[]>;
  readonly #topics = new Map<string, Topics>();

  constructor(options: {
    config: GuardConfig;
    audit: AuditLog;
    logger: LoggerService;
    /** For a look in a process of its own, in milliseconds. */
    cpuMs?: number;
  }) {
    this.#config = options.config;
    this.#audit = options.audit;
    this.#logger = options.logger;
    this.#pool = createWorkerPool({
      name: 'The guard of models',
      filename: require.resolve('@agentportal/guard/worker'),
      maxProcesses: 1,
      cpuMs: options.cpuMs ?? CPU_MS,
      maxHeapMb: HEAP_MB,
      maxQueue: 200,
    });
  }

  begin(call: GuardableCall<PortalGrant>): GuardedCall | undefined {
    const { account, settings } = call.caller;
    const actionFor = (
      on: 'prompt' | 'answer',
      finds: GuardPolicy[number]['finds'],
    ) =>
      actionOf(this.#config.policy, {
        on,
        finds,
        agentRef: account.agentRef,
        dataClassification: settings?.dataClassification,
      });
    const topics = this.#topicsOf(account.agentRef);
    const prompt: Actions = {
      injection: actionFor('prompt', 'injection'),
      secret: actionFor('prompt', 'secret'),
      'personal-data': actionFor('prompt', 'personal-data'),
      'unsafe-content': actionFor('prompt', 'unsafe-content'),
      topic: topics.isEmpty ? 'none' : actionFor('prompt', 'topic'),
    };
    const answer: Actions = {
      secret: actionFor('answer', 'secret'),
      'personal-data': actionFor('answer', 'personal-data'),
      link: actionFor('answer', 'link'),
      'unsafe-content': actionFor('answer', 'unsafe-content'),
      topic: topics.isEmpty ? 'none' : actionFor('answer', 'topic'),
      'unsupported-claim': actionFor('answer', 'unsupported-claim'),
    };
    const findings = new CallFindings({
      call,
      audit: this.#audit,
      secret: this.#config.secret,
      logger: this.#logger,
    });
    const tokens = this.#tokensOf(call);
    const config = this.#config;
    const look = { call, config, findings, tokens, topics };
    return {
      ...((isAny(prompt) || tokens) && {
        prompt: (written: string[], isNew: boolean) =>
          this.#prompt({ ...look, actions: prompt }, written, isNew),
      }),
      ...(isAny(answer) && {
        answer: (kind: AnswerPart) =>
          guardText({ ...look, actions: answer }, kind),
      }),
      hidden: () => findings.hidden,
      end: () => findings.end(),
    };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #prompt(
    look: Look,
    written: string[],
    isNew: boolean,
  ): Promise<GuardedPrompt> {
    const { actions, call, findings } = look;
    const newest = isNew ? written.at(-1) : undefined;
    const unfit = newest === undefined ? undefined : unfitFor(look, newest);
    if (unfit) {
      return { refusal: unfit };
    }
    const forInjection =
      newest === undefined ? 'none' : actions.injection ?? 'none';
    const judged =
      forInjection !== 'none' &&
      this.#inspect(call, {
        texts: [newest!],
        // Where there is no person, such as behind a trigger, it is data.
        origin: isOfNobody(call) ? 'tool' : 'person',
        injections: true,
        secrets: false,
        personalData: false,
      }).then(([{ injection }]) => {
        if (injection) {
          findings.add('prompt', 'injection', forInjection, {
            rule: injection.by,
            view: injection.view,
            text: injection.excerpt,
          });
        }
        return injection !== undefined;
      });
    try {
      if (judged && forInjection !== 'refuse') {
        // What is only marked keeps nobody waiting.
        findings.await(judged.catch(error => this.#failed(findings, error)));
      } else if (await judged) {
        return {
          refusal:
            'The guard of the portal stopped this: it reads as an attempt to make the agent act against what it is for. Say what you need in other words, or ask those who run the portal.',
        };
      }
      return await this.#withoutSecrets(look, written);
    } catch (error) {
      this.#failed(findings, error as Error);
      const { dataClassification } = call.caller.settings ?? {};
      const closes =
        dataClassification === 'confidential' ||
        dataClassification === 'restricted' ||
        Object.values(actions).includes('refuse');
      return closes ? { refusal: CANNOT_LOOK } : {};
    }
  }

  async #withoutSecrets(
    { actions, call, findings, tokens }: Look,
    written: string[],
  ): Promise<GuardedPrompt> {
    const personalData = actions['personal-data'] !== 'none';
    const secrets = actions.secret !== 'none';
    // What was hidden before it was kept is judged as if it stood there.
    const told = new Map(
      written.map(text => [text, tokens?.findTold(text) ?? []]),
    );
    const looked = written.filter(
      text =>
        personalData ||
        told.get(text)!.length > 0 ||
        (secrets && mayHoldSecret(text)),
    );
    if (looked.length === 0) {
      return {};
    }
    const inspections = await this.#inspect(call, {
      texts: looked,
      injections: false,
      secrets,
      personalData,
    });
    const hidden = new Set<string>();
    let refusal: string | undefined;
    const maskedIn = (text: string, { parts }: Inspection) =>
      replaceParts(text, withTold(parts, told.get(text)!), (part, there) => {
        const { value = there } = part;
        const finds = findsOf(part);
        if (actions[finds] === 'none') return value;
        findings.add('prompt', finds, actions[finds]!, {
          rule: part.kind,
          text: value,
          offset: part.start,
        });
        if (actions[finds] === 'refuse') {
          refusal = `No model was asked, because what was written holds ${NAMES[finds]}, which this agent may not be given. Write it again without it.`;
        }
        if (actions[finds] !== 'mask') return value;
        hidden.add(NAMES[finds]);
        findings.hid(finds);
        return standIn(part, value, tokens);
      });
    const masked = new Map(
      looked.map((text, i) => [text, maskedIn(text, inspections[i])]),
    );
    return {
      refusal,
      texts: written.map(text => masked.get(text) ?? text),
      ...(hidden.size > 0 && {
        note: `The guard hid ${[...hidden].join(
          ' and ',
        )} in what was written before the model read it.`,
      }),
    };
  }

  /** Read once for all agents that no topic names. */
  #topicsOf(agentRef: string | undefined): Topics {
    const { topics: rules } = this.#config;
    const key =
      agentRef && rules.some(rule => rule.agents?.includes(agentRef))
        ? agentRef
        : '';
    const topics = this.#topics.get(key) ?? new Topics(rules, key || undefined);
    this.#topics.set(key, topics);
    return topics;
  }

  /** Of the conversation of an agent; what programs are told is not given back. */
  #tokensOf({
    caller: { grant },
  }: GuardableCall<PortalGrant>): Tokens | undefined {
    const run = 'runContext' in grant ? grant.runContext : undefined;
    return run && new Tokens(this.#config.secret, conversationOf(run));
  }

  #inspect(
    { caller: { account } }: GuardableCall<PortalGrant>,
    task: InspectionTask,
  ): Promise<Inspection[]> {
    const length = task.texts.reduce((sum, text) => sum + text.length, 0);
    const party =
      account.agentRef ?? account.userRef ?? account.keyId ?? 'unknown';
    return length <= INLINE_CHARACTERS
      ? inspect(task)
      : this.#pool.run(task, {
          parties: [{ ref: party, max: MAX_OF_PARTY }],
        });
  }

  #failed(findings: CallFindings, error: Error): void {
    this.#logger.error('The guard could not look at what was written', error);
    findings.add('prompt', 'failure', 'mark', { rule: error.name });
  }
}

/** What was found in a text, and the tokens in it, within which nothing is found. */
function withTold(
  parts: SensitivePart[],
  told: ReturnType<Tokens['findTold']>,
): Array<SensitivePart & { value?: string }> {
  const beside = parts.filter(
    part =>
      !told.some(({ end, start }) => start < part.end && part.start < end),
  );
  return [...beside, ...told].sort((a, b) => a.start - b.start);
}

/** Of a longer text, a document that somebody hands over, its ends are judged: there stands what is wanted. */
const MAX_QUESTION = 4_000;

/** Looks for what meets in a sentence or two; in a text of some length the words of a list are all somewhere. */
function judgeQuestion(
  text: string,
  looksFor: { unsafe: boolean; topics?: Topics },
) {
  const found: { kind?: UnsafeKind; avoided?: string } = {};
  const ends =
    text.length > MAX_QUESTION
      ? [text.slice(0, MAX_QUESTION / 2), text.slice(-MAX_QUESTION / 2)]
      : [text];
  for (const part of ends) {
    const sentences = new SentenceStream((sentence, { before }) => {
      if (looksFor.unsafe) {
        found.kind ??=
          unsafeContentIn(sentence) ?? unsafeContentIn(`${before} ${sentence}`);
      }
      found.avoided ??= looksFor.topics?.avoidedIn(sentence, before);
      return undefined;
    });
    sentences.push(part);
    sentences.end();
  }
  return found;
}

/** Why what is asked is not for this agent, when its policy refuses that. */
function unfitFor(
  { actions, findings, topics }: Look,
  written: string,
): string | undefined {
  const forUnsafe = actions['unsafe-content'] ?? 'none';
  const forTopic = actions.topic ?? 'none';
  if (forUnsafe === 'none' && forTopic === 'none') {
    return undefined;
  }
  const text = written.trim();
  const { avoided, kind } = judgeQuestion(text, {
    unsafe: forUnsafe !== 'none',
    ...(forTopic !== 'none' && { topics }),
  });
  if (kind) {
    findings.add('prompt', 'unsafe-content', forUnsafe, { rule: kind, text });
    if (forUnsafe === 'refuse') {
      return 'The guard of the portal stopped this, because it could hurt people. If you or somebody near you is in danger, call the emergency services.';
    }
  }
  if (forTopic !== 'none') {
    const isOutside = text.length <= MAX_QUESTION && topics.isOutside(text);
    if (avoided !== undefined || isOutside) {
      findings.add('prompt', 'topic', forTopic, {
        rule: avoided ?? 'outside',
        text,
      });
      if (forTopic === 'refuse') {
        return avoided === undefined
          ? 'This agent answers no such questions: they are outside of the topics that it is for. Ask in the words of its task, or ask another agent.'
          : `This agent does not speak of ${avoided}. Ask those who are responsible for it.`;
      }
    }
  }
  return undefined;
}

function isOfNobody({ caller: { account } }: GuardableCall): boolean {
  return account.agentRef !== undefined && account.userRef === undefined;
}

function isAny(actions: Actions): boolean {
  return Object.values(actions).some(action => action !== 'none');
}
