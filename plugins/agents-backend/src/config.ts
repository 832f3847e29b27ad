import { DEFAULT_SPONSOR_GRACE_DAYS } from '@agentportal/plugin-agents-common';
import type { Config } from '@backstage/config';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';

const days = z.number().positive().max(3_650);

const schema = z.object({
  sponsor: z
    .object({
      graceDays: z
        .number()
        .nonnegative()
        .max(3_650)
        .default(DEFAULT_SPONSOR_GRACE_DAYS),
    })
    .prefault({}),
  credentials: z
    .object({
      expireAfterDays: days.default(90),
      maxDays: days.default(365),
      overlapHours: z.number().nonnegative().max(8_760).default(24),
      remindDays: z.number().nonnegative().max(3_650).default(14),
    })
    .prefault({}),
  rules: z
    .object({
      folder: z.string().min(1).optional(),
      folderOwner: z.string().min(1).optional(),
      timeZone: z
        .string()
        .refine(isTimeZone, 'is no IANA time zone, such as Europe/Berlin')
        .default('UTC'),
      freeze: z.array(z.string().min(1)).max(100).default([]),
      historyDays: days.default(1_095),
      reportDays: days.default(90),
    })
    .prefault({}),
  retention: z
    .object({
      delegationDays: days.default(30),
      credentialDays: days.default(365),
      grantDays: days.default(365),
    })
    .prefault({}),
});

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What app-config says under `agents`, after defaults; times in milliseconds. */
export interface AgentsConfig {
  sponsorGraceDays: number;
  credentials: {
    expireAfterMs: number;
    maxMs: number;
    overlapMs: number;
    remindMs: number;
  };
  /** Rules for tool calls, see `Rules`. */
  rules: {
    folder?: string;
    folderOwner?: string;
    timeZone: string;
    freeze: string[];
    /** How long versions of texts are kept. */
    historyMs: number;
    /** How long it is kept what rules matched. */
    hitsMs: number;
  };
  /** How long things are kept after they have ended. */
  retention: {
    delegationsMs: number;
    credentialsMs: number;
    grantsMs: number;
  };
}

export function readAgentsConfig(root: Config): AgentsConfig {
  const { data, error } = schema.safeParse(root.getOptional('agents') ?? {});
  if (error) {
    throw new InputError(
      `app-config has a mistake under agents: ${z.prettifyError(error)}`,
    );
  }
  const { credentials, retention, rules } = data;
  return {
    sponsorGraceDays: data.sponsor.graceDays,
    credentials: {
      expireAfterMs: credentials.expireAfterDays * DAY_MS,
      maxMs: credentials.maxDays * DAY_MS,
      overlapMs: credentials.overlapHours * HOUR_MS,
      remindMs: credentials.remindDays * DAY_MS,
    },
    rules: {
      ...(rules.folder && { folder: rules.folder }),
      ...(rules.folderOwner && {
        folderOwner: stringifyEntityRef(
          parseEntityRef(rules.folderOwner, { defaultKind: 'Group' }),
        ),
      }),
      timeZone: rules.timeZone,
      freeze: rules.freeze,
      historyMs: rules.historyDays * DAY_MS,
      hitsMs: rules.reportDays * DAY_MS,
    },
    retention: {
      delegationsMs: retention.delegationDays * DAY_MS,
      credentialsMs: retention.credentialDays * DAY_MS,
      grantsMs: retention.grantDays * DAY_MS,
    },
  };
}

function isTimeZone(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en-US', { timeZone }));
  } catch {
    return false;
  }
}
