import {
  auditLogServiceRef,
  type AuditLog,
} from '@agentportal/plugin-agents-node';
import type {
  AuditRecord,
  AuditType,
} from '@agentportal/plugin-governance-common';
import {
  type AuditorEvent,
  DefaultAuditorService,
} from '@backstage/backend-defaults/auditor';
import {
  coreServices,
  createServiceFactory,
  type LoggerService,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { JsonObject, JsonValue } from '@backstage/types';
import { readAuditConfig } from '../config';

const SEVERITIES = ['low', 'medium', 'high', 'critical'];
const MAX_META = 20_000;
/** Events that may wait for room in the line to the log, while it is away for long. */
const MAX_ENTERING = 500;

/**
 * Backstage's auditor, as it is by default and with every event of every plugin in the
 * audit log as well. Add it to the backend like a plugin:
 * `backend.add(auditorToAuditLog)`.
 *
 * An event does not wait for the audit log, because the auditor is asked for in the
 * middle of everything; until it is recorded it is in the log of the backend only, which
 * also says so when it is not recorded because too much waits.
 *
 * @public
 */
export const auditorToAuditLog = createServiceFactory({
  service: coreServices.auditor,
  deps: {
    auditLog: auditLogServiceRef,
    auth: coreServices.auth,
    config: coreServices.rootConfig,
    httpAuth: coreServices.httpAuth,
    logger: coreServices.logger,
    plugin: coreServices.pluginMetadata,
  },
  factory({ auditLog, auth, config, httpAuth, logger, plugin }) {
    const write = writeToLogger(config, logger);
    const record = recordEvents(config, auditLog, logger);
    return DefaultAuditorService.create(
      event => {
        write(event);
        record(event);
      },
      { auth, httpAuth, plugin },
    );
  },
});

/** What Backstage's own auditor does with events. */
function writeToLogger(config: Config, logger: LoggerService) {
  const auditLogger = logger.child({ isAuditEvent: true });
  return (event: AuditorEvent) => {
    const level = config.getOptionalString(
      `backend.auditor.severityLogLevelMappings.${event.severityLevel}`,
    );
    const name = `${event.plugin}.${event.eventId}`;
    const write = (meta: JsonObject) => {
      switch (level ?? (event.severityLevel === 'low' ? 'debug' : 'info')) {
        case 'debug':
          auditLogger.debug(name, meta);
          break;
        case 'warn':
          auditLogger.warn(name, meta);
          break;
        case 'error':
          auditLogger.error(name, meta);
          break;
        default:
          auditLogger.info(name, meta);
      }
    };
    write(
      ('error' in event
        ? { ...event, error: String(event.error) }
        : event) as unknown as JsonObject,
    );
  };
}

function recordEvents(config: Config, log: AuditLog, logger: LoggerService) {
  const { auditorSeverity } = readAuditConfig(config);
  let entering = 0;
  const enter = async (event: AuditorEvent, name: string) => {
    entering += 1;
    try {
      await log.note(toRecord(event));
    } catch (error) {
      logger.error(`${name} is not in the audit log`, error as Error);
    } finally {
      entering -= 1;
    }
  };
  return (event: AuditorEvent): void => {
    if (!isRecorded(event, auditorSeverity)) {
      return;
    }
    const name = `${event.plugin}.${event.eventId}`;
    if (entering < MAX_ENTERING) {
      void enter(event, name);
    } else {
      logger.error(
        `${name} is not in the audit log: ${MAX_ENTERING} events wait for it already.`,
      );
    }
  };
}

const OUTCOMES = {
  initiated: 'started',
  succeeded: 'succeeded',
  failed: 'failed',
} as const;
const REFUSALS = new Set(['NotAllowedError', 'AuthenticationError']);

/** The tools plugin writes entries of its own about these, which say more. */
const WRITTEN_BY_DOORS = new Set([
  'tools.tool-call',
  'tools.tool-change-decide',
]);

/** Types of events that are more than something that some plugin did. */
const TYPES: Array<[RegExp, AuditType]> = [
  [/^agents\.delegation-/, 'delegation'],
  [/^orchestration\.run-/, 'run'],
  // What nobody in particular was refused is not kept for years.
  [
    /^(agents\.agent-credential-|auth\.agent-(?!token-refused)|models\.key-)/,
    'credential',
  ],
  [
    /^agents\.(agent-(grant|suspend|resume|orphan|sponsor|settings)|rules?-)/,
    'policy-change',
  ],
  [/^models\.model-access$/, 'decision'],
  [/^catalog\.(entity|location)-mutate$/, 'entity-change'],
];

/** What agents may do matters, however mild the author of the event takes it for. */
const ALWAYS: ReadonlySet<AuditType> = new Set([
  'credential',
  'delegation',
  'policy-change',
  'decision',
]);

function typeOf(name: string): AuditType {
  return TYPES.find(([names]) => names.test(name))?.[1] ?? 'other';
}

/**
 * Plugins whose own word about who acted counts, because they verified it, and which say
 * how each act ended.
 */
const OURS = new Set(['agents', 'auth', 'models', 'orchestration', 'tools']);

/** Whether an event becomes an entry. */
export function isRecorded(event: AuditorEvent, least: string): boolean {
  const name = `${event.plugin}.${event.eventId}`;
  if (WRITTEN_BY_DOORS.has(name)) {
    return false;
  }
  const severity = SEVERITIES.indexOf(event.severityLevel);
  const enough = SEVERITIES.indexOf(least);
  // That something began says little once it has ended, unless it matters much and
  // nobody knows whether its plugin will say how it ended. Ours do.
  if (event.status === 'initiated') {
    return (
      !OURS.has(event.plugin) &&
      severity >= Math.max(enough, SEVERITIES.indexOf('high'))
    );
  }
  return severity >= enough || ALWAYS.has(typeOf(name));
}

/**
 * The ref of whoever acted: a person or an agent where one is known, rather than the
 * plugin that passed it on.
 */
function actedBy({ plugin, eventId, actor, meta }: AuditorEvent): string {
  const { actorId = `plugin:${plugin}` } = actor;
  if (isSomebody(actorId) || !OURS.has(plugin)) {
    return actorId;
  }
  if (eventId === 'delegation-create' && typeof meta?.startedBy === 'string') {
    return meta.startedBy;
  }
  const said = [
    meta?.by,
    meta?.caller,
    // A model is used, and a token taken, by the agent.
    ...(plugin === 'models' || plugin === 'auth' ? [meta?.agentRef] : []),
    meta?.userRef,
  ];
  return said.find(isSomebody) ?? actorId;
}

function isSomebody(ref: unknown): ref is string {
  return typeof ref === 'string' && /^(user|agent|delegation):/.test(ref);
}

/** Names whose values are secrets. */
const SECRET_NAME =
  /(token|secret|passw(or)?d|passphrase|api_?key|private_?key|credentials?|signature|assertion|authorization|cookie)$/i;
/** Schemes have an end, so that a long word is not looked at again from each letter. */
const ADDRESS = /\b([a-z][a-z\d+.-]{0,30}:\/\/)([^\s"'<>]*)/gi;

/** A value without what would be a secret in a log that forgets nothing. */
function withoutSecrets(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === 'string') {
    return value.replace(
      ADDRESS,
      (_, scheme: string, rest: string) =>
        scheme + rest.replace(/[?#].*$/, '').replace(/^[^/]*@/, ''),
    );
  }
  if (Array.isArray(value)) {
    return value.map(each => withoutSecrets(each) as JsonValue);
  }
  return value && typeof value === 'object'
    ? Object.fromEntries(
        Object.entries(value).map(([key, each]) => [
          key,
          typeof each === 'string' && SECRET_NAME.test(key)
            ? '***'
            : withoutSecrets(each),
        ]),
      )
    : value;
}

/** What people write in their own words. */
const WORDS = ['reason', 'comment', 'title'];

/** Parts a person's words from the facts: others may be named in them as well. */
function takeWords(meta: JsonObject = {}) {
  const entries = Object.entries(meta);
  const isWord = ([key, value]: [string, unknown]) =>
    WORDS.includes(key) && typeof value === 'string';
  return {
    words: Object.fromEntries(entries.filter(isWord)),
    meta: Object.fromEntries(entries.filter(each => !isWord(each))),
  };
}

/** An event of the auditor as an entry. */
export function toRecord(event: AuditorEvent): AuditRecord {
  const { plugin, eventId, actor, request, severityLevel } = event;
  const name = `${plugin}.${eventId}`;
  const ref = actedBy(event);
  const isPerson = ref.startsWith('user:');
  const told = event.meta && (withoutSecrets(event.meta) as JsonObject);
  const { words, meta } = isPerson ? takeWords(told) : { meta: told };
  const isDelegation = ref.startsWith('delegation:');
  const isAgent = isDelegation || ref.startsWith('agent:');
  const kind = isPerson ? 'person' : 'service';
  const said = JSON.stringify(meta ?? {});
  const from = { ip: actor.ip, userAgent: actor.userAgent };
  const personal = { ...(isPerson && from), ...words };
  // An agent that somebody only says to be has not acted; its owner is to know.
  const agentRef = meta?.agentRef ?? (plugin === 'auth' && meta?.clientId);
  const target =
    meta?.entityRef ?? (agentRef || (meta?.name ?? meta?.delegationId));
  const person = [meta?.personRef, isAgent ? meta?.userRef : undefined].find(
    (each): each is string => typeof each === 'string',
  );
  const isRefused = 'error' in event && REFUSALS.has(event.error.name);
  const record: AuditRecord = {
    type: typeOf(name),
    action: name,
    actor: { type: isAgent ? 'agent' : kind, ref },
    outcome: isRefused ? 'denied' : OUTCOMES[event.status],
    ...(typeof target === 'string' && { resource: target.slice(0, 500) }),
    // Of what an agent does, the agent that it is about is the one that acts.
    ...(typeof agentRef === 'string' && !isAgent && { agentRef }),
    ...(person && { personRef: person }),
    ...((Array.isArray(meta?.chain) || isDelegation) && {
      delegation: {
        ...(isDelegation && { id: ref.slice(ref.lastIndexOf('/') + 1) }),
        chain: [meta?.chain ?? []].flat().map(String),
      },
    }),
    ...(typeof meta?.runId === 'string' && { runId: meta.runId }),
    ...(OURS.has(plugin) &&
      Array.isArray(meta?.ruleIds) && { ruleIds: meta.ruleIds.map(String) }),
    ...('error' in event && {
      reason: withoutSecrets(event.error.message.slice(0, 4_000)) as string,
    }),
    data: {
      severity: severityLevel,
      // Of programs that prove who they are; a person's is personal.
      ...(typeOf(name) === 'credential' &&
        !isPerson &&
        from.ip && { ip: from.ip }),
      ...(request && {
        request: { method: request.method, url: request.url.split('?')[0] },
      }),
      ...(meta &&
        (said.length > MAX_META
          ? { meta: `${said.length} characters, too long for an entry` }
          : { meta })),
    },
    ...(Object.values(personal).some(Boolean) && {
      personal: { [ref]: personal },
    }),
  };
  // What JSON cannot say, such as undefined, is not said.
  return JSON.parse(JSON.stringify(record));
}
