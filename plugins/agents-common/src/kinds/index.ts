export * from './apiVersion';
export * from './riskTier';
export * from './agentAnnotations';
export * from './AgentEntity';
export * from './AgentTrigger';
export * from './ToolEntity';
export * from './ModelEntity';
