import {
  CopyButton,
  formatCount,
  LinesSkeleton,
  RelativeTime,
  StatusMark,
  useLoad,
  type StatusTone,
} from '@agentportal/plugin-agents-react';
import type { ProvenEntry } from '@agentportal/plugin-governance-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { governanceTranslationRef } from '../translation';
import { governanceApiRef } from '../api/governanceApiRef';
import { verifyProof, type Verdict } from './verifyProof';
import styles from './entry.module.css';

const VERDICTS: Record<
  Verdict,
  { tone: StatusTone; label: string; text: string }
> = {
  proved: {
    tone: 'good',
    label: 'Verified in this browser',
    text: 'It is in the log, unchanged since it was sealed, and the signature is that of the portal’s key.',
  },
  unsigned: {
    tone: 'attention',
    label: 'Half verified in this browser',
    text: 'It is in the log that the head is of. This browser cannot check the signature of the head; the offline verifier of an export can.',
  },
  broken: {
    tone: 'bad',
    label: 'The proof does not hold',
    text: 'The entry or its proof was changed after it was sealed. Export the log, verify the export offline, and tell the people who run this portal.',
  },
  unable: {
    tone: 'waiting',
    label: 'Not verified here',
    text: 'Browsers verify on https and on localhost only. The offline verifier of an export does it anywhere.',
  },
};

/** Where an entry is sealed, and what the browser makes of the proof. */
export function Proof({ proven }: { proven: ProvenEntry }) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const api = useApi(governanceApiRef);
  const { head, leafHash, hashes } = proven.proof;
  const checked = useLoad(proven.entry.id, async signal =>
    verifyProof(proven, await api.getPublicKeys({ signal })),
  );
  const verdict = checked.value && VERDICTS[checked.value];
  return (
    <section aria-label={t('proof.proof')}>
      <h3 className={styles.heading}>{t('proof.proof')}</h3>
      <p className={styles.plain}>
        Entry number {formatCount(proven.entry.seq)}, sealed in the tree head
        over {formatCount(head.size)} entries that was signed{' '}
        <RelativeTime value={head.time} />.
      </p>
      {checked.isPending && !verdict && <LinesSkeleton lines={2} />}
      {checked.error && (
        <p role="alert" className={styles.plain}>
          The keys could not be read, so nothing was verified:{' '}
          {checked.error.message}
        </p>
      )}
      {verdict && (
        <div role="status" className={styles.verdict}>
          <StatusMark
            status={checked.value!}
            tone={verdict.tone}
            label={verdict.label}
          />
          <p className={styles.second}>{verdict.text}</p>
        </div>
      )}
      <details>
        <summary>{t('proof.whatWasVerified')}</summary>
        <dl className={styles.facts}>
          <Hash name="Hash of the entry (SHA-256)" value={leafHash} />
          <Hash name="Root of the tree" value={head.root} />
          <Hash name="Signature (Ed25519)" value={head.signature} />
          <div>
            <dt>{t('proof.key')}</dt>
            <dd>
              <code>{head.keyId}</code>
            </dd>
          </div>
          <div>
            <dt>{t('proof.hashesFromTheEntryTo')}</dt>
            <dd>{hashes.length}</dd>
          </div>
          <Hash name="Text that was hashed" value={proven.text} />
        </dl>
      </details>
    </section>
  );
}

function Hash({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>
        {name} <CopyButton text={value} what={name.toLocaleLowerCase('en')} />
      </dt>
      <dd>
        <code className={styles.long}>{value}</code>
      </dd>
    </div>
  );
}
