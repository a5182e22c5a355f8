/**
 * External networks are seen by every tenant: through the cascade those of all sites, at a site its own. Those of the sites
 * that are not compared are nobody's while answers are.
 */
import { assert, eventually } from '../checks.js';
import type { CloudClient } from '../cloud-client.js';
import { sites } from '../lab.js';

interface Rule {
  readonly id: string;
  readonly project_id: string;
  readonly object_id: string;
  readonly target_tenant: string;
}

const others = sites.slice(1);

/** @returns what shows them again */
export async function hideOtherExternalNetworks(tenant: CloudClient<'network'>): Promise<() => Promise<void>> {
  const hidden: { show(): Promise<void>; network: string }[] = [];
  const showAll = async (): Promise<void> => {
    for (const { show } of hidden.splice(0)) await show();
  };
  for (const site of others) {
    const rules = `${site.roots.network}/rbac-policies`;
    const external = `${rules}?action=access_as_external`;
    const { body } = await site.call<{ rbac_policies: Rule[] }>('GET', external, undefined, '');
    // To the owner alone: hidden by a run that was killed, which this one makes good.
    const open = body.rbac_policies.filter(({ target_tenant: to, project_id: owner }) => to === '*' || to === owner);
    for (const { id, project_id: owner, object_id: network } of open) {
      const showTo = async (target_tenant: string): Promise<void> => {
        const { status } = await site.call('PUT', `${rules}/${id}`, { rbac_policy: { target_tenant } }, '');
        assert(status === 200, `external network ${network}, shown to ${target_tenant}: ${status}`);
      };
      hidden.push({ network, show: () => showTo('*') });
      await showTo(owner);
    }
  }
  await eventually('the cascade shows no external network of another site', 90, async () => {
    const { body } = await tenant.call<{ networks: { id: string }[] }>(
      'GET',
      `${tenant.roots.network}/networks`,
      undefined,
      '',
    );
    return !body.networks.some(({ id }) => hidden.some(({ network }) => network === id));
  }).catch(async (error: unknown) => {
    await showAll();
    throw error;
  });
  return showAll;
}
