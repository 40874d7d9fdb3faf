import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pythonWith } from '../../dev/conformance/python.ts'
import { freePort, startPlatform } from '../../dev/laws/platform.ts'
import { startPostgres } from '../../dev/services/postgres.ts'
import type { Counted, Sample } from '../load.ts'
import { residentBytes } from '../processes.ts'
import { shown } from '../report.ts'
import type { Target } from '../report.ts'
import { median, quantile } from '../statistics.ts'
import type { BenchCase } from './bench-case.ts'
import { COLUMNS, rowOf } from './rounds.ts'

const API = '/api/2.0/mlflow'
/** What the reference server did on two cores where it cannot be installed, in requests and metrics a second, and seconds. */
const ANCHORS = { batch10: 81, batch1000: 5_700, firstThousand: 3.1, all: 62 }
const RUNS = { quick: 4_000, full: 20_000 }
/** The reference server refuses more at once: its pool of connections to SQLite ends at fifteen. */
const CONNECTIONS = 8

interface Server {
  readonly name: string
  readonly port: number
  readonly pids: readonly number[]
  stop(): Promise<void>
}

/** Logging and searching over MLflow's protocol: the same requests to this server, on both of its databases, and to the
 *  reference server where Python has it. */
export const tracking: BenchCase = async (generator, { rounds, warmMs, countMs, quick }) => {
  const servers = [await embedded(), ...(await onPostgres()), ...(await reference())]
  const rows: string[][] = []
  const searches: string[][] = []
  const targets: Target[] = []
  const logged = new Map<string, { ten: Counted[]; thousand: Counted[] }>()
  try {
    for (const server of servers) {
      const run = await createRun(server, '0')
      const measure = (size: number, round: number, warm = warmMs) =>
        generator.run({
          protocol: 'rest',
          port: server.port,
          path: `${API}/runs/log-batch`,
          connections: CONNECTIONS,
          pids: server.pids,
          requests: batches(run, size, round),
          warmMs: warm,
          // A thousand metrics take the reference server seconds.
          countMs: server.name === 'MLflow' ? countMs * 5 : countMs,
        })
      const counted = { ten: [] as Counted[], thousand: [] as Counted[] }
      try {
        await measure(10, -1, 1_500)
        for (let round = 0; round < rounds; round++) {
          counted.ten.push(await measure(10, round))
          counted.thousand.push(await measure(1_000, round))
        }
      } catch (error) {
        // On SQLite the reference server refuses what comes while it is busy: then what was recorded stands for it.
        if (server.name !== 'MLflow') throw error
        continue
      }
      logged.set(server.name, counted)
      rows.push(
        rowOf(`${server.name}, 10 metrics`, counted.ten),
        rowOf(`${server.name}, 1 000 metrics`, counted.thousand),
      )
    }
    const peer = logged.get('MLflow')
    const perSecond = (counted: readonly Counted[]) => median(counted.map((one) => one.perSecond))
    const floor = peer
      ? { ten: perSecond(peer.ten), thousand: perSecond(peer.thousand) * 1_000 }
      : { ten: ANCHORS.batch10, thousand: ANCHORS.batch1000 }
    const against = peer ? 'MLflow in this run' : 'MLflow as recorded'
    for (const [name, counted] of logged) {
      if (name === 'MLflow') continue
      targets.push(
        times(`log-batch of 10 metrics on ${name}, to ${against}`, perSecond(counted.ten) / floor.ten, 15),
        times(
          `log-batch of 1 000 metrics on ${name}, to ${against}`,
          (perSecond(counted.thousand) * 1_000) / floor.thousand,
          8,
        ),
      )
    }
    const count = quick ? RUNS.quick : RUNS.full
    for (const server of servers) {
      if (server.name === 'MLflow') continue
      const found = await search(server, count)
      searches.push([server.name, shown(found.first), shown(found.all), shown(found.filtered), shown(found.grown)])
      targets.push(
        times(
          `first 1 000 of ${count} runs on ${server.name}, to MLflow as recorded`,
          ANCHORS.firstThousand / found.first,
          15,
        ),
        times(
          `all ${count} runs on ${server.name}, to MLflow as recorded for as many`,
          (ANCHORS.all * count) / RUNS.full / found.all,
          15,
        ),
        {
          says: `filter and order, p95, on ${server.name}`,
          figure: found.filtered,
          bound: 100,
          better: 'less',
          unit: 'ms',
        },
        {
          says: `growth by a file up and down, on ${server.name}`,
          figure: found.grown,
          bound: 50,
          better: 'less',
          unit: 'MB',
        },
      )
    }
    return {
      title: 'Logging and searching runs',
      about:
        `Over MLflow’s protocol with ${CONNECTIONS} connections; every batch is new. Runs have 20 metrics, 20 params and 5 tags. ` +
        'Where MLflow is not measured, it was recorded on a machine of the same size.',
      targets,
      tables: [
        { columns: ['log-batch', ...COLUMNS.slice(1)], rows },
        {
          columns: ['', 'first 1 000, s', 'all, s', 'filter and order, p95, ms', 'growth by a large file, MB'],
          rows: searches,
        },
      ],
    }
  } finally {
    for (const server of servers) await server.stop()
  }
}

