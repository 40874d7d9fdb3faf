import type { DeploymentName, FigureSample } from '@stead/contracts'
import type { EngineLink } from '../engines/link.ts'
import { InferenceFailure } from '../inference/failure.ts'
import { createLane } from './lane.ts'
import type { Lane } from './lane.ts'
import { createMeter } from './meter.ts'
import type { Meter } from './meter.ts'
import type { CounterSample, EngineAddress, ServedDeployment } from './served.ts'
import { compileTable } from './table.ts'
import type { CompiledTable } from './table.ts'

/** The same for one that is not there and one that a caller may not see. */
export const unknownDeployment = (name: string) =>
  new InferenceFailure('not_found', `there is no deployment ${JSON.stringify(name.slice(0, 80))}`)

/** All tables of one front end. A flip replaces one deployment's table by one assignment. */
export interface Switchboard {
  table(name: string): CompiledTable
  names(): string[]
  /** Resolves when the table is in force and the engines it newly names are connected. */
  serve(deployment: ServedDeployment): Promise<void>
  forget(name: DeploymentName): void
  takeFigures(): { samples: FigureSample[]; counters: CounterSample[] }
}

export interface SwitchboardParts {
  connect(address: EngineAddress): Promise<EngineLink>
  wanted(deployment: DeploymentName, key: string): void
  released(engine: string): void
  dice(): number
}

export function createSwitchboard(parts: SwitchboardParts): Switchboard {
  const tables = new Map<string, CompiledTable>()
  const lanes = new Map<string, Lane>()
  // By deployment and version: they outlive lanes, so that what was counted stays counted.
  const meters = new Map<string, Map<number, Meter>>()

  const laneKeys = (deployment: ServedDeployment | undefined) =>
    new Set(deployment?.versions.map((version) => version.key))

  function meterOf(name: string, version: number): Meter {
    const ofDeployment = meters.get(name) ?? new Map<number, Meter>()
    meters.set(name, ofDeployment)
    const meter = ofDeployment.get(version) ?? createMeter()
    ofDeployment.set(version, meter)
    return meter
  }

  function retireAll(before: ServedDeployment | undefined, kept: ReadonlySet<string>): void {
    for (const key of laneKeys(before)) {
      if (kept.has(key)) continue
      lanes.get(key)?.retire()
      lanes.delete(key)
    }
  }

  return {
    table(name) {
      const found = tables.get(name)
      if (!found) throw unknownDeployment(name)
      return found
    },
    names: () => [...tables.keys()],
    async serve(deployment) {
      const before = tables.get(deployment.name)?.served
      const connected = deployment.versions.map((version) => {
        const lane =
          lanes.get(version.key) ??
          createLane(version, meterOf(deployment.name, version.version), {
            connect: parts.connect,
            released: parts.released,
            wanted: (key) => parts.wanted(deployment.name, key),
          })
        lanes.set(version.key, lane)
        return lane.point(version, deployment.table.config.batching.maxQueue, deployment.table.parked === 'load')
      })
      tables.set(deployment.name, compileTable(deployment, lanes, parts.dice))
      retireAll(before, laneKeys(deployment))
      await Promise.all(connected)
    },
    forget(name) {
      const before = tables.get(name)?.served
      tables.delete(name)
      meters.delete(name)
      retireAll(before, new Set())
    },
    takeFigures() {
      const samples: FigureSample[] = []
      const counters: CounterSample[] = []
      for (const [deployment, ofDeployment] of meters) {
        for (const [version, meter] of ofDeployment) {
          const figure = meter.take()
          if (!figure) continue
          samples.push({
            deployment: deployment as DeploymentName,
            version: version as FigureSample['version'],
            figure,
          })
          counters.push({ deployment, version, counters: meter.counters() })
        }
      }
      return { samples, counters }
    },
  }
}
