/** `GET /os-hypervisors/statistics`, the sum over all hosts of a Nova. Memory in MiB, disk in GiB. */
export interface HypervisorStatistics {
  readonly count: number;
  readonly vcpus: number;
  readonly vcpus_used: number;
  readonly memory_mb: number;
  readonly memory_mb_used: number;
  readonly free_ram_mb: number;
  readonly local_gb: number;
  readonly local_gb_used: number;
  readonly free_disk_gb: number;
  readonly disk_available_least: number;
  readonly current_workload: number;
  readonly running_vms: number;
}
