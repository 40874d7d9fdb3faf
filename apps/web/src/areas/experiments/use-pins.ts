import type { ExperimentId, RunId } from '@stead/contracts'
import { RunId as RunIdOf } from '@stead/contracts'
import { useCallback, useMemo, useState } from 'react'

const MOST = 20
const keyOf = (project: string, experiment: ExperimentId) => `stead.pins.${project}.${experiment}`

/** Runs that stay above the others, as long as this browser remembers. */
export function usePins(project: string, experiment: ExperimentId) {
  const key = keyOf(project, experiment)
  const [changed, setChanged] = useState(0)
  const pins = useMemo(() => {
    void changed
    return read(key)
  }, [key, changed])
  const toggle = useCallback(
    (run: RunId) => {
      const before = read(key)
      const after = before.includes(run) ? before.filter((one) => one !== run) : [...before, run].slice(-MOST)
      localStorage.setItem(key, JSON.stringify(after))
      setChanged((count) => count + 1)
    },
    [key],
  )
  return { pins, toggle }
}

function read(key: string): readonly RunId[] {
  try {
    return RunIdOf.array().parse(JSON.parse(localStorage.getItem(key) ?? '[]'))
  } catch {
    return []
  }
}
