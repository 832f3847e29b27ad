/** What the other fields of the golden path hold, as far as fields look at each other. */
export interface AgentForm {
  title?: string;
  name?: string;
  description?: string;
  owner?: string;
  model?: string;
  autonomy?: string;
  tools?: string[];
  monthlyBudgetUsd?: number;
  maxCostPerRunUsd?: number;
  publishTo?: string;
}

/**
 * The whole form, as the scaffolder hands it to its fields. It is empty where
 * a field is shown alone, as in the editor of custom fields.
 */
export function formOf(props: { formContext?: unknown }): AgentForm {
  const context = props.formContext as { formData?: AgentForm } | undefined;
  return context?.formData ?? {};
}
