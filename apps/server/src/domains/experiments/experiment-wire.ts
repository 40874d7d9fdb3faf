import type { Experiment } from '@stead/contracts'
import { some } from '../runs/run-wire.ts'

/** Experiments as MLflow's protocol writes them. */
export const experimentOut = (experiment: Experiment) => ({
  experiment_id: String(experiment.id),
  name: experiment.name,
  artifact_location: experiment.artifactLocation,
  lifecycle_stage: experiment.lifecycle,
  last_update_time: Date.parse(experiment.updatedAt),
  creation_time: Date.parse(experiment.createdAt),
  ...some(
    'tags',
    Object.entries(experiment.tags).map(([key, value]) => ({ key, value })),
  ),
})

/** By name or number; what is none of them means what is said by nothing. */
export function lifecycleIn(view: unknown): 'active' | 'deleted' | 'all' {
  if (view === 'DELETED_ONLY' || view === 2 || view === '2') return 'deleted'
  return view === 'ALL' || view === 3 || view === '3' ? 'all' : 'active'
}
