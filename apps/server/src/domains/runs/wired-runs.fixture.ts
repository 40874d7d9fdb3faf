import type { MlflowWire } from '../../mlflow/wire.fixture.ts'

/** A run as MLflow's clients read it. */
export interface WiredRun {
  info: Record<string, unknown> & { run_id: string }
  data: {
    metrics?: { key: string; value: number | string; timestamp: number; step: number }[]
    params?: { key: string; value: string }[]
    tags?: { key: string; value: string }[]
  }
  inputs: Record<string, unknown>
  outputs: Record<string, unknown>
}

/** Runs of the experiment that is always there. */
export function runsOver(wire: MlflowWire) {
  const create = async (more: object = {}) =>
    (await wire.post('runs/create', { experiment_id: '0', start_time: 17, ...more })).body.run as unknown as WiredRun
  const get = async (id: string) => (await wire.get('runs/get', { run_id: id })).body.run as unknown as WiredRun
  return {
    create,
    get,
    start: async () => (await create()).info.run_id,
    tagsOf: async (id: string) =>
      Object.fromEntries((await get(id)).data.tags?.map(({ key, value }) => [key, value]) ?? []),
  }
}
