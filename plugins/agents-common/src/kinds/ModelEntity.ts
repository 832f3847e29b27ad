import type { Entity } from '@backstage/catalog-model';

/**
 * Prices of a model, in integer nano-USD (1e-9 USD) per million tokens.
 *
 * @public
 */
export type ModelPrice = {
  inputNanoUsdPerMillionTokens: number;
  outputNanoUsdPerMillionTokens: number;
  cacheReadNanoUsdPerMillionTokens?: number;
  cacheWriteNanoUsdPerMillionTokens?: number;
};

/**
 * A language model, an embedding model, or a route to models, in the catalog.
 *
 * @public
 */
export interface ModelEntity extends Entity {
  apiVersion: 'agentportal.dev/v1alpha1';
  kind: 'Model';
  spec: {
    type: 'chat' | 'embedding' | 'route';
    lifecycle: string;
    /** Entity ref of the group or user that owns the model. */
    owner: string;
    system?: string;
    /** Id of the configured provider that serves the model. */
    provider?: string;
    /** The model's id at its provider. */
    modelId?: string;
    /** Input and output tokens together. */
    contextWindow?: number;
    maxOutputTokens?: number;
    /** What the model can do: `tools`, `streaming`, `vision`, … */
    capabilities?: string[];
    price?: ModelPrice;
    /** Routes only: gateway ids (`openai/gpt-5.1`) or Model refs, the best first. */
    candidates?: string[];
    strategy?: 'priority';
  };
}

/**
 * Whether an entity is a Model of our apiVersion group.
 *
 * @public
 */
export function isModelEntity(entity: Entity): entity is ModelEntity {
  return (
    entity.kind.toLocaleLowerCase('en-US') === 'model' &&
    entity.apiVersion.startsWith('agentportal.dev/')
  );
}
