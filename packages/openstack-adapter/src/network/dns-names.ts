/** Names of hosts and domains. @see openstack/neutron-lib:neutron_lib/api/validators/dns.py */
import { invalidValue } from './faults.js';
import { text, type Reader } from './readers.js';

const longest = 255;

/** Why it is no name, fully qualified or not; undefined where it is one. */
function fault(name: string): string | undefined {
  const trimmed = name.endsWith('.') ? name.slice(0, -1) : name;
  if (trimmed.length > longest) return `'${trimmed}' exceeds the ${longest} character FQDN limit`;
  const labels = trimmed.split('.');
  for (const label of labels) {
    if (label === '') return 'Encountered an empty component';
    if (label.startsWith('-') || label.endsWith('-')) return `Name '${label}' must not start or end with a hyphen`;
    if (!/^[a-zA-Z0-9-]{1,63}$/.test(label)) {
      return `Name '${label}' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen`;
    }
  }
  const last = labels.at(-1)!;
  return labels.length > 1 && /^\d+$/.test(last) ? `TLD '${last}' must not be all numeric` : undefined;
}

function checked(value: string, name: string): string {
  const reason = value === '' ? undefined : fault(value);
  if (reason !== undefined) throw invalidValue(name, `'${value}' not a valid PQDN or FQDN. Reason: ${reason}`);
  return value;
}

export const dnsName: Reader = (value, name) => checked(text()(value, name) as string, name);

/** Fully qualified: with a dot at its end. */
export const dnsDomain: Reader = (value, name) => {
  const domain = text()(value, name) as string;
  if (domain !== '' && !domain.endsWith('.')) throw invalidValue(name, `'${domain}' is not a FQDN`);
  return checked(domain, name);
};

/** A floating IP's name is relative to its domain. */
export const relativeDnsName: Reader = (value, name) => {
  const given = text()(value, name) as string;
  if (given.endsWith('.')) throw invalidValue(name, `'${given}' is a FQDN. It should be a relative domain name`);
  return checked(given, name);
};
