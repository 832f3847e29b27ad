export type { AgentFieldProps } from './AgentFieldProps';
export { AgentPreviewCard } from './AgentPreviewCard';
export { AutonomyField } from './AutonomyField';
export { FormFieldFrame } from './FormFieldFrame';
export { ModelField } from './ModelField';
export { ToolsField } from './ToolsField';
