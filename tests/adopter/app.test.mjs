// What somebody sees who has installed our plugins into a new Backstage.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, picture, portalUrl } from '../browser/support/browser.mjs';

let browser;
let page;
const errors = [];

before(async () => {
  browser = await launch();
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  // A development server compiles what it is asked for first.
  page.setDefaultTimeout(90_000);
  page.on('pageerror', error => errors.push(error.stack ?? error.message));
  page.on('console', message => {
    if (message.type() === 'error') {
      errors.push(`${message.text()} ${message.location().url}`);
    }
  });
  page.on('response', response => {
    if (response.status() >= 400) {
      errors.push(`${response.status()} from ${response.url()}`);
    }
  });
});

after(() => browser?.close());

test('signs in and finds the agent', async () => {
  await page.goto(portalUrl);
  await page.getByRole('button', { name: 'Enter' }).click();
  await page
    .getByRole('button', { name: 'Enter' })
    .waitFor({ state: 'detached' });
  await page.goto(`${portalUrl}/agents`);
  await page.getByRole('link', { name: 'Greeter' }).first().waitFor();
  await picture(page, 'adopter-1-agents');
});

test('talks to it', async () => {
  await page.getByRole('link', { name: 'Greeter' }).first().click();
  await page
    .getByRole('navigation', { name: 'Sections of the agent' })
    .getByRole('link', { name: 'Chat' })
    .click();
  const box = page.getByRole('textbox', { name: /Message to Greeter/ });
  await box.fill('What can you do?');
  await box.press('Enter');
  await page
    .getByText(/built-in extractive model/i)
    .first()
    .waitFor();
  await picture(page, 'adopter-2-chat');
});

test('opens the other pages, which know of that', async () => {
  const pages = {
    tools: page.getByRole('searchbox', { name: 'Find a tool' }),
    models: page.getByText('builtin/extractive'),
    cost: page.getByText('Tokens by day'),
    runs: page.getByRole('link', { name: /What can you do/ }),
    traces: page.getByText('Answered without tools'),
    quality: page.getByRole('link', { name: 'Greeter' }),
    audit: page.getByText(/ended its run/),
  };
  for (const [name, shown] of Object.entries(pages)) {
    await page.goto(`${portalUrl}/${name}`);
    await shown.first().waitFor();
  }
  await picture(page, 'adopter-3-audit');
});

test('met no error of ours on the way', () => {
  const ours = errors.filter(text =>
    /agentportal|\/api\/(agents|models|tools|orchestration|traces|evals|governance)\b/.test(
      text,
    ),
  );
  assert.deepEqual(ours, []);
});
