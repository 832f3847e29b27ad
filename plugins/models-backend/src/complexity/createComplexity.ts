import type {
  ComplexityRater,
  ModelDirectory,
} from '@agentportal/model-gateway';
import type {
  AuditorService,
  LoggerService,
  SchedulerService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { CallRights } from '../access/CallRights';
import type { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import { CalibrationStore } from './CalibrationStore';
import { Calibrator } from './Calibrator';
import { ComplexityApi } from './ComplexityApi';
import { OutcomeStore } from './OutcomeStore';

/** Lets the rater of requests learn from what callers say of the answers. */
export async function createComplexity(options: {
  rater: ComplexityRater;
  ledger: DatabaseCallLedger;
  directory: ModelDirectory;
  calls: CallRights;
  userInfo: UserInfoService;
  auditor: AuditorService;
  scheduler: SchedulerService;
  logger: LoggerService;
}): Promise<ComplexityApi> {
  const { ledger, logger, rater, scheduler } = options;
  const outcomes = new OutcomeStore(ledger.db);
  const calibrations = new CalibrationStore(ledger.db);
  const calibrator = new Calibrator({ rater, outcomes, calibrations });
  await scheduler.scheduleTask({
    id: 'calibrate-complexity',
    scope: 'global',
    frequency: { hours: 1 },
    initialDelay: { minutes: 10 },
    timeout: { minutes: 10 },
    fn: () => calibrator.calibrate(Date.now()),
  });
  await scheduler.scheduleTask({
    id: 'load-complexity-calibrations',
    scope: 'local',
    frequency: { minutes: 1 },
    timeout: { seconds: 30 },
    fn: () =>
      calibrator.load().catch(error => {
        // What was loaded before goes on serving.
        logger.warn(
          `Cannot read what routing has learned; it is tried again in a minute: ${error}`,
        );
      }),
  });
  return new ComplexityApi({
    ledger,
    directory: options.directory,
    calls: options.calls,
    userInfo: options.userInfo,
    auditor: options.auditor,
    outcomes,
    calibrations,
  });
}
