import { CopyButton, ErrorPanel } from '@agentportal/plugin-agents-react';
import type {
  RouteDetails,
  RoutePreview,
} from '@agentportal/plugin-models-common';
import { useApi } from '@backstage/frontend-plugin-api';
import { Box, Button, Text } from '@backstage/ui';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { PreviewResult } from './PreviewResult';
import { nameInYaml, ROUTE_TEMPLATE } from './routeTemplate';
import { YamlField } from './YamlField';
import styles from './RoutesPage.module.css';

const DAYS = 7;

/** A route as YAML, to be tried on the calls of last week and then saved. */
export function RouteEditor(props: {
  /** Absent for a new one. */
  route?: RouteDetails;
  onClose: () => void;
  onSaved: (route: RouteDetails) => void;
}) {
  const { onClose, onSaved, route } = props;
  const routesApi = useApi(modelsApiRef);
  const [yaml, setYaml] = useState(route?.yaml ?? ROUTE_TEMPLATE);
  const [preview, setPreview] = useState<{
    yaml: string;
    result: RoutePreview;
  }>();
  const [busy, setBusy] = useState<'trying' | 'saving'>();
  const [failure, setFailure] = useState<{ title: string; error: Error }>();
  const mayEdit = route?.mayEdit ?? true;

  const run = async (
    what: 'trying' | 'saving',
    title: string,
    work: () => Promise<void>,
  ) => {
    setBusy(what);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure({ title, error: error as Error });
    } finally {
      setBusy(undefined);
    }
  };
  const tryIt = () =>
    run('trying', 'This route cannot be tried', async () => {
      setPreview({
        yaml,
        result: await routesApi.previewRoute({ yaml, days: DAYS }),
      });
    });
  const save = () =>
    run('saving', 'The route was not saved', async () => {
      const name = route?.name ?? nameInYaml(yaml) ?? '';
      onSaved(await routesApi.saveRoute(name || 'unnamed', yaml));
    });

  return (
    <Box
      as="section"
      bg="neutral"
      className={styles.panel}
      aria-label={route ? `Edit ${route.title}` : 'New route'}
    >
      <div className={styles.head}>
        <div>
          <h2 className={styles.title}>{route ? route.title : 'New route'}</h2>
          <Text as="p" color="secondary">
            {mayEdit
              ? 'Try it on the calls of last week before you save it. What you save holds at once for all new calls.'
              : 'You may try a change on the calls of last week. To save it, ask the owner of the route.'}
          </Text>
        </div>
        <CopyButton text={yaml} what="YAML" />
      </div>
      <YamlField value={yaml} onChange={setYaml} />
      <div className={styles.actions}>
        <Button
          variant="secondary"
          isPending={busy === 'trying'}
          isDisabled={busy !== undefined}
          onPress={tryIt}
        >
          Try on last week’s calls
        </Button>
        {mayEdit && (
          <Button
            variant="primary"
            isPending={busy === 'saving'}
            isDisabled={busy !== undefined || yaml === route?.yaml}
            onPress={save}
          >
            Save
          </Button>
        )}
        <Button variant="tertiary" onPress={onClose}>
          Cancel
        </Button>
      </div>
      {failure && (
        <ErrorPanel
          title={failure.title}
          error={failure.error}
          safe="Nothing was changed."
        />
      )}
      {preview && (
        <PreviewResult
          preview={preview.result}
          days={DAYS}
          isStale={preview.yaml !== yaml}
        />
      )}
    </Box>
  );
}
