/** Two fake sites. They keep no time and have no faults of their own: what happens to them happens at the border. */
import { randomBytes } from 'node:crypto';
import { FakeKeystone, FakeSite } from '../fake-cloud.js';
import { Border } from './border.js';
import type { CloudsUnderTest, SiteUnderTest } from './clouds.js';
import { OpenStackApi } from './openstack-api.js';

const operator = { username: 'cascade', password: 'correct horse', projectName: 'admin' };

export async function startFakeClouds(names: readonly string[]): Promise<CloudsUnderTest> {
  const keystone = new FakeKeystone();
  await keystone.server.start();
  const keystoneBorder = new Border(keystone.server.url);
  await keystoneBorder.open();
  const [project, adminProject, operatorId] = ['', '', ''].map(() => randomBytes(16).toString('hex')) as [
    string,
    string,
    string,
  ];
  keystone.users.set(operator.username, {
    id: operatorId,
    password: operator.password,
    projectId: adminProject,
    roles: ['admin'],
  });
  const adminLogin = { token: keystone.issue({ roles: ['admin'], projectId: adminProject }), projectId: adminProject };
  const memberLogin = { token: keystone.issue({ roles: ['member'], projectId: project }), projectId: project };
  const admin = () => Promise.resolve(adminLogin);
  const fakes: FakeSite[] = [];
  const sites = await Promise.all(
    names.map(async (name): Promise<SiteUnderTest> => {
      const fake = new FakeSite(keystone, `Region-${name}`);
      fakes.push(fake);
      fake.pageSize = 40;
      await fake.server.start();
      const border = new Border(fake.server.url);
      await border.open();
      keystone.sites.push({ region: fake.region, server: border });
      return {
        name,
        region: fake.region,
        authUrl: keystoneBorder.url,
        border,
        imageId: '',
        insideFault: () => undefined,
        direct: new OpenStackApi(() => fake.server.url, admin),
      };
    }),
  );
  return {
    sites,
    knowGroups: false,
    keystone: keystoneBorder,
    operator,
    admin,
    member: () => Promise.resolve(memberLogin),
    close: async () => {
      await Promise.all(sites.flatMap(({ border, direct }) => [border.close(), direct.close()]));
      await keystoneBorder.close();
      await Promise.all([keystone, ...fakes].map(({ server }) => server.refuse()));
    },
  };
}
