import { useLoad } from '@agentportal/plugin-agents-react';
import { managementViewPermission } from '@agentportal/plugin-models-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, Button } from '@backstage/ui';
import { useState } from 'react';
import { agentActivityApiRef } from '../api';
import { agentsTranslationRef } from '../translation';
import styles from './AgentsPage.module.css';

/** That the person knows, on this device. */
const KNOWN = 'agent-portal.demo-model-known';

/** That a toy answers, where nobody has connected a real model; and to those who can, how. */
export function DemoModelNotice() {
  const api = useApi(agentActivityApiRef);
  const { t } = useTranslationRef(agentsTranslationRef);
  const [isKnown, setKnown] = useState(
    () => localStorage.getItem(KNOWN) !== null,
  );
  const { allowed } = usePermission({ permission: managementViewPermission });
  const isDemo = useLoad(isKnown ? undefined : 'demo model', signal =>
    api.answersWithDemoModel({ signal }),
  );
  if (isKnown || !isDemo.value) {
    return null;
  }
  return (
    <Alert
      className={styles.notice}
      status="info"
      icon
      title={t('demoModel.title')}
      description={
        allowed
          ? `${t('demoModel.text')} ${t('demoModel.connect')}`
          : t('demoModel.text')
      }
      customActions={
        <Button
          size="small"
          variant="tertiary"
          onPress={() => {
            localStorage.setItem(KNOWN, '');
            setKnown(true);
          }}
        >
          {t('demoModel.dismiss')}
        </Button>
      }
    />
  );
}
