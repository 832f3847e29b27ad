import type { ApiHolder } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { wordsOf } from '../translation';
import { problemWithId } from './agentId';

/** Whether the id can be used and is still free; tells at the field if not. */
export async function validateAgentName(
  id: string | undefined,
  field: { addError(message: string): void },
  context: { apiHolder: ApiHolder },
): Promise<void> {
  // The template's schema tells what is wrong with the form of an id that is
  // there; saying it twice does not make it clearer.
  if (!id || problemWithId(id)) {
    return;
  }
  const catalog = context.apiHolder.get(catalogApiRef);
  // A catalog that does not answer is no reason to stop; the backend asks again.
  // Asked as a list, because an id that is free is no error (404) to a browser.
  const found = await catalog
    ?.getEntitiesByRefs({ entityRefs: [`agent:default/${id}`] })
    .catch(() => undefined);
  const taken = found?.items[0];
  if (taken) {
    const t = wordsOf(context.apiHolder);
    const owner = taken.spec?.owner;
    field.addError(
      t('name.taken', {
        name: id,
        owner: typeof owner === 'string' ? owner : t('name.nobody'),
      }),
    );
  }
}