const times = (says: string, figure: number, bound: number): Target => ({
  says,
  figure,
  bound,
  better: 'more',
  unit: '×',
})

async function embedded(env: Record<string, string> = {}, name = 'the embedded database'): Promise<Server> {
  const platform = await startPlatform({ runners: 0, env })
  const { pid } = platform.server
  return { name, port: Number(new URL(platform.url).port), pids: [pid], stop: () => platform.stop() }
}

async function onPostgres(): Promise<Server[]> {
  const postgres = await startPostgres()
  if ('missing' in postgres) return []
  const server = await embedded({ STEAD_DATABASE_URL: await postgres.createDatabase() }, 'PostgreSQL')
  return [
    {
      ...server,
      async stop() {
        await server.stop()
        await postgres.stop()
      },
    },
  ]
}

/** The reference server with a file of SQLite, four workers, as it comes. */
async function reference(): Promise<Server[]> {
  const found = await pythonWith(['mlflow==3.17.2', 'lightgbm', 'skl2onnx', 'onnxruntime'])
  if ('missing' in found) return []
  const home = await mkdtemp(join(tmpdir(), 'stead-bench-mlflow-'))
  const port = await freePort()
  const store = ['--backend-store-uri', `sqlite:///${home}/mlflow.db`, '--artifacts-destination', join(home, 'files')]
  const child = spawn(found.python, ['-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', `${port}`, ...store], {
    cwd: home,
    stdio: 'ignore',
    detached: true,
  })
  const stop = async () => {
    const ended = new Promise((resolve) => child.once('close', resolve))
    process.kill(-child.pid!, 'SIGKILL')
    await ended
    await rm(home, { recursive: true, force: true })
  }
  for (let look = 0; look < 600; look++) {
    const isUp = await fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isUp) return [{ name: 'MLflow', port, pids: [child.pid!], stop }]
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await stop()
  return []
}

