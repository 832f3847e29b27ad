import { PermissionDecisions } from '@agentportal/plugin-agents-node';
import {
  managementViewPermission,
  modelReadPermission,
  modelUsePermission,
} from '@agentportal/plugin-models-common';
import type {
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import type { ModelSummaries } from '../api/ModelSummaries';
import { type ModelResource, modelResourceRef, modelRules } from './rules';

/** Tells the permission framework of models, and decides about them. */
export function createModelAccess(options: {
  summaries: ModelSummaries;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}): PermissionDecisions<ModelResource> {
  const { permissions, permissionsRegistry, summaries } = options;
  permissionsRegistry.addResourceType({
    resourceRef: modelResourceRef,
    permissions: [modelReadPermission, modelUsePermission],
    rules: Object.values(modelRules),
    getResources: async refs => refs.map(ref => summaries.find(ref)),
  });
  permissionsRegistry.addPermissions([managementViewPermission]);
  return new PermissionDecisions({
    permissions,
    permissionsRegistry,
    resourceRef: modelResourceRef,
  });
}
