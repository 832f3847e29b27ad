import type { RunStep } from '@agentportal/plugin-orchestration-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { orchestrationTranslationRef } from '../translation';
import { hiddenKinds } from './stepWords';

/** What the guard hid in steps: of which kind, never what it was. */
export function HiddenNote(props: {
  steps: readonly RunStep[];
  className: string;
}) {
  const { className, steps } = props;
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const kinds = hiddenKinds(steps);
  return kinds.length > 0 ? (
    <p className={className} role="note">
      {t('hidden.note', {
        what: kinds.map(kind => t(`hidden.${kind}`)).join(t('hidden.and')),
      })}
    </p>
  ) : null;
}
