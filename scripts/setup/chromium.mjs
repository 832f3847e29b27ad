import { existsSync } from 'node:fs';
import { SetupError } from './say.mjs';

const PROGRAMS = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser of this machine. */
export function findChromium() {
  const chromium = PROGRAMS.find(file => file && existsSync(file));
  if (!chromium) {
    throw new SetupError(
      'No Chromium was found. Install it (apt-get install chromium) or name its program in CHROMIUM.',
    );
  }
  return chromium;
}
