import { readFile, statfs } from 'node:fs/promises'
import { cpus, freemem, loadavg, totalmem } from 'node:os'

const MEGABYTE = 1e6

/** Measures the machine every so often, under the names that MLflow uses, and the process itself. What the operating
 *  system does not tell is left out. */
export function watchMachine(
  everyMs: number,
  onSample: (metrics: Record<string, number>, sample: number) => void,
): () => void {
  let before = { processors: processorTimes(), network: readNetwork() }
  let sample = 0
  let ended = false
  const take = async () => {
    const now = { processors: processorTimes(), network: readNetwork() }
    const metrics = {
      ...processorMetrics(before.processors, now.processors),
      ...memoryMetrics(),
      ...(await diskMetrics()),
      ...networkMetrics(await before.network, await now.network),
    }
    before = now
    if (!ended) onSample(metrics, sample++)
  }
  // A measurement that fails is one that is missing.
  const timer = setInterval(() => void take().catch(() => {}), everyMs)
  // Whoever has nothing more to do than to be measured is done.
  timer.unref()
  return () => {
    ended = true
    clearInterval(timer)
  }
}

interface Times {
  readonly idle: number
  readonly all: number
}

function processorTimes(): Times {
  const times = cpus().map((processor) => processor.times)
  const sum = (of: (time: (typeof times)[number]) => number) => times.reduce((total, time) => total + of(time), 0)
  return { idle: sum(({ idle }) => idle), all: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq) }
}

function processorMetrics(before: Times, now: Times): Record<string, number> {
  const all = now.all - before.all
  const used = all > 0 ? 100 * (1 - (now.idle - before.idle) / all) : 0
  const [load = 0] = loadavg()
  return {
    'system/cpu_utilization_percentage': round(used),
    ...(process.platform === 'win32' ? {} : { 'system/load_average_1m': round(load) }),
  }
}

function memoryMetrics(): Record<string, number> {
  const total = totalmem()
  const used = total - freemem()
  return {
    'system/system_memory_usage_megabytes': round(used / MEGABYTE),
    'system/system_memory_usage_percentage': round((100 * used) / total),
    'system/process_memory_usage_megabytes': round(process.memoryUsage.rss() / MEGABYTE),
  }
}

async function diskMetrics(): Promise<Record<string, number>> {
  const disk = await statfs(process.cwd()).catch(() => undefined)
  if (!disk || disk.blocks === 0) return {}
  const total = disk.blocks * disk.bsize
  const available = disk.bavail * disk.bsize
  const used = total - disk.bfree * disk.bsize
  return {
    'system/disk_usage_megabytes': round(used / MEGABYTE),
    'system/disk_usage_percentage': round((100 * used) / total),
    'system/disk_available_megabytes': round(available / MEGABYTE),
  }
}

interface Network {
  readonly received: number
  readonly sent: number
}

/** Of all interfaces but the one to itself, where Linux tells. */
async function readNetwork(): Promise<Network | undefined> {
  const text = await readFile('/proc/net/dev', 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const counts = text.split('\n').flatMap((line) => {
    const [, name, rest] = /^\s*([^:]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined || name === 'lo' || rest === undefined) return []
    const fields = rest.split(/\s+/).map(Number)
    return [{ received: fields[0] ?? 0, sent: fields[8] ?? 0 }]
  })
  return counts.reduce((sum, { received, sent }) => ({ received: sum.received + received, sent: sum.sent + sent }), {
    received: 0,
    sent: 0,
  })
}

function networkMetrics(before: Network | undefined, now: Network | undefined): Record<string, number> {
  if (!before || !now) return {}
  return {
    'system/network_receive_megabytes': round((now.received - before.received) / MEGABYTE),
    'system/network_transmit_megabytes': round((now.sent - before.sent) / MEGABYTE),
  }
}

const round = (value: number) => Math.round(value * 1000) / 1000
