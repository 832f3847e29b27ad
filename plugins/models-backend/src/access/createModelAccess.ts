import {
  costReadPermission,
  modelReadPermission,
  modelUsePermission,
} from '@agentportal/plugin-models-common';
import type {
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { ModelSummaries } from '../api/ModelSummaries';
import { ModelDecisions } from './ModelDecisions';
import { modelResourceRef, modelRules } from './modelRules';

/** Tells the permission framework of models, and decides about them. */
export function createModelAccess(options: {
  summaries: ModelSummaries;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}): ModelDecisions {
  const { permissionsRegistry, summaries } = options;
  permissionsRegistry.addResourceType({
    resourceRef: modelResourceRef,
    permissions: [modelReadPermission, modelUsePermission],
    rules: Object.values(modelRules),
    getResources: async refs => refs.map(ref => summaries.find(ref)),
  });
  permissionsRegistry.addPermissions([costReadPermission]);
  return new ModelDecisions(options);
}
