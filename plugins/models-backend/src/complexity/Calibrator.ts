import { calibrate, type ComplexityRater } from '@agentportal/model-gateway';
import type { CalibrationStore } from './CalibrationStore';
import type { OutcomeStore } from './OutcomeStore';

const DAY_MS = 24 * 60 * 60_000;

/** Older outcomes may be of models that are no longer what they were. */
const LOOK_BACK_MS = 30 * DAY_MS;
const KEEP_MS = 90 * DAY_MS;

/** Learns from outcomes, and tells the rater what was learned. */
export class Calibrator {
  readonly #rater: ComplexityRater;
  readonly #outcomes: OutcomeStore;
  readonly #calibrations: CalibrationStore;

  constructor(options: {
    rater: ComplexityRater;
    outcomes: OutcomeStore;
    calibrations: CalibrationStore;
  }) {
    this.#rater = options.rater;
    this.#outcomes = options.outcomes;
    this.#calibrations = options.calibrations;
  }

  /** For all tenants. One process does it, and the others load the result. */
  async calibrate(now: number): Promise<void> {
    const since = now - LOOK_BACK_MS;
    for (const tenant of await this.#outcomes.tenantsSince(since)) {
      await this.#calibrations.put({
        ...calibrate(await this.#outcomes.outcomesOf(tenant, since)),
        tenant,
        calibratedAt: now,
      });
    }
    // Of whom nothing was heard for so long, the default is as good a guess.
    await this.#calibrations.deleteBefore(now);
    await this.#outcomes.deleteBefore(now - KEEP_MS);
    await this.load();
  }

  async load(): Promise<void> {
    this.#rater.setThresholds(await this.#calibrations.thresholds());
  }
}
