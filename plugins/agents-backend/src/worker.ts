/**
 * Entry of the processes that read what people wrote: rules, see `RuleWorkers`, and forms,
 * see `FormWorkers`.
 *
 * @packageDocumentation
 */
import { checkForm, type FormTask } from './approvals/checkForm';
import { type RuleTask, runRuleTask } from './rules/runRuleTask';

/** Runs one task. */
export default function runTask(task: RuleTask | FormTask) {
  return 'form' in task ? checkForm(task) : runRuleTask(task);
}
