import {
  DATA_CLASSIFICATIONS,
  type DataClassification,
} from '../kinds/AgentEntity';

/**
 * The class of data of agents and tools that name none: what a company knows and does
 * not publish.
 *
 * @public
 */
export const DEFAULT_DATA_CLASSIFICATION: DataClassification = 'internal';

/**
 * Whether data are of a more sensitive class than another. What is no class counts as the
 * most sensitive of all.
 *
 * @public
 */
export function isMoreSensitive(
  data: DataClassification,
  than: DataClassification,
): boolean {
  const rank = (value: DataClassification) =>
    DATA_CLASSIFICATIONS.includes(value)
      ? DATA_CLASSIFICATIONS.indexOf(value)
      : DATA_CLASSIFICATIONS.length;
  return rank(data) > rank(than);
}
