import { useEffect, useState } from 'react'

/** What was typed for a deployment: kept per tab of the browser, so that no reload loses it. */
export interface Typed {
  readonly mode: 'form' | 'json' | 'csv'
  readonly texts: Readonly<Record<string, string>>
  readonly json: string
  readonly csv: string
  /** Versions to ask, and `routed`; undefined until somebody chose. */
  readonly ask: readonly string[] | undefined
  readonly key: string
}

const NOTHING: Typed = { mode: 'form', texts: {}, json: '', csv: '', ask: undefined, key: '' }

export function useTyped(project: string, deployment: string): [Typed, (change: Partial<Typed>) => void] {
  const place = `stead.try.${project}.${deployment}`
  const [typed, setTyped] = useState(() => read(place))
  useEffect(() => {
    try {
      sessionStorage.setItem(place, JSON.stringify(typed))
    } catch {
      // A full or forbidden storage loses it with the page, no earlier.
    }
  }, [place, typed])
  return [typed, (change) => setTyped((before) => ({ ...before, ...change }))]
}

function read(place: string): Typed {
  try {
    return { ...NOTHING, ...(JSON.parse(sessionStorage.getItem(place) ?? '{}') as Partial<Typed>) }
  } catch {
    return NOTHING
  }
}
