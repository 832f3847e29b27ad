import { randomUUID } from 'node:crypto';
import os from 'node:os';

/**
 * The id for a subscription whose events every process must hear, because each of
 * them keeps in memory what the event makes old. The event bus gives an event to one
 * process for each id; a plain id is right where one process acts for all.
 *
 * Ids of processes that have ended do not pile up: the bus deletes a subscription that
 * has fallen behind its window of events, which is a day at most, and without any
 * events one that is older than a day. A process that is still there and loses its
 * subscription in this way gets 404 at the next poll, and the events service makes it
 * anew.
 *
 * @param name - what it is for; the events service puts the plugin's id before it
 * @public
 */
export function subscriptionOfProcess(name: string): string {
  return `${name}-${os.hostname()}-${randomUUID()}`;
}
