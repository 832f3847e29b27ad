/**
 * Says what is wrong with cases, with the case and its field.
 *
 * @public
 */
export class CaseFormatError extends Error {
  override name = 'CaseFormatError';
}
