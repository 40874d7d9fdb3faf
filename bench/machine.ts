import { execFile } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Conditions } from './report.ts'

/** Processes that wanted a core at the start: others than ours, when nothing has been measured yet. */
const [loadAtStart = 0] = loadavg()

/** What the figures were measured on. */
export async function conditions(quick: boolean): Promise<Conditions> {
  const all = cpus()
  const python = await promisify(execFile)('python3', ['--version']).then(
    ({ stdout }) => `, ${stdout.trim()}`,
    () => '',
  )
  const ort = await versionOf('onnxruntime-node')
  const grpc = await versionOf('@grpc/grpc-js')
  return {
    machine: `${all[0]?.model.trim() ?? 'an unknown processor'}, ${all.length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, load average ${loadAtStart.toFixed(1)} before it began`,
    versions: `Node ${process.versions.node}, onnxruntime-node ${ort}, grpc-js ${grpc}${python}`,
    date: new Date().toISOString().slice(0, 10),
    quick,
  }
}

async function versionOf(name: string): Promise<string> {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version
}
