import {
  DEFAULT_NAMESPACE,
  parseEntityRef,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { modelEntityName } from './entityNames';

/**
 * The model of an agent that names none.
 *
 * @public
 */
export const DEFAULT_MODEL_REF = 'model:default/balanced';

/**
 * The entity ref of a model, given as an entity ref (`model:default/x`), as a
 * gateway id (`openai/gpt-5.1`) or as the name of a model or route
 * (`balanced`). Only what starts with `model:` is read as an entity ref,
 * because gateway ids may hold both `/` and `:` (`ollama/qwen3:8b`).
 *
 * @public
 */
export function modelRefOf(
  model: string,
  options?: { defaultNamespace?: string },
): string {
  const defaultNamespace = options?.defaultNamespace ?? DEFAULT_NAMESPACE;
  if (/^model:/i.test(model)) {
    return stringifyEntityRef(
      parseEntityRef(model, { defaultKind: 'Model', defaultNamespace }),
    );
  }
  return stringifyEntityRef({
    kind: 'Model',
    namespace: model.includes('/') ? DEFAULT_NAMESPACE : defaultNamespace,
    name: modelEntityName(model),
  });
}
