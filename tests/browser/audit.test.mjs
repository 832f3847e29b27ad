// What a security officer does: opens the audit log, filters it, reads one decision, exports the log, verifies the
// export on "another machine", and finds out that a changed export is named.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Portal } from '../../scripts/demo/Portal.mjs';
import {
  comesTo,
  launch,
  pageOf,
  picture,
  portalUrl,
} from './support/browser.mjs';

const VERIFIER = path.resolve(
  import.meta.dirname,
  '../../packages/audit-verify/bin/audit-verify.js',
);
const ELIN = 'user:default/elin.marklund';

const RULES = `@id("inquiry")
@reason("There is an inquiry about order NH-10257. Ask Customer Care.")
forbid(principal, action, resource == Tool::"tool:default/orders.find_order")
when { context.args.orderId == "NH-10257" };
`;

let browser;
let page;
let problems;
let folder;
let portal;
let run;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'agent-portal-audit-'));
  portal = new Portal(portalUrl);
  run = await portal.run(
    ELIN,
    'agent:default/order-desk',
    'Where is order NH-10257?',
  );
  // A guest may not reach outside; that is refused, and the refusal is an entry.
  await portal
    .ask(
      'user:default/guest',
      'POST',
      '/api/tools/tools/orders.cancel_order/call',
      {
        arguments: { orderId: 'NH-10257', reason: 'I changed my mind.' },
      },
    )
    .catch(() => {});
  browser = await launch();
  ({ page, problems } = await pageOf(browser, 'Priya Raman'));
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The offline verifier, which has the files and nothing of the portal. */
function verify(...args) {
  return new Promise(resolve => {
    execFile(process.execPath, [VERIFIER, ...args], (error, stdout) =>
      resolve({ code: error?.code ?? 0, output: stdout }),
    );
  });
}

/** Waits until the page counts what a rule did; doors tell of it every few seconds. */
function counted(text, words) {
  return comesTo(page, page.url(), text.getByText(words), 80_000);
}

async function download(press) {
  const [saved] = await Promise.all([page.waitForEvent('download'), press()]);
  const file = path.join(folder, saved.suggestedFilename());
  await saved.saveAs(file);
  return file;
}

test('opens the audit log from the navigation and filters it', async () => {
  await page.getByRole('link', { name: 'Audit' }).first().click();
  // What belongs to one run is laid together.
  await page.getByRole('row').nth(2).waitFor();
  await picture(page, '40-audit');
  await page.getByRole('button', { name: /Type/ }).click();
  await page.getByRole('option', { name: /^Tool call/ }).click();
  await page.keyboard.press('Escape');
  await page.waitForURL(/type=tool-call/);
  const row = page.getByRole('row', { name: /for Elin Marklund/ }).first();
  await row.waitFor();
  await picture(page, '41-audit-filtered');
});

test('reads one decision, whose proof the browser verifies', async () => {
  await page
    .getByRole('row', { name: /for Elin Marklund/ })
    .first()
    .getByRole('button')
    .click();
  const panel = page.getByRole('complementary', { name: 'Entry' });
  await panel.getByRole('heading', { name: /Elin Marklund/ }).waitFor();
  await panel.getByText('Verified in this browser').waitFor();
  await panel.getByText(/sealed in the tree head over/).waitFor();
  await picture(page, '42-audit-entry');
});

test('reads what was decided in a run', async () => {
  await page.goto(`${portalUrl}/audit/entries?record=${run.id}`);
  const record = page.getByRole('region', { name: 'Record of the run' });
  await record
    .getByText(/called the tool/)
    .first()
    .waitFor();
  await record
    .getByText(/called the model/)
    .first()
    .waitFor();
  await picture(page, '43-audit-run-record');
});

test('exports the whole log and verifies it offline', async () => {
  await page.goto(`${portalUrl}/audit/entries`);
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog');
  const keys = await download(() =>
    dialog.getByRole('button', { name: 'Save keys.json' }).click(),
  );
  const exported = await download(() =>
    dialog.getByRole('button', { name: 'Save the export' }).click(),
  );
  await dialog.getByText(/audit\.jsonl was saved/).waitFor();
  await picture(page, '44-audit-export');

  const intact = await verify(exported, '--keys', keys);
  assert.equal(intact.code, 0, intact.output);
  assert.match(intact.output, /^Intact: \d+ entries of the whole log/);

  const text = await readFile(exported, 'utf8');
  assert.match(text, /"action":"tool\.call"/);
  const forged = path.join(folder, 'forged.jsonl');
  await writeFile(
    forged,
    text.replace('"action":"tool.call"', '"action":"tool.list"'),
  );
  const damaged = await verify(forged, '--keys', keys);
  assert.equal(damaged.code, 1, damaged.output);
  assert.match(damaged.output, /DAMAGED/);
});

