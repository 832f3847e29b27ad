// Each person of the example company opens each page: nothing is red, nothing breaks, and nobody is offered what they
// may never use. (Priya does where pages are looked at more closely, in everyone.test.mjs.)
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, pageOf, picture, portalUrl } from './support/browser.mjs';
import {
  AGENT,
  EVERYONES,
  MEMBERS,
  alarmsOf,
  follow,
  idleOf,
} from './support/pages.mjs';

let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

// Most of the time a page waits for the portal: two people look at once.
describe('each person', { concurrency: 2 }, () => {
  for (const [person, isMember, isDirect] of [
    ['Elin Marklund', true, true],
    ['Dario Conti', true, false],
    ['Just looking', false, false],
  ]) {
    test(`${person} opens every page and meets no error`, async () => {
      const { page, problems } = await pageOf(browser, person);
      await page.getByRole('button', { name: new RegExp(person) }).waitFor();
      const idle = await idleOf(page);
      const faults = [];
      for (const path of [...EVERYONES, ...(isMember ? MEMBERS : [])]) {
        // By their addresses as well as by links; the former take three times as long.
        await (isDirect
          ? page.goto(`${portalUrl}${path}`)
          : follow(page, path));
        await idle();
        faults.push(...(await alarmsOf(page, path)));
      }
      assert.deepEqual([...faults, ...problems], []);
      await page.goto(`${portalUrl}/cost/overview`);
      await page.getByRole('tab', { name: 'Overview' }).waitFor();
      assert.equal(
        await page.getByRole('tab', { name: 'Budgets' }).count(),
        isMember ? 1 : 0,
      );
      if (!isMember) {
        for (const [path, what] of [
          ['/cost/budgets', 'Budgets'],
          ['/models/keys', 'Keys'],
        ]) {
          await page.goto(`${portalUrl}${path}`);
          await page.getByText(`${what} are not for you to see.`).waitFor();
        }
        await page.goto(`${portalUrl}${AGENT}/cost`);
        await page
          .getByText('What Order Desk may spend is not for you to see.')
          .waitFor();
        await page.getByRole('link', { name: 'Platform' }).first().waitFor();
        await picture(page, '40-guest-agent-cost');
      }
      assert.deepEqual(problems, []);
      await page.context().close();
    });
  }
});

test('who one is changes by one click, and stays after a reload', async () => {
  const { page, problems } = await pageOf(browser, 'Elin Marklund');
  await page.getByRole('button', { name: /Elin Marklund/ }).click();
  await picture(page, '41-person-menu');
  await page.getByRole('menuitem', { name: /Dario Conti/ }).click();
  await page.getByRole('button', { name: /Dario Conti/ }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: /Dario Conti/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page
    .getByRole('heading', { name: 'Who would you like to be?' })
    .waitFor();
  await picture(page, '42-sign-in');
  assert.deepEqual(problems, []);
});

test('a product owner looks into a workflow, repeats it from a step, and compares', async () => {
  const { page, problems } = await pageOf(browser, 'Elin Marklund');
  await page.goto(`${portalUrl}/catalog/default/agent/parcel-check/chat`);
  await page.getByRole('textbox', { name: /Message/ }).fill('NH-10244');
  await page.keyboard.press('Enter');
  await page
    .getByRole('link', { name: 'Open the run' })
    .click({ timeout: 60_000 });
  const graph = page.getByRole('group', { name: 'Graph of the run' });
  await graph.getByRole('button', { name: /^Answer, Values: Done/ }).waitFor();
  await graph
    .getByRole('button', { name: /: Skipped$/ })
    .first()
    .waitFor();
  await graph.getByRole('button', { name: /^Track shipment/ }).click();
  await page.getByRole('region', { name: 'Arguments' }).waitFor();
  await picture(page, '44-run-graph');

  await page.getByRole('button', { name: 'Run again from here…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('heading', { name: 'Run again from Track shipment' })
    .waitFor();
  // It asks no model, so none can be chosen.
  assert.equal(await dialog.getByRole('button', { name: /Model/ }).count(), 0);
  await picture(page, '45-run-again');
  await dialog.getByRole('button', { name: 'Run again' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText('Repeats').first().waitFor();
  await page
    .getByRole('button', { name: 'Run again', exact: true })
    .waitFor({ timeout: 60_000 });

  await page.getByRole('link', { name: 'Compare' }).click();
  await page.getByText('Both gave the same answer.').waitFor();
  await page.getByRole('button', { name: 'Track shipment' }).waitFor();
  await picture(page, '46-runs-compared');

  await page.getByRole('link', { name: 'Schedules' }).first().click();
  await page.getByText('Every weekday at 07:00 Europe/Warsaw').waitFor();
  await picture(page, '47-schedules');
  assert.deepEqual(problems, []);
});

test('titles of pages and tabs are there in Chinese', async () => {
  const { page, problems } = await pageOf(browser, 'Elin Marklund');
  await page.evaluate(() => localStorage.setItem('language', 'zh'));
  await page.goto(`${portalUrl}${AGENT}/chat`);
  await page.getByRole('link', { name: '对话' }).first().waitFor();
  await page.getByRole('link', { name: '模型' }).first().click();
  await page.getByRole('tab', { name: '密钥' }).waitFor();
  await picture(page, '43-chinese');
  assert.deepEqual(problems, []);
});
