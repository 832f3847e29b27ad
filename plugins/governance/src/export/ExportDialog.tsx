import {
  CopyButton,
  ErrorPanel,
  saveFile,
} from '@agentportal/plugin-agents-react';
import type { ExportQuery } from '@agentportal/plugin-governance-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Radio,
  RadioGroup,
} from '@backstage/ui';
import { useState } from 'react';
import { governanceTranslationRef } from '../translation';
import { governanceApiRef } from '../api/governanceApiRef';
import styles from './export.module.css';

type Format = NonNullable<ExportQuery['format']>;

const FORMATS: Record<Format, { label: string; says: string; file: string }> = {
  jsonl: {
    label: 'JSON Lines, with proofs',
    says: 'Every field of each entry, its proof, the signed tree head and the public keys. It can be verified offline.',
    file: 'audit.jsonl',
  },
  cef: {
    label: 'CEF, for a SIEM',
    says: 'The main fields of each entry in Common Event Format, for ArcSight, Splunk, Sentinel and others. It holds no proofs.',
    file: 'audit.cef',
  },
  ocsf: {
    label: 'OCSF, for a security lake',
    says: 'Each entry as an event of the Open Cybersecurity Schema Framework. It holds no proofs.',
    file: 'audit-ocsf.jsonl',
  },
};

/** The command of `packages/audit-verify`. */
const VERIFY =
  'npx --offline @agentportal/audit-verify audit.jsonl --keys keys.json';

interface ExportDialogProps {
  /** The filters of the list. */
  query: ExportQuery;
  /** Whether the list is searched for a text too, which exports are not. */
  hasText: boolean;
  onClose(): void;
}

/** Takes entries out of the portal: in which form, which, and how to verify them. */
export function ExportDialog(props: ExportDialogProps) {
  const { t } = useTranslationRef(governanceTranslationRef);
  const { query, hasText, onClose } = props;
  const api = useApi(governanceApiRef);
  const [format, setFormat] = useState<Format>('jsonl');
  const [scope, setScope] = useState('all');
  const [isPending, setPending] = useState(false);
  const [saved, setSaved] = useState<string>();
  const [error, setError] = useState<Error>();

  const save = async (name: string, read: () => Promise<Blob>) => {
    setPending(true);
    setError(undefined);
    try {
      const file = await read();
      saveFile(name, file);
      setSaved(`${name} was saved, ${sizeOf(file)}.`);
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setPending(false);
    }
  };
  const saveEntries = () =>
    save(FORMATS[format].file, async () =>
      new Response(
        await api.exportEntries({ ...(scope === 'shown' && query), format }),
      ).blob(),
    );
  const saveKeys = () =>
    save(
      'keys.json',
      async () =>
        new Blob([JSON.stringify(await api.getPublicKeys(), null, 2)], {
          type: 'application/json',
        }),
    );

  return (
    <Dialog isOpen onOpenChange={open => !open && onClose()} width={640}>
      <DialogHeader>{t('exportDialog.exportTheAuditLog')}</DialogHeader>
      <DialogBody>
        <div className={styles.form}>
          <RadioGroup
            label={t('exportDialog.form')}
            value={format}
            onChange={value => setFormat(value as Format)}
          >
            {Object.entries(FORMATS).map(([id, { label }]) => (
              <Radio key={id} value={id}>
                {label}
              </Radio>
            ))}
          </RadioGroup>
          <p className={styles.says}>{FORMATS[format].says}</p>
          <RadioGroup
            label={t('exportDialog.whichEntries')}
            value={scope}
            onChange={setScope}
          >
            <Radio value="all">{t('exportDialog.allThatYouMayRead')}</Radio>
            <Radio value="shown">{t('exportDialog.thoseOfTheTimeAnd')}</Radio>
          </RadioGroup>
          <p className={styles.says}>
            {scope === 'all'
              ? 'Of the whole log the verifier also finds what was left out, moved or cut off.'
              : `The verifier proves each of these entries, but cannot see what is missing between them.${
                  hasText ? ' The search for a text does not narrow it.' : ''
                }`}{' '}
            Persons who were erased stay erased. The export is itself an entry
            of the log, with your name.
          </p>
          {format === 'jsonl' && (
            <section
              aria-label={t('exportDialog.verifyItOffline')}
              className={styles.verify}
            >
              <h3 className={styles.heading}>
                {t('exportDialog.verifyItOnAnotherMachine')}
              </h3>
              <ol>
                <li>
                  Keep the public keys apart from exports, from today on.{' '}
                  <Button
                    size="small"
                    variant="secondary"
                    isDisabled={isPending}
                    onPress={saveKeys}
                  >
                    {t('exportDialog.saveKeysJson')}
                  </Button>
                </li>
                <li>
                  Run the verifier in the folder of the portal’s repository,
                  after npm start has installed its packages, with the two files
                  in it; it needs Node and no network. It says “Intact”, or
                  names the damaged entry.
                  <div className={styles.command}>
                    <code>{VERIFY}</code>
                    <CopyButton text={VERIFY} what="the command" />
                  </div>
                </li>
              </ol>
            </section>
          )}
          {saved && !error && <p role="status">{saved}</p>}
          {error && (
            <ErrorPanel
              title={t('exportDialog.theExportDidNotWork')}
              error={error}
              safe={t('exportDialog.nothingWasSavedTryAgain')}
            />
          )}
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" isPending={isPending} onPress={saveEntries}>
          {t('exportDialog.saveTheExport')}
        </Button>
        <Button variant="secondary" onPress={onClose}>
          {t('exportDialog.close')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function sizeOf({ size }: Blob): string {
  return size < 1e6
    ? `${Math.ceil(size / 1e3)} kB`
    : `${(size / 1e6).toFixed(1)} MB`;
}
