export * from './apiVersion';
export * from './riskTier';
export * from './AgentEntity';
export * from './ToolEntity';
export * from './ModelEntity';
