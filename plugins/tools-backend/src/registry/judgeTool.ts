import {
  type DataClassification,
  DEFAULT_DATA_CLASSIFICATION,
  isMoreSensitive,
  RISK_TIERS,
  riskTierOf,
  type RiskTier,
  type ToolEntity,
} from '@agentportal/plugin-agents-common';
import type { CatalogTrust } from '@agentportal/plugin-agents-node';
import type { ServerSettings } from '../config/readToolsConfig';
import { isWhereSet } from '../upstream/UpstreamTargets';
import type { ServerEntry, ToolRecord, ToolStatement } from './records';

/** Where the word of whom about a tool is weighed. */
export interface ToolJudge {
  trust: CatalogTrust;
  settingsOf(serverRef: string): ServerSettings;
}

/**
 * Decides what counts of all that is said about a tool: by the operator in
 * app-config, by Tool entities, by the server.
 *
 * The tier of the server's hints is the least that counts. Hints are untrusted (MCP
 * says so): of a server that nobody verified they count only upwards from `external`,
 * and a tier that was seen once does not fall when the server changes its mind. Lower
 * it may only be set by the operator, in app-config or in a trusted location. With the
 * class of its data it is the same: what says nothing is `internal`.
 */
export function judgeTool(
  { trust, settingsOf }: ToolJudge,
  tool: ToolRecord,
  server: ServerEntry,
  statement: ToolStatement | undefined,
): ToolRecord {
  const settings = settingsOf(server.ref);
  const base = server.isVerified
    ? tool.hintedTier
    : higherTier(tool.hintedTier, 'external');
  const about = server.entity;
  const stated =
    statement?.providedByRef === server.ref ? statement : undefined;
  const mayState = (field: Parameters<CatalogTrust['mayState']>[0]) =>
    stated !== undefined &&
    trust.mayState(field, { stating: stated.entity, about });
  const describes = mayState('toolOwner') ? stated : undefined;

  let riskTier = base;
  if (stated && mayState('riskTier.lower')) {
    riskTier = stated.riskTier;
  } else if (stated && mayState('riskTier.raise')) {
    riskTier = higherTier(base, stated.riskTier);
  }
  const set = settings.riskTiers.get(tool.toolName);
  if (set) {
    // Of another server at its name only the worst is taken from there.
    riskTier = isAtSetAddress(server, settings)
      ? set
      : higherTier(riskTier, set);
  }
  let dataClassification =
    settings.dataClassification && !isAtSetAddress(server, settings)
      ? moreSensitive(DEFAULT_DATA_CLASSIFICATION, settings.dataClassification)
      : settings.dataClassification;
  if (stated?.dataClassification && mayState('riskTier.lower')) {
    dataClassification = stated.dataClassification;
  } else if (stated?.dataClassification && mayState('riskTier.raise')) {
    dataClassification = moreSensitive(
      dataClassification ?? DEFAULT_DATA_CLASSIFICATION,
      stated.dataClassification,
    );
  }
  const { title, description } = tool.said ?? tool;
  const words = {
    title: describes?.title ?? title,
    description: describes?.description ?? description,
  };
  const differ = words.title !== title || words.description !== description;
  return {
    ...tool,
    ...words,
    said: differ ? { title, description } : undefined,
    riskTier,
    dataClassification,
    ownerRef: describes?.ownerRef ?? server.ownerRef,
  };
}

/** Whether a server is where app-config, which speaks of it, says that it is. */
export function isAtSetAddress(
  { url }: { url: string },
  settings: ServerSettings,
): boolean {
  return (
    Boolean(settings.url) ||
    (URL.canParse(url) && isWhereSet(new URL(url), settings))
  );
}

/** The tier that a server's hints amount to, which is never lower than before. */
export function hintedTier(
  annotations: ToolEntity['spec']['annotations'],
  before: RiskTier | undefined,
): RiskTier {
  return higherTier(riskTierOf(annotations), before ?? 'read');
}

function moreSensitive(
  a: DataClassification,
  b: DataClassification,
): DataClassification {
  return isMoreSensitive(a, b) ? a : b;
}

export function higherTier(a: RiskTier, b: RiskTier): RiskTier {
  return RISK_TIERS.indexOf(a) > RISK_TIERS.indexOf(b) ? a : b;
}
