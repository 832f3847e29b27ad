import {
  DEFAULT_SPONSOR_GRACE_DAYS,
  fullRefOf,
} from '@agentportal/plugin-agents-common';
import type { Config } from '@backstage/config';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import { z } from 'zod/v4';
import {
  DEFAULT_MATRIX,
  type MatrixRule,
  matrixRuleSchema,
} from './approvals/matrix';

const days = z.number().positive().max(3_650);

/** Ref of a group or a person; a name alone is a group. */
const entityRef = z.string().transform((text, context) => {
  const ref = fullRefOf(text, 'Group') ?? fullRefOf(text, 'User');
  if (!ref) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no ref of a group or a user, such as group:default/platform`,
    });
    return z.NEVER;
  }
  return ref;
});

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
  approvals: z
    .strictObject({
      matrix: z.array(matrixRuleSchema).max(200).default(DEFAULT_MATRIX),
      escalateTo: z.array(entityRef).max(20).optional(),
      grantMinutes: z.number().positive().max(1_440).default(60),
      breakGlass: z
        .strictObject({
          onCall: entityRef,
          perQuarter: z.number().int().min(0).max(1_000).default(3),
          reviewHours: z.number().positive().max(720).default(24),
        })
        .optional(),
    })
    .prefault({}),
  retention: z
    .object({
      // Break-glass looks back a quarter.
      approvalDays: days.min(92).default(1_095),
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
  /** Requests that people decide, see `Approvals`. */
  approvals: {
    matrix: MatrixRule[];
    /** Who decides where nobody else can. */
    escalateTo: string[];
    /** How long an approved call may be made. */
    grantMs: number;
    breakGlass?: { onCall: string; perQuarter: number; reviewMs: number };
  };
  /** How long things are kept after they have ended. */
  retention: {
    approvalsMs: number;
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
  const { credentials, retention, rules, approvals } = data;
  const { breakGlass } = approvals;
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
    approvals: {
      matrix: approvals.matrix,
      escalateTo: approvals.escalateTo ?? administratorsOf(root),
      grantMs: approvals.grantMinutes * 60_000,
      ...(breakGlass && {
        breakGlass: {
          onCall: breakGlass.onCall,
          perQuarter: breakGlass.perQuarter,
          reviewMs: breakGlass.reviewHours * HOUR_MS,
        },
      }),
    },
    retention: {
      approvalsMs: retention.approvalDays * DAY_MS,
      delegationsMs: retention.delegationDays * DAY_MS,
      credentialsMs: retention.credentialDays * DAY_MS,
      grantsMs: retention.grantDays * DAY_MS,
    },
  };
}

/** Whom the policy of the portal takes for the people who run it. */
function administratorsOf(root: Config): string[] {
  const refs =
    root.getOptionalStringArray('permission.agentPortal.adminRefs') ?? [];
  return refs.flatMap(text => entityRef.safeParse(text).data ?? []);
}

function isTimeZone(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en-US', { timeZone }));
  } catch {
    return false;
  }
}
