import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stead } from '../../apps/cli/src/fake-terminal.fixture.ts'
import { type ScratchServer, startScratchServer } from '../../apps/server/src/scratch-server.fixture.ts'
import { freePort, run, startServer, untilListening } from '../services/children.ts'
import { leaveOut } from '../services/left-out.ts'
import { pythonWith } from './python.ts'

/** The reference server itself, filled by its own client, and what is told of it before and after an import. */
const found = await pythonWith(['mlflow==3.17.2', 'lightgbm', 'skl2onnx', 'onnxruntime'])
if ('missing' in found) leaveOut('import from a real MLflow server', found.missing)

type Told = Readonly<Record<string, unknown>>

describe.skipIf('missing' in found)('everything that a real MLflow server keeps', () => {
  const python = 'python' in found ? found.python : ''
  let home = ''
  let source = ''
  let reference: ReturnType<typeof startServer>
  let target: ScratchServer
  let filled: { readonly run: string; readonly models: readonly string[] }

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'stead-mlflow-'))
    const port = await freePort()
    const kept = ['--backend-store-uri', `sqlite:///${home}/mlflow.db`, '--artifacts-destination', join(home, 'files')]
    const listens = ['--host', '127.0.0.1', '--port', `${port}`, '--workers', '1']
    reference = startServer(python, ['-m', 'mlflow', 'server', ...listens, ...kept], { cwd: home })
    target = await startScratchServer()
    await untilListening(port, reference)
    source = `http://127.0.0.1:${port}`
    const fill = fileURLToPath(new URL('./clients/mlflow_fill.py', import.meta.url))
    const { stdout } = await run(python, [fill, source], { cwd: home })
    filled = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as typeof filled
  }, 240_000)
  afterAll(async () => {
    // Its workers end with it.
    await reference?.stop('SIGTERM')
    await target?.close()
    await rm(home, { recursive: true, force: true })
  })

  const take = async () => {
    const asked = ['import', 'mlflow', source, '--state', join(home, 'state.jsonl'), '--json']
    const { code, stdout, stderr } = await stead(asked, { env: { STEAD_URL: target.url } })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout) as Told
  }
  const ask = async (server: string, path: string, body?: object): Promise<Told> => {
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await fetch(`${server}/api/${path}`, body === undefined ? {} : sent)
    expect(answer.ok, `${path}: ${answer.status}`).toBe(true)
    // Nanoseconds are more than a number holds: some servers tell them as numbers, others as texts.
    return JSON.parse((await answer.text()).replaceAll(/(?<=: ?)(-?\d{16,})(?=[,\s}])/g, '"$1"')) as Told
  }
  const experimentOf = async (server: string) => {
    const { experiment } = await ask(server, '2.0/mlflow/experiments/get-by-name?experiment_name=things')
    return (experiment as { experiment_id: string }).experiment_id
  }

  test('comes over, once', async () => {
    const taken = {
      experiment: 2,
      run: 1,
      metric: 2,
      'logged model': 2,
      trace: 2,
      'evaluation set': 1,
      model: 1,
      version: 1,
    }
    expect(await take()).toMatchObject({ taken, left: [] })
    const known = { run: 1, 'logged model': 2, trace: 2, 'evaluation set': 1, version: 1 }
    expect(await take()).toMatchObject({ taken: { run: 0, trace: 0, 'logged model': 0 }, known, left: [] })
  })

  test('logged models are told as there, and their files are the same', async () => {
    for (const id of filled.models) {
      const [there, here] = await Promise.all(
        [source, target.url].map(async (server) => {
          const { model } = await ask(server, `2.0/mlflow/logged-models/${id}`)
          const { info, data } = model as { info: Told; data?: Told }
          const { tags, experiment_id: _, artifact_uri: __, registrations: ___, ...same } = info
          const known = (tags as { key: string; value: string }[]).filter(({ key }) => key !== 'mlflow.modelVersions')
          return { ...same, data, tags: known.toSorted((one, other) => (one.key < other.key ? -1 : 1)) }
        }),
      )
      expect(here).toEqual(there)
    }
    const listed = await Promise.all(
      [source, target.url].map(async (server) => {
        const folder = `${await experimentOf(server)}/models/${filled.models[0]}/artifacts`
        const { files } = await ask(server, `2.0/mlflow-artifacts/artifacts?path=${folder}`)
        return files
      }),
    )
    expect(listed[1]).toEqual(listed[0])
  })

  test('traces are told as there, every span to the nanosecond', async () => {
    const [there, here] = await Promise.all([source, target.url].map(tracesOf))
    expect(here).toEqual(there)
    expect(here).toHaveLength(2)
  })

  async function tracesOf(server: string): Promise<object[]> {
    const at = { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: await experimentOf(server) } }
    const { traces } = await ask(server, '3.0/mlflow/traces/search', { locations: [at] })
    return Promise.all(
      (traces as { trace_id: string; assessments: Told[]; tags: Told; trace_metadata: Told }[]).map(async (trace) => {
        const { trace: whole } = await ask(server, `3.0/mlflow/traces/get?trace_id=${trace.trace_id}`)
        const { 'mlflow.artifactLocation': _, ...tags } = trace.tags
        return {
          ...trace,
          trace_location: null,
          tags,
          assessments: trace.assessments.map(({ assessment_name, source: by, feedback, rationale, create_time }) => ({
            assessment_name,
            by,
            feedback,
            rationale,
            create_time,
          })),
          spans: (whole as { spans: Told[] }).spans.map(toldOf),
        }
      }),
    )
  }

  test('sets for evaluations have their records', async () => {
    const recordsOf = async (server: string) => {
      const { datasets } = await ask(server, '3.0/mlflow/datasets/search', {})
      const [{ dataset_id: id }] = datasets as [{ dataset_id: string }]
      const { records } = await ask(server, `3.0/mlflow/datasets/${id}/records`)
      const all = JSON.parse(records as string) as Told[]
      return all.map(({ inputs, expectations = {} }) => JSON.stringify({ inputs, expectations })).toSorted()
    }
    expect(await recordsOf(target.url)).toEqual(await recordsOf(source))
  })

  test('its own client loads the model from here', async () => {
    const lines = [
      'import mlflow, sys',
      'mlflow.set_tracking_uri(sys.argv[1])',
      'print(mlflow.pyfunc.load_model("models:/things/1").predict([1, 2]))',
    ]
    const { stdout } = await run(python, ['-c', lines.join('\n'), target.url], { cwd: home })
    expect(stdout.trim().split('\n').at(-1)).toBe('[1, 2]')
  })
})

/** Spans without what the two servers write in ways of their own: empty lists, and codes by name or number. */
function toldOf(span: Told): object {
  const text = JSON.stringify(span, (key, value: unknown) => {
    if (key === 'code') return typeof value === 'string' ? ['UNSET', 'OK', 'ERROR'].indexOf(value.slice(12)) : value
    if (key === 'int_value') return String(value)
    if (Array.isArray(value) && value.length === 0) return undefined
    return value
  })
  return JSON.parse(text) as object
}
