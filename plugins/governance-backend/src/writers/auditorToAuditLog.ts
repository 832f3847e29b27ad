import {
  auditLogServiceRef,
  type AuditLog,
} from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
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
import type { JsonObject } from '@backstage/types';
import { readAuditConfig } from '../config';

const SEVERITIES = ['low', 'medium', 'high', 'critical'];
const MAX_META = 20_000;

/**
 * Backstage's auditor, as it is by default and with every event of every plugin in the
 * audit log as well. Add it to the backend like a plugin:
 * `backend.add(auditorToAuditLog)`.
 *
 * An event does not wait for the audit log, because the auditor is asked for in the
 * middle of everything; until it is recorded it is in the log of the backend only.
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
    const record = recordEvents(config, auditLog);
    return DefaultAuditorService.create(
      async event => {
        write(event);
        await record(event);
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

function recordEvents(config: Config, log: AuditLog) {
  const least = SEVERITIES.indexOf(readAuditConfig(config).auditorSeverity);
  return async (event: AuditorEvent) => {
    const severity = SEVERITIES.indexOf(event.severityLevel);
    // That something began says little once it has ended, unless it matters much.
    const matters =
      event.status === 'initiated'
        ? severity >= Math.max(least, SEVERITIES.indexOf('high'))
        : severity >= least;
    if (matters) {
      await log.note(toRecord(event));
    }
  };
}

const OUTCOMES = {
  initiated: 'started',
  succeeded: 'succeeded',
  failed: 'failed',
} as const;

/** An event of the auditor as an entry. */
export function toRecord(event: AuditorEvent): AuditRecord {
  const { plugin, eventId, actor, meta, request, severityLevel } = event;
  const ref = actor.actorId ?? `plugin:${plugin}`;
  const isPerson = ref.startsWith('user:');
  const kind = isPerson ? 'person' : 'service';
  const said = JSON.stringify(meta ?? {});
  const from = { ip: actor.ip, userAgent: actor.userAgent };
  const target = meta?.entityRef ?? meta?.agentRef;
  const record: AuditRecord = {
    type: plugin === 'catalog' ? 'entity-change' : 'other',
    action: `${plugin}.${eventId}`,
    actor: { type: /^(agent|delegation):/.test(ref) ? 'agent' : kind, ref },
    outcome: OUTCOMES[event.status],
    ...(typeof target === 'string' && { resource: target.slice(0, 500) }),
    ...(typeof meta?.agentRef === 'string' && { agentRef: meta.agentRef }),
    ...(typeof meta?.runId === 'string' && { runId: meta.runId }),
    ...('error' in event && { reason: event.error.message.slice(0, 4_000) }),
    data: {
      severity: severityLevel,
      ...(request && {
        request: { method: request.method, url: request.url.split('?')[0] },
      }),
      ...(meta &&
        (said.length > MAX_META
          ? { meta: `${said.length} characters, too long for an entry` }
          : { meta })),
    },
    ...(isPerson &&
      (from.ip || from.userAgent) && { personal: { [ref]: from } }),
  };
  // What JSON cannot say, such as undefined, is not said.
  return JSON.parse(JSON.stringify(record));
}