async function post<T>({ port }: Server, path: string, body: object): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${port}${API}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, 300)}`)
  return (await answer.json()) as T
}

async function createRun(server: Server, experiment: string): Promise<string> {
  const { run } = await post<{ run: { info: { run_id: string } } }>(server, 'runs/create', {
    experiment_id: experiment,
    start_time: Date.now(),
  })
  return run.info.run_id
}

/** Enough that none comes twice within a round. */
function batches(run: string, size: number, round: number): Sample[] {
  const count = size >= 1_000 ? 400 : 8_000
  return Array.from({ length: count }, (_, batch) => {
    const step = (round + 2) * 1_000_000 + batch
    const metrics = Array.from({ length: size }, (__, at) => ({
      key: `m${at % 100}`,
      value: Math.sin(step + at),
      timestamp: 1_700_000_000_000 + step,
      step: step * 10 + Math.floor(at / 100),
    }))
    return { body: Buffer.from(JSON.stringify({ run_id: run, metrics })) }
  })
}

async function search(server: Server, count: number) {
  const { experiment_id: experiment } = await post<{ experiment_id: string }>(server, 'experiments/create', {
    name: `of ${count}`,
  })
  await seed(server, experiment, count)
  const page = (token?: string, max_results = 1_000) =>
    post<{ runs: object[]; next_page_token?: string }>(server, 'runs/search', {
      experiment_ids: [experiment],
      max_results,
      page_token: token,
    })
  await page()
  const first = await seconds(() => page())
  const all = await seconds(async () => {
    let found = 0
    for (let token: string | undefined; ;) {
      const { runs, next_page_token } = await page(token)
      found += runs.length
      if (!next_page_token) break
      token = next_page_token
    }
    if (found !== count) throw new Error(`${found} of ${count} runs were found`)
  })
  const asked = Array.from({ length: 200 }, (_, at) => ({
    body: Buffer.from(
      JSON.stringify({
        experiment_ids: [experiment],
        filter: `metrics.m3 > ${(at % 90) / 100} and params.p5 = '${at % 7}'`,
        order_by: ['metrics.m7 DESC'],
        max_results: 100,
      }),
    ),
  }))
  const times: number[] = []
  for (const { body } of asked) {
    const began = performance.now()
    await post(server, 'runs/search', JSON.parse(body.toString()) as object)
    times.push(performance.now() - began)
  }
  return {
    first,
    all,
    filtered: quantile(Float64Array.from(times).sort(), 0.95),
    grown: await growthByFile(server, experiment),
  }
}

async function seconds(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return (performance.now() - began) / 1_000
}

async function seed(server: Server, experiment: string, count: number): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next < count) {
        const at = next++
        const { run } = await post<{ run: { info: { run_id: string } } }>(server, 'runs/create', {
          experiment_id: experiment,
          start_time: 1_700_000_000_000 + at,
          tags: [0, 1, 2, 3].map((tag) => ({ key: `t${tag}`, value: `${(at * (tag + 1)) % 11}` })),
        })
        await post(server, 'runs/log-batch', {
          run_id: run.info.run_id,
          metrics: Array.from({ length: 20 }, (_, key) => ({
            key: `m${key}`,
            value: Math.abs(Math.sin(at * (key + 1))),
            timestamp: 1_700_000_000_000 + at,
            step: 0,
          })),
          params: Array.from({ length: 20 }, (_, key) => ({ key: `p${key}`, value: `${(at + key) % (key + 2)}` })),
        })
      }
    }),
  )
}

const FILE_MB = 256

async function growthByFile({ port, pids }: Server, experiment: string): Promise<number> {
  const url = `http://127.0.0.1:${port}/api/2.0/mlflow-artifacts/artifacts/${experiment}/large.bin`
  const block = Buffer.alloc(2 ** 20, 7)
  const size = FILE_MB * block.length
  const before = residentBytes(pids[0]!)
  let most = before
  const watch = setInterval(() => (most = Math.max(most, residentBytes(pids[0]!))), 20)
  try {
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent++ < FILE_MB) controller.enqueue(block)
        else controller.close()
      },
    })
    const put = await fetch(url, {
      method: 'PUT',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/octet-stream' },
    } as RequestInit)
    if (!put.ok) throw new Error(`the file was refused: ${put.status} ${await put.text()}`)
    let got = 0
    for await (const chunk of (await fetch(url)).body!) got += chunk.length
    if (got !== size) throw new Error(`${got} of ${size} bytes came back`)
  } finally {
    clearInterval(watch)
  }
  return (most - before) / 1e6
}
