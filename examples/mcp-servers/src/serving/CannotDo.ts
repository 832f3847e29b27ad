/**
 * A tool call that cannot be done for a reason which the caller can mend. The
 * message is told to the model and to the person, so it says what to do.
 */
export class CannotDo extends Error {
  override name = 'CannotDo';
}
