/**
 * Microversions: two numbers that say which variant of an API is meant. How a request asks for one is in
 * `microversion-header.ts`.
 * @see https://specs.openstack.org/openstack/api-wg/guidelines/microversion_specification.html
 */
export interface Microversion {
  readonly major: number;
  readonly minor: number;
}

export function parseMicroversion(text: string): Microversion | undefined {
  const found = /^(\d+)\.(\d+)$/.exec(text.trim());
  return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
}

export const formatMicroversion = (version: Microversion): string => `${version.major}.${version.minor}`;

/** True where `version` is `floor` or newer: `atLeast(asked.microversion, '2.47')`. */
export function atLeast(version: Microversion | undefined, floor: string): boolean {
  const wanted = parseMicroversion(floor);
  if (!version || !wanted) return false;
  return version.major > wanted.major || (version.major === wanted.major && version.minor >= wanted.minor);
}

/** The older of two versions in text form. */
export function older(a: string, b: string): string {
  return atLeast(parseMicroversion(a), b) ? b : a;
}
