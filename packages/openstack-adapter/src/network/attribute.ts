/** Attributes of Neutron's resources, as data. @see openstack/neutron-lib:neutron_lib/api/definitions */
import { flag, id, integer, text, type Reader } from './readers.js';

export interface Attribute {
  readonly read: Reader;
  /** When it may be given. */
  readonly in: 'create and update' | 'create' | 'update' | 'never';
  /** The extension that lets it be given, too, where it is else only shown. */
  readonly givenWith?: string;
  readonly required?: true;
  /** What it is where nothing was given; what is undefined is left to the collection's rules. */
  readonly byDefault?: unknown;
  readonly adminSets?: true;
  readonly adminSees?: true;
  /** Taken, and shown to nobody. */
  readonly isHidden?: true;
  /** The table in which what it names must be. */
  readonly refersTo?: 'policy' | 'subnetpool';
  readonly filters: boolean;
  readonly sorts: boolean;
  /** The extension that brings it; clouds without it do not know it. */
  readonly alias?: string;
}

export type Attributes = Readonly<Record<string, Attribute>>;

export const attribute = (read: Reader, more: Partial<Attribute> = {}): Attribute => ({
  read,
  in: 'create and update',
  filters: true,
  sorts: true,
  ...more,
});

/** Only shown. */
export const computed = (read: Reader, more: Partial<Attribute> = {}): Attribute =>
  attribute(read, { in: 'never', sorts: false, ...more });

/** What cannot be sorted or filtered by: lists and dictionaries. */
export const structure = (read: Reader, more: Partial<Attribute> = {}): Attribute =>
  attribute(read, { filters: false, sorts: false, ...more });

/** What begins every body. */
export const identity: Attributes = {
  id: attribute(id, { in: 'never' }),
  name: attribute(text(), { byDefault: '' }),
  tenant_id: attribute(text(), { in: 'create', alias: '' }),
};

const stamp = (alias: string, read: Reader = text()): Attribute => computed(read, { filters: false, alias });

/** What ends the bodies of resources with standard attributes. */
export const standard: Attributes = {
  description: attribute(text(), { byDefault: '', sorts: false, alias: 'standard-attr-description' }),
  tags: structure(text(), { in: 'never', alias: 'standard-attr-tag' }),
  created_at: stamp('standard-attr-timestamp'),
  updated_at: stamp('standard-attr-timestamp'),
  revision_number: computed(integer(0), { alias: 'standard-attr-revisions' }),
  project_id: attribute(text(), { in: 'create', alias: 'project-id' }),
};

export const adminStateUp = attribute(flag, { byDefault: true });
export const status = attribute(text(), { in: 'never' });

/** True where a cloud with these extensions has the attribute. */
export const isKnown = ({ alias }: Attribute, extensions: ReadonlySet<string>): boolean =>
  !alias || extensions.has(alias);
