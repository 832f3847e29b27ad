import { createFrontendModule } from '@backstage/frontend-plugin-api';
import {
  FormFieldBlueprint,
  createFormField,
  scaffolderTemplateOutputsBlueprint,
} from '@backstage/plugin-scaffolder-react/alpha';
import { AgentCreated } from './created/AgentCreated';
import { wordsOf } from './translation';

const modelPicker = FormFieldBlueprint.make({
  name: 'agent-model-picker',
  params: {
    field: async () => {
      const { AgentModelPicker, modelSchema } = await import(
        './models/AgentModelPicker'
      );
      return createFormField({
        name: 'AgentModelPicker',
        component: AgentModelPicker,
        schema: modelSchema,
        validation: (value, field, { apiHolder }) => {
          if (!value) {
            field.addError(wordsOf(apiHolder)('model.missing'));
          }
        },
      });
    },
  },
});

const toolPicker = FormFieldBlueprint.make({
  name: 'agent-tool-picker',
  params: {
    field: async () => {
      const { AgentToolPicker, toolsSchema } = await import(
        './tools/AgentToolPicker'
      );
      return createFormField({
        name: 'AgentToolPicker',
        component: AgentToolPicker,
        schema: toolsSchema,
      });
    },
  },
});

const memberPicker = FormFieldBlueprint.make({
  name: 'agent-member-picker',
  params: {
    field: async () => {
      const { AgentMemberPicker, membersSchema } = await import(
        './members/AgentMemberPicker'
      );
      return createFormField({
        name: 'AgentMemberPicker',
        component: AgentMemberPicker,
        schema: membersSchema,
      });
    },
  },
});

const autonomyPicker = FormFieldBlueprint.make({
  name: 'agent-autonomy-picker',
  params: {
    field: async () => {
      const { AgentAutonomyPicker, autonomySchema } = await import(
        './autonomy/AgentAutonomyPicker'
      );
      return createFormField({
        name: 'AgentAutonomyPicker',
        component: AgentAutonomyPicker,
        schema: autonomySchema,
      });
    },
  },
});

const namePicker = FormFieldBlueprint.make({
  name: 'agent-name-picker',
  params: {
    field: async () => {
      const [{ AgentNamePicker, nameSchema }, { validateAgentName }] =
        await Promise.all([
          import('./name/AgentNamePicker'),
          import('./name/validateAgentName'),
        ]);
      return createFormField({
        name: 'AgentNamePicker',
        component: AgentNamePicker,
        schema: nameSchema,
        validation: validateAgentName,
      });
    },
  },
});

const preview = FormFieldBlueprint.make({
  name: 'agent-preview',
  params: {
    field: async () => {
      const { AgentPreview, previewSchema } = await import(
        './preview/AgentPreview'
      );
      return createFormField({
        name: 'AgentPreview',
        component: AgentPreview,
        schema: previewSchema,
      });
    },
  },
});

/** Of the portal's golden paths, which say which agent they made. */
const created = scaffolderTemplateOutputsBlueprint.make({
  name: 'agent-created',
  params: {
    component: AgentCreated,
    templateRefs: [
      'template:default/conversational-agent',
      'template:default/scheduled-agent',
      'template:default/multi-agent-team',
    ],
  },
});

/**
 * The form fields of the golden paths for agents: `AgentNamePicker`,
 * `AgentModelPicker`, `AgentToolPicker`, `AgentMemberPicker`, `AgentAutonomyPicker`,
 * `AgentPreview`; and what is shown when one has ended.
 *
 * @public
 */
export const scaffolderModuleAgents = createFrontendModule({
  pluginId: 'scaffolder',
  extensions: [
    modelPicker,
    toolPicker,
    memberPicker,
    autonomyPicker,
    namePicker,
    preview,
    created,
  ],
});
