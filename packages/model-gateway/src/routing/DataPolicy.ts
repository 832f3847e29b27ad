import type { Account, DataClassification } from '../ports';

const STRICTNESS: readonly DataClassification[] = [
  'public',
  'internal',
  'confidential',
  'restricted',
];

/**
 * Where data of a classification may be sent.
 *
 * @public
 */
export interface DataRule {
  classification: DataClassification;
  /** Regions of providers; the words are the operator's own. */
  regions: string[];
}

/**
 * Decides whether data may be sent to a provider. A classification without a rule
 * falls under the rule of the next freer one that has one, so that a rule for
 * confidential data binds restricted data too. Without rules all is allowed.
 *
 * @public
 */
export class DataPolicy {
  readonly #rules: Map<DataClassification, readonly string[]>;
  readonly #regions: ReadonlyMap<string, string>;

  constructor(options: {
    rules: readonly DataRule[];
    /** Region by the id of the provider. */
    regions: ReadonlyMap<string, string>;
  }) {
    this.#regions = options.regions;
    this.#rules = new Map();
    let inForce: readonly string[] | undefined;
    for (const classification of STRICTNESS) {
      inForce =
        options.rules.find(rule => rule.classification === classification)
          ?.regions ?? inForce;
      if (inForce) {
        this.#rules.set(classification, inForce);
      }
    }
  }

  /** Why the data may not be sent there, as a sentence. */
  refusal(request: {
    provider: string;
    dataClassification?: DataClassification;
    account: Account;
  }): string | undefined {
    const { provider, dataClassification } = request;
    const regions = dataClassification && this.#rules.get(dataClassification);
    if (!regions) {
      return undefined;
    }
    const region = this.#regions.get(provider);
    if (region !== undefined && regions.includes(region)) {
      return undefined;
    }
    const where =
      region === undefined
        ? `nobody has told the region of ${provider} (models.providers in the configuration)`
        : `${provider} is in ${region}`;
    return `${whose(
      request.account,
    )} ${dataClassification} data, which may be sent ${
      regions.length > 0 ? `only to ${regions.join(', ')}` : 'nowhere'
    }; ${where}.`;
  }
}

function whose({ agentRef }: Account): string {
  return agentRef
    ? `${agentRef.slice(agentRef.lastIndexOf('/') + 1)} handles`
    : 'This call carries';
}
