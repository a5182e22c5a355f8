import { describe, expect, test } from 'vitest';
import { freeGib, satisfies } from './storage-pools.js';

const pool = {
  volume_backend_name: 'LVM_iscsi',
  storage_protocol: 'iSCSI',
  multiattach: true,
  thin_provisioning_support: true,
  iops: 5000,
  qos: { tier: 'gold' },
  goodness_function: null,
};

describe('a type is offered by a pool that has what its extra specs ask for', () => {
  test.each([
    [{}, true, 'it asks for nothing'],
    [{ volume_backend_name: 'lvm_ISCSI' }, true, 'words are compared without regard to case'],
    [{ volume_backend_name: 'ceph' }, false, 'another backend'],
    [{ multiattach: '<is> True' }, true, ''],
    [{ multiattach: '<is> False' }, false, ''],
    [{ multiattach: 'true' }, true, 'a boolean without an operator'],
    [{ iops: '>= 5000' }, true, ''],
    [{ iops: '= 6000' }, false, '= means at least'],
    [{ iops: '!= 5000' }, false, ''],
    [{ storage_protocol: '<or> nfs <or> iscsi' }, true, ''],
    [{ storage_protocol: '<or> nfs <or> ceph' }, false, ''],
    [{ storage_protocol: '<in> scsi' }, true, ''],
    [{ storage_protocol: 's== iscsi' }, true, ''],
    [{ 'capabilities:qos:tier': 'gold' }, true, 'a nested capability'],
    [{ 'capabilities:qos:colour': 'red' }, false, ''],
    [{ 'netapp:mirrored': 'true' }, true, 'what is scoped is for the driver'],
    [{ goodness_function: 'x' }, false, 'what is null is not there'],
    [{ iops: '>= 1', volume_backend_name: 'ceph' }, false, 'all of them must hold'],
  ])('%j: %s %s', (specs, offered, _why) => expect(satisfies(pool, specs as Record<string, string>)).toBe(offered));
});

describe('free GiB of a pool', () => {
  const thick = { total_capacity_gb: 100, free_capacity_gb: 40, reserved_percentage: 10 };
  const thin = { ...thick, thin_provisioning_support: true, max_over_subscription_ratio: '20.0' };
  test.each([
    [thick, 30, 'what is held back counts as used'],
    [{ ...thin, provisioned_capacity_gb: 60 }, 600, 'a thin pool may promise more than it has'],
    [{ ...thin, provisioned_capacity_gb: 1990 }, 10, 'until that is promised too'],
    [{ ...thin, max_over_subscription_ratio: 'auto' }, 30, 'a ratio that is not known yet promises nothing more'],
    [{ free_capacity_gb: 'infinite', total_capacity_gb: 'infinite' }, Infinity, ''],
    [{ free_capacity_gb: 'unknown', total_capacity_gb: 0 }, Infinity, ''],
    [{ total_capacity_gb: 100 }, 0, 'one that says nothing has nothing'],
  ])('%j: %d %s', (room, free, _why) => expect(freeGib(room)).toBe(free));
});
