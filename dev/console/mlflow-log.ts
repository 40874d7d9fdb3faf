import { mlflowAt } from './runs-sown.ts'

/** Logs over MLflow's protocol, as the clients do. */
export function mlflow(url: string) {
  const { post: call } = mlflowAt(url)
  const listed = (values: Readonly<Record<string, string | number>>) =>
    Object.entries(values).map(([key, value]) => ({ key, value }))
  return {
    experiment: async (name: string): Promise<string> =>
      (await call<{ experiment_id: string }>('experiments/create', { name })).experiment_id,
    async run(
      experiment: string,
      name: string,
      {
        metrics = {},
        params = {},
        tags = {},
        at = Date.now(),
        status = 'FINISHED',
      }: {
        metrics?: Record<string, number | string>
        params?: Record<string, string>
        tags?: Record<string, string>
        at?: number
        status?: string
      } = {},
    ): Promise<string> {
      const { run } = await call<{ run: { info: { run_id: string } } }>('runs/create', {
        experiment_id: experiment,
        run_name: name,
        start_time: at,
        tags: listed(tags),
      })
      const id = run.info.run_id
      await call('runs/log-batch', {
        run_id: id,
        metrics: listed(metrics).map((metric) => ({ ...metric, timestamp: at, step: 4 })),
        params: listed(params),
      })
      if (status !== 'RUNNING') await call('runs/update', { run_id: id, status, end_time: at + 60_000 })
      return id
    },
    metric: (run: string, key: string, value: number, step: number) =>
      call('runs/log-metric', { run_id: run, key, value, step, timestamp: Date.now() }),
  }
}
