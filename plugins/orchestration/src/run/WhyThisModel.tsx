import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { orchestrationTranslationRef } from '../translation';
import styles from './run.module.css';

/** Why a model was chosen, in a sentence; what was not chosen is one click away. */
export function WhyThisModel({ reason }: { reason: string }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const [first, rest] = splitSentences(reason);
  return (
    <>
      {first}
      {rest && (
        <details className={styles.why}>
          <summary>{t('whyThisModel.whatElseWasConsidered')}</summary>
          {rest}
        </details>
      )}
    </>
  );
}

/** The end of a sentence is a dot before a capital; ids have dots before digits. */
function splitSentences(text: string): [string, string] {
  const end = text.search(/\. (?=[A-Z])/);
  return end < 0 ? [text, ''] : [text.slice(0, end + 1), text.slice(end + 2)];
}
