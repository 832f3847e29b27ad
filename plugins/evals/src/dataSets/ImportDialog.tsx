import type {
  DataSet,
  WriteCasesRequest,
} from '@agentportal/plugin-evals-common';
import { ConfirmDialog, formatCount } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select, TextAreaField } from '@backstage/ui';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import layout from '../layout/layout.module.css';

type Format = NonNullable<WriteCasesRequest['format']>;

const FORMATS: Array<{ id: Format; label: string }> = [
  { id: 'yaml', label: 'YAML' },
  { id: 'csv', label: 'CSV' },
  { id: 'jsonl', label: 'JSON, one case a line' },
];
/** As the backend takes it. */
const LONGEST = 2_000_000;

function formatOf(name: string): Format {
  if (/\.csv$/i.test(name)) {
    return 'csv';
  }
  return /\.(jsonl|ndjson)$/i.test(name) ? 'jsonl' : 'yaml';
}

/** Reads cases from a file, in the place of all that there are. */
export function ImportDialog(props: {
  dataSet: DataSet;
  onSaved: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { dataSet, onClose, onSaved } = props;
  const api = useApi(evalsApiRef);
  const [text, setText] = useState('');
  const [format, setFormat] = useState<Format>('yaml');
  const isTooLong = text.length > LONGEST;
  return (
    <ConfirmDialog
      title={t('importDialog.importCases')}
      action={
        dataSet.caseCount > 0
          ? `Replace ${formatCount(dataSet.caseCount)} cases`
          : 'Import'
      }
      failure={t('importDialog.theCasesCouldNotBe')}
      isIncomplete={!text.trim() || isTooLong}
      onConfirm={async () => {
        await api.writeCases(dataSet.id, { text, format });
        onSaved();
        onClose();
      }}
      onClose={onClose}
    >
      <div className={layout.form}>
        <label>
          <span className={layout.quiet}>{t('importDialog.aFileOfCases')}</span>
          <br />
          <input
            type="file"
            accept=".yaml,.yml,.csv,.jsonl,.ndjson"
            onChange={async event => {
              const file = event.target.files?.[0];
              if (file) {
                setFormat(formatOf(file.name));
                // Beyond that the backend would not take it, and the page need not hold it.
                setText(await file.slice(0, 4 * LONGEST).text());
              }
            }}
          />
        </label>
        <Select
          label={t('importDialog.form')}
          options={FORMATS}
          value={format}
          onChange={key => setFormat(key as Format)}
        />
        <TextAreaField
          label={t('importDialog.cases')}
          rows={10}
          placeholder={
            format === 'csv'
              ? 'id,ask,facts,tool\nparcel,Where is my parcel?,delivered,logistics.track_shipment'
              : '- id: parcel\n  ask: Where is my parcel?\n  facts: [delivered]'
          }
          isInvalid={isTooLong}
          description={
            isTooLong ? 'That is more than 2,000,000 characters.' : undefined
          }
          value={text}
          onChange={setText}
        />
        <p className={layout.quiet}>{t('importDialog.theyTakeThePlaceOf')}</p>
      </div>
    </ConfirmDialog>
  );
}
