import { GatewayError } from '../errors';
import type { Note, Operation } from '../stages/route';

/** Why no model of a route can serve a request, and whether waiting helps. */
export function noneServes(options: {
  route: string;
  operation: Operation;
  notes: Note[];
  onlyUnfit: boolean;
}): GatewayError {
  const { notes, onlyUnfit, operation, route } = options;
  const told = notes.map(note => (typeof note === 'string' ? note : note.says));
  return onlyUnfit && told.length > 0
    ? new GatewayError(
        400,
        'operation_not_supported',
        [`No model of the route ${route} can take this request.`, ...told].join(
          ' ',
        ),
      )
    : new GatewayError(
        503,
        'model_unavailable',
        [
          `No model of the route ${route} can serve ${operation} now.`,
          ...told,
        ].join(' '),
      );
}
