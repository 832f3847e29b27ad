import type { RootConfigService } from '@backstage/backend-plugin-api';
import { ORGANISATION_REF } from '../budgets/budget';
import type { FocusAccount } from './columns';

/** Whose portal it is, as exports say. */
export function readFocusAccount(config: RootConfigService): FocusAccount {
  return {
    id: ORGANISATION_REF,
    name: config.getOptionalString('organization.name') ?? 'Agent Portal',
  };
}
