import { createContext, useCallback, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { useKeys } from '../ui/keys.ts'

/** Something a person can do on the page that is open: listed in the palette, and on its key. */
export interface Act {
  readonly id: string
  readonly label: string
  /** A single letter, as in ui/keys.ts. */
  readonly key?: string
  readonly icon?: ReactNode
  /** Why not now: it is listed with this reason. */
  readonly because?: string | undefined
  readonly run: () => void
}

interface Registry {
  readonly acts: readonly Act[]
  readonly put: (id: number, acts: readonly Act[] | undefined) => void
}

const Context = createContext<Registry>({ acts: [], put: () => {} })
let nextId = 0

export function ActsProvider({ children }: { children: ReactNode }) {
  const [all, setAll] = useState<ReadonlyMap<number, readonly Act[]>>(new Map())
  // Always the same, or everyone who puts would put again.
  const put = useCallback<Registry['put']>(
    (id, acts) =>
      setAll((before) => {
        const after = new Map(before)
        if (acts) after.set(id, acts)
        else after.delete(id)
        return after
      }),
    [],
  )
  const registry = useMemo<Registry>(
    // The innermost page's acts come first.
    () => ({ acts: [...all.entries()].toSorted(([a], [b]) => b - a).flatMap(([, acts]) => acts), put }),
    [all, put],
  )
  return <Context value={registry}>{children}</Context>
}

/** Offers acts while the component is on the screen. */
export function useActs(acts: readonly Act[]): void {
  const { put } = useContext(Context)
  const id = useRef(0)
  const current = useRef(acts)
  useLayoutEffect(() => {
    current.current = acts
  })
  // Their looks decide whether they are listed anew; what they do is always that of the newest rendering.
  const looks = acts.map(({ id: act, label, key, because }) => [act, label, key, because].join('\n')).join('\n\n')
  useEffect(() => {
    id.current = ++nextId
    return () => put(id.current, undefined)
  }, [put])
  useEffect(() => {
    const listed = current.current.map((act) => ({
      ...act,
      run: () => current.current.find((one) => one.id === act.id)?.run(),
    }))
    put(id.current, listed)
  }, [put, looks])
  useKeys(
    Object.fromEntries(
      acts.flatMap(({ key, because, run }) => (key && because === undefined ? [[key, () => run()]] : [])),
    ),
  )
}

export const useListedActs = (): readonly Act[] => useContext(Context).acts
