import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { Approval } from '@agentportal/plugin-agents-common';
import { RiAlertLine } from '@remixicon/react';
import { agentsTranslationRef } from '../translation';
import { valueText } from './approvalWords';
import styles from './approvals.module.css';

/** What a call would be made with, exactly; what is unusual in it is marked and says why. */
export function Arguments({ approval }: { approval: Approval }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { args = {}, requestedArgs, unusual } = approval;
  const names = [
    ...new Set([...Object.keys(args), ...Object.keys(requestedArgs ?? {})]),
  ];
  const before = (name: string) =>
    requestedArgs &&
    JSON.stringify(requestedArgs[name]) !== JSON.stringify(args[name]);
  if (names.length === 0) {
    return <p className={styles.quiet}>{t('arguments.itTakesNoArguments')}</p>;
  }
  return (
    <dl className={styles.arguments}>
      {names.map(name => {
        const odd = unusual.filter(({ argument }) => argument === name);
        return (
          <div key={name} data-unusual={odd.length > 0 || undefined}>
            <dt>{name}</dt>
            <dd>
              {before(name) && (
                <>
                  <del
                    aria-label={`Asked for: ${valueText(requestedArgs![name])}`}
                  >
                    {requestedArgs![name] === undefined
                      ? 'not set'
                      : valueText(requestedArgs![name])}
                  </del>{' '}
                </>
              )}
              <code>
                {args[name] === undefined ? 'not set' : valueText(args[name])}
              </code>
              {odd.map(({ reason }) => (
                <p key={reason} className={styles.unusual}>
                  <RiAlertLine size={14} aria-hidden /> {reason}
                </p>
              ))}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
