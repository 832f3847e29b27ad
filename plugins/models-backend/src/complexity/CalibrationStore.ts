import type {
  ComplexityCalibration,
  TierThresholds,
} from '@agentportal/model-gateway';
import type { Knex } from 'knex';
import type { VisibleCalls } from '../access/CallRights';
import { whereCriteria } from '../access/criteria';

const TABLE = 'model_complexity_calibrations';

/** The calibration of a tenant as it is kept. */
export interface StoredCalibration extends ComplexityCalibration {
  tenant: string;
  /** Milliseconds since the epoch. */
  calibratedAt: number;
}

interface CalibrationRow {
  tenant: string;
  thresholds: string;
  basis: string;
  calibrated_at: number | string;
}

/** Keeps where the tiers of complexity end for each tenant. */
export class CalibrationStore {
  readonly #db: Knex;

  constructor(db: Knex) {
    this.#db = db;
  }

  async put(calibration: StoredCalibration): Promise<void> {
    const { basis, calibratedAt, tenant, thresholds } = calibration;
    await this.#db(TABLE)
      .insert({
        tenant,
        thresholds: JSON.stringify(thresholds),
        basis: JSON.stringify(basis),
        calibrated_at: calibratedAt,
      })
      .onConflict('tenant')
      .merge();
  }

  /** Forgets tenants that have not been calibrated since then. */
  async deleteBefore(moment: number): Promise<void> {
    await this.#db(TABLE).where('calibrated_at', '<', moment).delete();
  }

  /** By tenant. */
  async page(request: {
    /** Calls that the caller may see. Tenants are owners, so of single people there is nothing. */
    among?: VisibleCalls;
    after?: string;
    limit: number;
  }): Promise<StoredCalibration[]> {
    const { after, among, limit } = request;
    const query = this.#db(TABLE).orderBy('tenant').limit(limit);
    whereCriteria(query, among, (where, filter) =>
      'ownerRefs' in filter
        ? where.whereIn('tenant', filter.ownerRefs)
        : where.whereRaw('1 = 0'),
    );
    if (after !== undefined) {
      query.where('tenant', '>', after);
    }
    const rows: CalibrationRow[] = await query;
    return rows.map(row => ({
      tenant: row.tenant,
      thresholds: JSON.parse(row.thresholds),
      basis: JSON.parse(row.basis),
      calibratedAt: Number(row.calibrated_at),
    }));
  }

  /** All that differ from the default. */
  async thresholds(): Promise<Map<string, TierThresholds>> {
    const rows = await this.#db(TABLE).select('tenant', 'thresholds');
    return new Map(rows.map(row => [row.tenant, JSON.parse(row.thresholds)]));
  }
}