test('tries rules on recorded calls, lets them log, and enforces them', async () => {
  await page.goto(`${portalUrl}/audit/rules`);
  await page.getByRole('button', { name: 'Write rules' }).click();
  await page.getByRole('textbox', { name: /Name/ }).fill('one-order');
  await page.getByRole('textbox', { name: /Rules in Cedar/ }).fill(RULES);
  await page.getByRole('button', { name: 'Try it on them' }).click();
  const trial = page.getByRole('region', { name: 'Try it on recorded calls' });
  await trial.getByText(/^Would have refused [1-9]\d* of \d+ calls/).waitFor();
  await trial.getByText('{"orderId":"NH-10257"}').first().waitFor();
  await picture(page, '48-rules-tried');

  const change = async (press, confirm, why) => {
    await page.getByRole('button', { name: press }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Why/ }).fill(why);
    await dialog.getByRole('button', { name: confirm, exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
  };
  await change('Save, log only', 'Only log', 'To see what it would refuse');
  const text = page.getByRole('region', { name: 'one-order' });
  await text.getByText('Log only').waitFor();
  // It lets the call through, and the page counts it within seconds.
  const ask = () =>
    portal.run(ELIN, 'agent:default/order-desk', 'Where is order NH-10257?');
  // Doors have new rules within two seconds.
  await page.waitForTimeout(2_500);
  await ask();
  await counted(text, /would have refused 1 call/);
  await change('Enforce', 'Enforce', 'It refuses what it should');
  await text.getByText('Enforced').waitFor();
  await page.waitForTimeout(2_500);
  await ask();
  await counted(text, /refused \d+ calls?, would have refused/);
  await picture(page, '49-rules-enforced');
  // The stories after this one ask for the order too.
  await change('Only log', 'Only log', 'The inquiry is over');
});

test('sets a hold, which keeps a person from being erased', async () => {
  await page.goto(`${portalUrl}/audit/keeping`);
  await page.getByRole('button', { name: 'Set a hold' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: /Why/ }).fill('Inquiry 2026-11');
  await form.getByRole('combobox', { name: /Person/ }).fill('Elin');
  await page.getByRole('option', { name: /Elin Marklund/ }).click();
  await form.getByRole('button', { name: 'Set the hold' }).click();
  await page.getByRole('row', { name: /Inquiry 2026-11/ }).waitFor();

  const erase = page.getByRole('region', { name: 'Erase a person' });
  await erase.getByRole('combobox', { name: /Person/ }).fill('Elin');
  await page.getByRole('option', { name: /Elin Marklund/ }).click();
  await erase.getByRole('button', { name: 'Erase …' }).click();
  const question = page.getByRole('dialog');
  await question.getByRole('textbox', { name: /Why/ }).fill('Asked by letter');
  await question
    .getByRole('textbox', { name: /Type/ })
    .fill(ELIN.split('/').pop());
  await question.getByRole('button', { name: /for ever/ }).click();
  await question.getByText(/legal hold is on/).waitFor();
  await picture(page, '45-audit-hold');
  // What the browser says of the 409 is what was asked for.
  problems.splice(
    0,
    problems.length,
    ...problems.filter(problem => !problem.includes('409')),
  );
});

test('members see what is theirs, in the dark on a narrow screen; guests are told whom to ask', async () => {
  const elin = await pageOf(browser, 'Elin Marklund', {
    width: 800,
    height: 1000,
    theme: 'dark',
  });
  await elin.page.goto(`${portalUrl}/runs/${run.id}`);
  await elin.page.getByRole('link', { name: 'What was decided' }).click();
  await elin.page
    .getByRole('region', { name: 'Record of the run' })
    .getByText(/called the tool/)
    .first()
    .waitFor();
  await elin.page.goto(`${portalUrl}/audit/entries?run=${run.id}`);
  await elin.page.getByRole('row').nth(2).waitFor();
  await picture(elin.page, '46-audit-dark-800');
  assert.equal(
    await elin.page.getByRole('button', { name: 'Export' }).count(),
    0,
  );

  const guest = await pageOf(browser);
  assert.equal(
    await guest.page.getByRole('link', { name: 'Audit' }).count(),
    0,
  );
  await guest.page.goto(`${portalUrl}/audit`);
  await guest.page
    .getByText(/The audit log is not for you to read\. Ask /)
    .waitFor();
  await picture(guest.page, '47-audit-guest');
  assert.deepEqual([...problems, ...elin.problems, ...guest.problems], []);
});
