import { SetupError } from './say.mjs';

const KNOWN = [
  [
    /ENOSPC|no space left on device/i,
    'The disk is full. The portal needs about 4 GB for its packages and build; free some space and run the command again.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET|getaddrinfo|network/i,
    'The npm registry cannot be reached. Check the network or proxy (npm config get registry) and run the command again.',
  ],
  [
    /EACCES|EPERM/i,
    'A file or folder of the checkout cannot be written. Check who owns it and run the command again.',
  ],
];

/** Turns what a failed tool printed into one sentence that says what to do. */
export function explainFailure(what, output) {
  for (const [pattern, sentence] of KNOWN) {
    if (pattern.test(output)) {
      return new SetupError(`${what} failed. ${sentence}`);
    }
  }
  const tail = output.trim().split('\n').slice(-15).join('\n');
  return new SetupError(`${what} failed. Its last lines were:\n${tail}`);
}
