/** What to try next, printed once the cascade is there. */
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { urlOf, type Config } from '../config.js';
import { cloudNames } from './clouds-yaml.js';
import { stateDirOf, type SimulatedSite } from './simulated-sites.js';

/**
 * Four commands that work as they stand: with the `openstack` client where it is installed, with `curl` where it is not.
 * @param zones availability zones of this cascade
 * @param simulated those of them that are clouds of this process
 */
export async function firstSteps(
  config: Config,
  cloudsYaml: string,
  zones: readonly string[],
  simulated: readonly SimulatedSite[],
): Promise<string> {
  const commands = (await isInstalled('openstack'))
    ? withOpenStack(cloudsYaml, zones[0] ?? '')
    : withCurl(config, zones[0] ?? '');
  const title = `Cascade is ready at ${urlOf(config)}/identity/v3, with ${zones.length} availability zones: ${zones.join(', ')}.`;
  return [
    '',
    title,
    'Try next:',
    '',
    ...commands.map((command) => `  ${command}`),
    '',
    notes(config, cloudsYaml, simulated),
    '',
  ].join('\n');
}

const notes = (config: Config, cloudsYaml: string, simulated: readonly SimulatedSite[]): string =>
  [
    `Passwords: ${cloudsYaml}. Something to look at: npm run cascade -- demo`,
    ...(simulated.length > 0
      ? [
          `These clouds are simulated: ${simulated.map(({ name, url }) => `${name} at ${url}`).join(', ')}.`,
          `What is made in them is kept in ${stateDirOf(config)}.`,
        ]
      : []),
    'Clouds of your own: npm run cascade -- site add --help',
  ].join('\n');

function withOpenStack(cloudsYaml: string, zone: string): string[] {
  const cloud = `--os-cloud ${cloudNames.demo}`;
  return [
    `export OS_CLIENT_CONFIG_FILE=${cloudsYaml}`,
    `openstack ${cloud} availability zone list`,
    `openstack ${cloud} server create --availability-zone ${zone} --flavor m1.tiny --image cirros-0.6.2 --wait web1`,
    `openstack ${cloud} server list --long`,
  ];
}

/** The token is fetched by the first command; the others use it. */
function withCurl(config: Config, zone: string): string[] {
  const url = urlOf(config);
  const file = join(config.dataDir, 'demo-password');
  const login =
    `{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"demo","domain":{"id":"default"},"password":"'"$(cat ${file})"'"}}},` +
    `"scope":{"project":{"name":"demo","domain":{"id":"default"}}}}}`;
  const get = 'curl -s -H "X-Auth-Token: $TOKEN"';
  const server = `{"server":{"name":"web1","availability_zone":"${zone}","flavorRef":"1","imageRef":"'"$IMAGE"'"}}`;
  return [
    `TOKEN=$(curl -si ${url}/identity/v3/auth/tokens -H 'Content-Type: application/json' -d '${login}' | sed -n 's/^x-subject-token: //Ip' | tr -d '\\r')`,
    `${get} ${url}/compute/v2.1/os-availability-zone`,
    `IMAGE=$(${get} "${url}/image/v2/images?limit=1" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/'); ${get} -H 'Content-Type: application/json' ${url}/compute/v2.1/servers -d '${server}'`,
    `${get} ${url}/compute/v2.1/servers/detail`,
  ];
}

async function isInstalled(command: string): Promise<boolean> {
  const places = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const found = await Promise.all(
    places.map((place) =>
      access(join(place, command)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.some(Boolean);
}
