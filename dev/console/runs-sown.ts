export interface SownRun {
  readonly id: string
  readonly name: string
  log(metric: string, value: number, step: number): Promise<void>
}

const STEPS = 50

/** Sows an experiment by MLflow's own protocol, as a client of it would: a run that made and registered a model, and two
 *  parts of it, the last of which has not ended. */
export async function sow(
  url: string,
  name = 'weather-spring',
): Promise<{ experiment: string; runs: readonly SownRun[]; model: string }> {
  const client = mlflowAt(url)
  const { experiment_id: experiment } = await client.post<{ experiment_id: string }>('experiments/create', { name })
  const runs: SownRun[] = []
  for (const number of [0, 1, 2]) runs.push(await sowRun(client, experiment, number, runs[0]?.id))
  const model = `model-of-${name.replaceAll(' ', '-')}`
  await sowModel(client, experiment, runs[0]!.id, model)
  return { experiment, runs, model }
}

type Mlflow = ReturnType<typeof mlflowAt>

/** MLflow's protocol, as bare as its clients speak it; what is refused is thrown. */
export function mlflowAt(url: string) {
  const asked = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}/api/2.0/${path}`, init)
    const text = await response.text()
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
    return text
  }
  const json = async <T>(method: string, path: string, body: object) =>
    JSON.parse(
      await asked(`mlflow/${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    ) as T
  return {
    post: <T>(path: string, body: object) => json<T>('POST', path, body),
    patch: <T>(path: string, body: object) => json<T>('PATCH', path, body),
    put: (uri: string, path: string, body: string) =>
      asked(`mlflow-artifacts/artifacts/${uri.replace(/^mlflow-artifacts:\/*/, '')}/${path}`, { method: 'PUT', body }),
  }
}

const pairs = (given: Readonly<Record<string, string>>) => Object.entries(given).map(([key, value]) => ({ key, value }))

async function sowRun(client: Mlflow, experiment: string, number: number, parent?: string): Promise<SownRun> {
  const begun = Date.now() - 3_600_000
  const name = `gbt-spring-${number + 1}`
  const { run } = await client.post<{ run: { info: { run_id: string; artifact_uri: string } } }>('runs/create', {
    experiment_id: experiment,
    run_name: name,
    start_time: begun,
    user_id: 'ines',
    tags: pairs({
      'mlflow.source.name': 'train.py',
      'mlflow.source.git.commit': '3f8c1e0b7a9d4c2e5f60718293a4b5c6d7e8f901',
      'stead.git.difference': number === 0 ? 'sha256:9f2c41d0' : 'none',
      team: 'weather',
      ...(parent === undefined
        ? { 'mlflow.note.content': '# Gradient-boosted trees\n\nTrained on the winter.' }
        : { 'mlflow.parentRunId': parent }),
    }),
  })
  const { run_id: id, artifact_uri: uri } = run.info
  const isLast = number === 2
  const metrics = Array.from({ length: isLast ? 2 : STEPS }, (_, step) => [
    { key: 'val/loss', value: 1 / (1 + step), step, timestamp: begun + step * 1000 },
    { key: 'val/f1', value: 0.8 - 0.5 / (1 + step + number), step, timestamp: begun + step * 1000 },
    { key: 'system/cpu_utilization_percentage', value: 40 + step, step, timestamp: begun + step * 1000 },
  ]).flat()
  await client.post('runs/log-batch', {
    run_id: id,
    metrics: [...metrics, { key: 'test_accuracy', value: 0.8 + number / 100, step: 0, timestamp: begun }],
    params: pairs({ depth: String(4 + number), lr: '0.02', seed: '7' }),
  })
  await sowDataset(client, id)
  await client.put(uri, 'params.json', JSON.stringify({ depth: 4 + number }))
  await client.put(uri, 'scores.csv', 'station,f1\nKSEA,0.8\n')
  if (number === 0) await client.put(uri, 'model/MLmodel', mlmodelOf(id))
  if (!isLast) await client.post('runs/update', { run_id: id, status: 'FINISHED', end_time: begun + 60_000 })
  return {
    id,
    name,
    log: async (key, value, step) => {
      await client.post('runs/log-batch', { run_id: id, metrics: [{ key, value, step, timestamp: Date.now() }] })
    },
  }
}

const sowDataset = (client: Mlflow, run: string) =>
  client.post('runs/log-inputs', {
    run_id: run,
    datasets: [
      {
        tags: pairs({ 'mlflow.data.context': 'training' }),
        dataset: {
          name: 'weather',
          digest: 'd0',
          source_type: 'http',
          source: '{"url": "https://example.org/weather.csv"}',
          schema: JSON.stringify({ mlflow_colspec: [{ type: 'double', name: 'temp', required: true }] }),
          profile: '{"num_rows": 70128}',
        },
      },
    ],
  })

async function sowModel(client: Mlflow, experiment: string, run: string, name: string): Promise<void> {
  const { model } = await client.post<{ model: { info: { model_id: string; artifact_uri: string } } }>(
    'logged-models',
    {
      experiment_id: experiment,
      name: 'weather',
      model_type: 'sklearn',
      source_run_id: run,
      params: pairs({ depth: '4' }),
    },
  )
  const { model_id: id, artifact_uri: uri } = model.info
  await client.put(uri, 'MLmodel', mlmodelOf(run))
  await client.patch(`logged-models/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' })
  await client.post('runs/outputs', { run_id: run, models: [{ model_id: id, step: 0 }] })
  await client.post('registered-models/create', { name })
  await client.post('model-versions/create', { name, source: `models:/${id}`, run_id: run, model_id: id })
}

const mlmodelOf = (run: string) => `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
mlflow_version: 3.1.0
run_id: ${run}
signature:
  inputs: '[{"type": "double", "name": "temp", "required": true}]'
  outputs: '[{"type": "string", "required": true}]'
`
