import type { AuditEntry } from '@agentportal/plugin-governance-common';

/** Severity from 0 to 10, as CEF has it. */
function severityOf({ outcome, riskTier }: AuditEntry): number {
  if (outcome === 'denied') return 6;
  if (outcome === 'failed') return 5;
  return riskTier === 'critical' || riskTier === 'external' ? 4 : 2;
}

/**
 * An entry in the Common Event Format. Source: ArcSight Common Event Format, version
 * 26, "Header" and "Extension".
 */
export function toCef(entry: AuditEntry): string {
  const inHeader = (text: string) =>
    text.replace(/[\\|]/g, '\\$&').replace(/\s+/g, ' ');
  const inExtension = (text: string) =>
    text.replace(/[\\=]/g, '\\$&').replace(/\r?\n|\r/g, '\\n');
  const extension = {
    rt: String(Date.parse(entry.recordedAt)),
    externalId: entry.id,
    act: entry.action,
    outcome: entry.outcome,
    suser: entry.actor.ref,
    duser: entry.personRef,
    request: entry.resource,
    reason: entry.reason,
    msg: entry.sentence,
    cs1Label: entry.agentRef && 'agent',
    cs1: entry.agentRef,
    cs2Label: entry.runId && 'run',
    cs2: entry.runId,
    cs3Label: entry.ruleIds?.length ? 'rules' : undefined,
    cs3: entry.ruleIds?.length ? entry.ruleIds.join(',') : undefined,
    cn1Label: 'seq',
    cn1: String(entry.seq),
  };
  return `CEF:0|Agent Portal|governance|1|${inHeader(entry.type)}|${inHeader(
    entry.action,
  )}|${severityOf(entry)}|${Object.entries(extension)
    .flatMap(([key, value]) => (value ? `${key}=${inExtension(value)}` : []))
    .join(' ')}`;
}

/** Class of OCSF for each type of entry: API Activity, Entity or User Access Management. */
const CLASSES: Record<AuditEntry['type'], [category: number, class_: number]> =
  {
    decision: [6, 6003],
    'model-call': [6, 6003],
    'tool-call': [6, 6003],
    guard: [6, 6003],
    run: [6, 6003],
    other: [6, 6003],
    'entity-change': [3, 3004],
    'policy-change': [3, 3004],
    credential: [3, 3005],
    delegation: [3, 3005],
    approval: [3, 3005],
  };
const OTHER_ACTIVITY = 99;

/** An entry in the Open Cybersecurity Schema Framework. Source: OCSF 1.3.0. */
export function toOcsf(entry: AuditEntry): string {
  const [category, class_] = CLASSES[entry.type];
  const isFailure = entry.outcome === 'denied' || entry.outcome === 'failed';
  const { actor } = entry;
  return JSON.stringify({
    category_uid: category,
    class_uid: class_,
    activity_id: OTHER_ACTIVITY,
    activity_name: entry.action,
    type_uid: class_ * 100 + OTHER_ACTIVITY,
    time: Date.parse(entry.recordedAt),
    start_time: Date.parse(entry.time),
    severity_id: isFailure ? 3 : 1,
    status_id: isFailure ? 2 : 1,
    status: entry.outcome,
    status_detail: entry.reason,
    message: entry.sentence,
    actor:
      actor.type === 'person'
        ? { user: { name: actor.ref, type_id: 1 } }
        : { app_name: actor.ref },
    ...(class_ === 6003
      ? { api: { operation: entry.action, request: { uid: entry.id } } }
      : {
          entity: { name: entry.resource ?? entry.agentRef, type: entry.type },
        }),
    resources: entry.resource ? [{ name: entry.resource }] : undefined,
    metadata: {
      version: '1.3.0',
      uid: entry.id,
      sequence: entry.seq,
      correlation_uid: entry.runId,
      tenant_uid: entry.tenant,
      product: { name: 'governance', vendor_name: 'Agent Portal' },
    },
    unmapped: {
      agentRef: entry.agentRef,
      personRef: entry.personRef,
      delegation: entry.delegation,
      ruleIds: entry.ruleIds,
      versions: entry.versions,
      argsDigest: entry.argsDigest,
      riskTier: entry.riskTier,
      data: entry.data,
    },
  });
}
