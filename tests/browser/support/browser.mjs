import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

const root = path.resolve(import.meta.dirname, '../../..');
const screenshots = path.join(root, '.artifacts/screenshots');

/** Address of the portal under test. */
export const portalUrl = process.env.PORTAL_URL ?? 'http://localhost:7007';

/** Starts the Chromium of the machine, without anything that talks to the outside. */
export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * A page of someone who signed in as that person of the example company, or as
 * the guest ("Just looking"), and everything that went wrong in it.
 */
export async function pageOf(
  browser,
  person = 'Just looking',
  { width = 1400, height = 900, theme = 'light' } = {},
) {
  const context = await browser.newContext({ viewport: { width, height } });
  await context.addInitScript(
    name => localStorage.setItem('theme', name),
    theme,
  );
  const page = await context.newPage();
  // On a machine that does other things as well.
  page.setDefaultTimeout(40_000);
  const problems = [];
  page.on('pageerror', error => problems.push(`page error: ${error.message}`));
  page.on('console', message => {
    if (message.type() === 'error') {
      const { url } = message.location();
      problems.push(`${message.text()} (${url}) on ${page.url()}`);
    }
  });
  page.on('response', response => {
    if (response.status() >= 500) {
      problems.push(`${response.status()} from ${response.url()}`);
    }
  });
  await page.goto(portalUrl);
  await page.getByRole('button', { name: person }).click();
  await page.getByRole('heading', { name: 'Yours' }).waitFor();
  return { page, problems };
}

/** Restarts the portal on the same data, and answers when it is there again. */
export async function restartPortal() {
  const response = await fetch(process.env.PORTAL_RESTART_URL, {
    method: 'POST',
  });
  if (!response.ok) throw new Error(await response.text());
}

/** Opens a page again and again until it shows what comes to it by itself, and may take its time. */
export async function comesTo(page, url, shown, ms) {
  const deadline = Date.now() + ms;
  do {
    await page.goto(url);
    await shown.waitFor({ timeout: 5_000 }).catch(() => {});
  } while (!(await shown.isVisible()) && Date.now() < deadline);
  // It may be read once more just then.
  await shown.waitFor({ timeout: 10_000 });
}

/** Leaves a picture of the page for people to look at. */
export async function picture(page, name) {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
}
