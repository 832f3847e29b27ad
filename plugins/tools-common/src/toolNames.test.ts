import { gatewayToolName, toolNamesOf } from './toolNames';

describe('names of tools', () => {
  it.each([
    ['api:default/orders', 'find_order', 'orders.find_order'],
    ['api:claims/crm', 'find', 'claims.crm.find'],
    ['api:default/crm', 'crm:find', 'crm.crm-find'],
    ['api:default/crm', 'find order', 'crm.find-order'],
    ['API:Default/CRM', 'findOrder', 'crm.findOrder'],
  ])('calls the tool of %s that is named "%s" %s', (server, tool, name) => {
    expect(toolNamesOf(server, tool).name).toBe(name);
  });

  it.each([
    'find_order',
    'crm:find',
    'find order',
    'findOrder',
    'x'.repeat(90),
  ])('finds the name of "%s" from its ref alone', tool => {
    for (const server of ['api:default/crm', 'api:claims/crm']) {
      const { ref, name } = toolNamesOf(server, tool);
      expect(gatewayToolName(ref)).toBe(name.toLowerCase());
    }
  });
});
