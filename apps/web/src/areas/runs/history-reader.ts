import { metricHistory } from '@stead/contracts'
import type { ProjectName, RunId } from '@stead/contracts'
import type { Client } from '@stead/sdk'
import type { Series } from './history.ts'

interface Asked {
  readonly project: ProjectName
  readonly runs: readonly RunId[]
  readonly points: number
  readonly afterStep: number | undefined
}

type ReadHistory = (asked: Asked, metric: string) => Promise<readonly Series[]>

interface Waiting {
  readonly asked: Asked
  readonly metrics: Map<string, { resolve: (series: readonly Series[]) => void; reject: (error: unknown) => void }[]>
}

/** Charts that come into sight together ask in one breath. */
const GATHER_MS = 15
const METRICS_AT_ONCE = 25

/** Reads histories of metrics; what is asked for at nearly the same time goes out as one request. */
export function createHistoryReader(client: Pick<Client, 'call'>): ReadHistory {
  const waiting = new Map<string, Waiting>()

  async function send({ asked: { project, runs, points, afterStep }, metrics }: Waiting): Promise<void> {
    const names = [...metrics.keys()]
    for (let from = 0; from < names.length; from += METRICS_AT_ONCE) {
      const some = names.slice(from, from + METRICS_AT_ONCE)
      try {
        const { series } = await client.call(metricHistory, {
          params: { project },
          body: { runs: [...runs], metrics: some, points, ...(afterStep === undefined ? {} : { afterStep }) },
        })
        for (const name of some) {
          const own = series.filter(({ metric }) => metric === name)
          for (const { resolve } of metrics.get(name)!) resolve(own)
        }
      } catch (error) {
        for (const name of some) for (const { reject } of metrics.get(name)!) reject(error)
      }
    }
  }

  return (asked, metric) =>
    new Promise((resolve, reject) => {
      const key = `${asked.project} ${asked.points} ${asked.afterStep} ${asked.runs.join()}`
      let own = waiting.get(key)
      if (!own) {
        own = { asked, metrics: new Map() }
        waiting.set(key, own)
        const gathered = own
        setTimeout(() => {
          waiting.delete(key)
          void send(gathered)
        }, GATHER_MS)
      }
      own.metrics.set(metric, [...(own.metrics.get(metric) ?? []), { resolve, reject }])
    })
}
